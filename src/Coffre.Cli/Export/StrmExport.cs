using System.Text;
using Coffre.Client;

namespace Coffre.Cli.Export;

/// <summary>A tree of <c>.strm</c> files for media centres: each holds the link of one film or piece of music.</summary>
internal static class StrmExport
{
    private const string Ending = ".strm";
    private const int MostBytes = 240;

    /// <returns>How many files were written.</returns>
    /// <exception cref="IOException">One cannot be written, or lies where another kind of file is.</exception>
    public static int Write(ExportList list, string folder)
    {
        // Systems that do not tell case apart must not let one film replace another.
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var written = 0;
        foreach (var file in list.Media)
        {
            // The names are others': each becomes one harmless name, so that nothing leads out of the folder.
            var below = file.Folders.Aggregate(folder, (above, name) => Path.Combine(above, Shorten(LocalNames.Of(name))));
            Directory.CreateDirectory(below);
            var stem = Shorten(LocalNames.Of(file.Name));
            var path = Path.Combine(below, stem + Ending);
            for (var number = 1; !taken.Add(path); number++)
            {
                path = Path.Combine(below, $"{stem} ({number}){Ending}");
            }

            File.WriteAllText(path, LineExports.OneLine(file.File.Link) + "\n");
            written++;
        }

        return written;
    }

    /// <summary>What a file system takes together with the ending and a number.</summary>
    private static string Shorten(string name)
    {
        while (Encoding.UTF8.GetByteCount(name) > MostBytes)
        {
            name = name[..(name.Length - (char.IsLowSurrogate(name[^1]) ? 2 : 1))];
        }

        return name;
    }
}
