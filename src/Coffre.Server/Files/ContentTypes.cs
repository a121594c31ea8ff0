using Microsoft.AspNetCore.StaticFiles;

namespace Coffre.Server.Files;

/// <summary>The content type of a file, by its name: what the uploader says of it is not asked.</summary>
internal static class ContentTypes
{
    private const string Unknown = "application/octet-stream";
    private static readonly FileExtensionContentTypeProvider Known = new();

    public static string Of(string name) => Known.TryGetContentType(name, out var type) ? type : Unknown;
}
