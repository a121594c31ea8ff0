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
    public static IReadOnlyList<KeyValuePair<string, RemoteFile>>? FilesOf(PathFilter filter, RemoteNode node, string path, bool all = false)
    {
        if (filter.IsAll)
        {
            return FilesOf(node, all);
        }

        return filter.MarkerAmong(node.Files.Select(file => file.Key), node.Folders.Select(folder => folder.Key)) is null
            ? [.. FilesOf(node, all).Where(file => filter.Judge(new FilterItem(path + file.Key, IsFolder: false, file.Value.Size, file.Value.Arrived)).Included)]
            : null;
    }

    /// <summary>The same for everything below a folder, as the index found it.</summary>
    /// <param name="filter">What takes part.</param>
    /// <param name="hits">Files and folders, all that there are.</param>
    public static IEnumerable<IndexHit> FilesOf(PathFilter filter, IReadOnlyList<IndexHit> hits)
    {
        if (filter.IsAll)
        {
            return hits.Where(hit => hit.File is { IsSidecar: false });
        }

        var above = hits.Where(hit => hit.Folder is not null).ToDictionary(hit => hit.Folder!.Id);
        var open = new Dictionary<long, string?>();
        var inside = hits.ToLookup(hit => hit.ParentId);
        return inside.Where(folder => OpenPath(folder.Key) is not null).SelectMany(folder => Chosen(folder, OpenPath(folder.Key)!));

        IEnumerable<IndexHit> Chosen(IEnumerable<IndexHit> here, string path) => here.Where(hit =>
            hit.File is { IsSidecar: false } file && filter.Judge(new FilterItem(path + hit.Path[^1], IsFolder: false, file.Size, file.Arrived)).Included);

        // The folder as the filter sees it; null if it takes no part.
        string? OpenPath(long id)
        {
            if (!open.TryGetValue(id, out var path))
            {
                path = IsMarked(inside[id]) ? null : !above.TryGetValue(id, out var folder) ? "" : BelowOf(OpenPath(folder.ParentId), folder.Path[^1]);
                open[id] = path;
            }

            return path;
        }

        string? BelowOf(string? path, string name) => path is not null && filter.MayHold(path + name) ? path + name + "/" : null;

        bool IsMarked(IEnumerable<IndexHit> here) =>
            filter.MarkerAmong(here.Where(hit => hit.File is not null).Select(hit => hit.Path[^1]), here.Where(hit => hit.File is null).Select(hit => hit.Path[^1])) is not null;
    }
}
