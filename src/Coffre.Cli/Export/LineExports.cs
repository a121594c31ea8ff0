using Coffre.Cli.Output;

namespace Coffre.Cli.Export;

/// <summary>Formats of lines: playlists, and names with their links.</summary>
internal static class LineExports
{
    /// <summary>Extended M3U of films and music.</summary>
    public static void WritePlaylist(ExportList list, TextWriter output)
    {
        output.Write("#EXTM3U\n");
        foreach (var file in list.Media)
        {
            // The length in seconds is not known.
            output.Write($"#EXTINF:-1,{OneLine(file.Name)}\n{OneLine(file.File.Link)}\n");
        }
    }

    /// <summary><c>name: link</c>.</summary>
    public static void WriteLinks(ExportList list, TextWriter output)
    {
        foreach (var file in list.Files)
        {
            output.Write($"{OneLine(file.Path)}: {OneLine(file.File.Link)}\n");
        }
    }

    /// <summary>The text without what would begin a line of its own: a name must not add entries.</summary>
    internal static string OneLine(string text) => TextStyle.Shown(text).Replace('\u2028', ' ').Replace('\u2029', ' ');
}
