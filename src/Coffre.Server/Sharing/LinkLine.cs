using System.Globalization;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Door;

namespace Coffre.Server.Sharing;

/// <summary>What tools of old read about a link: a line with semicolons.</summary>
internal static class LinkLine
{
    /// <param name="link">As it was asked for.</param>
    /// <param name="file">What was found.</param>
    public static string Of(string link, Outcome<FoundFile> file)
    {
        var shown = Shown(link);
        if (!file.IsFault)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{shown};{file.Value.File.Name.Replace(';', '_')};{file.Value.File.Length}");
        }

        return file.Fault.Code == KoCode.NotFound ? $"{shown};;;NOT FOUND" : $"{shown};;;PRIVATE";
    }

    public static string OfNoLink(string text) => $"{Shown(text)};;;BAD LINK";

    public static Task WriteAsync(HttpResponse response, string lines)
    {
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        return response.WriteAsync(lines);
    }

    private static string Shown(string link) => link.ReplaceLineEndings(" ").Replace(';', '_');
}
