namespace Coffre.Client.Index;

/// <summary>What the commands ask of the index, put together from its rows.</summary>
internal static class IndexAnswers
{
    /// <summary>Files of one part, at least: for fewer, another thread costs more than it brings.</summary>
    private const int LeastPart = 50_000;

    private const int MostParts = 4;

    public static IReadOnlyList<IndexHit> Find(IndexStore store, long folderId, IndexSearch search)
    {
        // Below the root everything counts; elsewhere it shows only afterwards which hits do.
        var limit = folderId == RemoteFolder.RootId ? search.Limit : int.MaxValue;
        var (folders, parts) = store.Read(session => (
            search.WantsFilesOnly ? [] : IndexQueries.FindFolders(session, search),
            IndexQueries.Parts(session, LeastPart, Math.Min(Environment.ProcessorCount, MostParts))));

        // All names are looked through, and each thread takes its share of the folders.
        var files = search.Checksum is null
            ? store.ReadAtOnce(parts, (session, part) => IndexQueries.FindFiles(session, search, part, limit)).SelectMany(found => found).Take(limit).ToList()
            : store.Read(session => IndexQueries.FindFiles(session, search, FolderRange.All, limit));
        var paths = store.Read(session => IndexQueries.PathsOf(session, files.Select(file => file.FolderId).Concat(folders.Select(hit => hit.Folder.Id))));
        var hits = from hit in folders
                   let path = paths.Find(hit.Folder.Id, folderId)
                   where path is { Count: > 0 }
                   select new IndexHit(path, null, hit.Folder) { ParentId = hit.Parent };
        return hits.Concat(Located(files, paths, folderId)).Take(search.Limit).ToArray();
    }

    public static IReadOnlyList<IndexHit> FindDuplicates(IndexStore store, long folderId) => store.Read(session =>
        Located(IndexQueries.Twins(session), IndexQueries.Paths(session), folderId)
            .GroupBy(hit => (hit.File!.Checksum, hit.File.Size))
            .Where(group => group.Skip(1).Any())
            .OrderByDescending(group => group.Key.Size)
            .ThenBy(group => group.Key.Checksum, StringComparer.Ordinal)
            .SelectMany(group => group)
            .ToArray());

    public static IReadOnlyList<IndexUsage> Measure(IndexStore store, long folderId, int depth) => store.Read(session =>
    {
        var paths = IndexQueries.Paths(session);
        var own = IndexQueries.Usage(session);
        Dictionary<long, (long Files, long Bytes)> sums = [];
        foreach (var id in paths.All.Where(id => own.ContainsKey(id) && paths.Find(id, folderId) is not null))
        {
            for (long? up = id; up is { } at; up = at == folderId ? null : paths.ParentOf(at))
            {
                var (files, bytes) = sums.GetValueOrDefault(at);
                sums[at] = (files + own[id].Files, bytes + own[id].Bytes);
            }
        }

        return (from id in paths.All
                let path = paths.Find(id, folderId)
                where path is not null && path.Count <= depth && id != folderId
                select new IndexUsage(path, id, sums.GetValueOrDefault(id).Files, sums.GetValueOrDefault(id).Bytes))
            .OrderBy(usage => string.Join('/', usage.Path), StringComparer.Ordinal)
            .Append(new IndexUsage([], folderId, sums.GetValueOrDefault(folderId).Files, sums.GetValueOrDefault(folderId).Bytes))
            .ToArray();
    });

    private static IEnumerable<IndexHit> Located(IEnumerable<IndexedFile> files, FolderPaths paths, long topId) =>
        from file in files
        let path = paths.Find(file.FolderId, topId)
        where path is not null
        select new IndexHit([.. path, NameEncoding.Decode(file.File.Name)], file.File, null) { ParentId = file.FolderId };
}
