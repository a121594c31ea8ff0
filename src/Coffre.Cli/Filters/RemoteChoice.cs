using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Filters;

/// <summary>Which remote files take part: what the filter takes, without the notes that sync keeps, which belong to their folder.</summary>
internal static class RemoteChoice
{
    /// <summary>What a folder shows: without the notes of sync, unless everything is asked for.</summary>
    public static IReadOnlyList<KeyValuePair<string, RemoteFile>> FilesOf(RemoteNode node, bool all = false) =>
        [.. node.Files.Where(file => all || !file.Value.IsSidecar)];

    /// <summary>The files of a folder that take part; null if a marker file leaves the folder out.</summary>
    /// <param name="filter">What takes part.</param>
    /// <param name="node">The folder.</param>
    /// <param name="path">The folder as the filter sees it: empty at the top, else with a slash at its end.</param>
    /// <param name="all">With the notes of sync.</param>
    public static IReadOnlyList<KeyValuePair<string, RemoteFile>>? FilesOf(PathFilter filter, RemoteNode node, string path, bool all = false) =>
        filter.MarkerAmong(node.Files.Select(file => file.Key), node.Folders.Select(folder => folder.Key)) is null
            ? [.. FilesOf(node, all).Where(file => filter.Judge(new FilterItem(path + file.Key, IsFolder: false, file.Value.Size, file.Value.Arrived)).Included)]
            : null;

    /// <summary>The same for everything below a folder, as the index found it.</summary>
    /// <param name="filter">What takes part.</param>
    /// <param name="hits">Files and folders, all that there are.</param>
    public static IEnumerable<IndexHit> FilesOf(PathFilter filter, IReadOnlyList<IndexHit> hits)
    {
        var files = hits.Where(hit => hit.File is { IsSidecar: false });
        if (filter.IsAll)
        {
            return files;
        }

        var inside = hits.ToLookup(hit => FolderOf(hit), StringComparer.Ordinal);
        var open = new Dictionary<string, bool>(StringComparer.Ordinal);
        return files.Where(hit => IsOpen(FolderOf(hit)) && filter.Judge(new FilterItem(string.Join('/', hit.Path), IsFolder: false, hit.File!.Size, hit.File.Arrived)).Included);

        bool IsOpen(string folder)
        {
            if (!open.TryGetValue(folder, out var isOpen))
            {
                var here = inside[folder];
                isOpen = (folder.Length == 0 || (IsOpen(folder[..(folder.TrimEnd('/').LastIndexOf('/') + 1)]) && filter.MayHold(folder.TrimEnd('/'))))
                    && filter.MarkerAmong(here.Where(hit => hit.File is not null).Select(hit => hit.Path[^1]), here.Where(hit => hit.File is null).Select(hit => hit.Path[^1])) is null;
                open[folder] = isOpen;
            }

            return isOpen;
        }
    }

    private static string FolderOf(IndexHit hit) => string.Concat(hit.Path.SkipLast(1).Select(name => name + "/"));
}
