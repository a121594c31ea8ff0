using System.Text;
using System.Text.Json;
using Coffre.Server.Door;
using Microsoft.AspNetCore.StaticFiles;

namespace Coffre.Server.Files;

/// <summary>The content type of a file, by its name: what the uploader says of it is not asked.</summary>
internal static class ContentTypes
{
    private const string Unknown = "application/octet-stream";
    private const int MaxExtension = 32;

    private static readonly FileExtensionContentTypeProvider Known = new();

    // Keyed with the dot, in lower case, as bytes in the place of characters.
    private static readonly Dictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> Json =
        Known.Mappings.ToDictionary(static pair => pair.Key.ToLowerInvariant(), static pair => Encode(pair.Value), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly byte[] UnknownJson = Encode(Unknown);

    public static string Of(string name) => Known.TryGetContentType(name, out var type) ? type : Unknown;

    /// <summary>The same of a name in UTF-8, as it stands between quotes in JSON.</summary>
    public static ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> name)
    {
        var dot = name.LastIndexOf((byte)'.');
        var extension = dot < 0 ? default : name[dot..];
        if (extension.IsEmpty || extension.Length > MaxExtension)
        {
            return UnknownJson;
        }

        Span<char> lower = stackalloc char[MaxExtension];
        for (var i = 0; i < extension.Length; i++)
        {
            if (!char.IsAscii((char)extension[i]))
            {
                return Encode(Of(Encoding.UTF8.GetString(name)));
            }

            lower[i] = char.ToLowerInvariant((char)extension[i]);
        }

        return Json.TryGetValue(lower[..extension.Length], out var type) ? type : UnknownJson;
    }

    private static byte[] Encode(string type) => JsonEncodedText.Encode(type, KoWriter.WriterOptions(pretty: false).Encoder).EncodedUtf8Bytes.ToArray();
}
