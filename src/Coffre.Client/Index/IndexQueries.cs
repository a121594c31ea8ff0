using System.Globalization;

namespace Coffre.Client.Index;

/// <summary>Questions that are answered from the index alone.</summary>
internal static class IndexQueries
{
    /// <summary>Files whose name fits. Path parts are added by <see cref="FolderPaths"/>.</summary>
    /// <param name="session">The open index.</param>
    /// <param name="search">What fits.</param>
    /// <param name="range">Where files lie that are looked at.</param>
    /// <param name="limit">Most hits that are read.</param>
    public static List<IndexedFile> FindFiles(IndexSession session, IndexSearch search, FolderRange range, int limit)
    {
        List<(string, object?)> values = [("@first", range.First), ("@last", range.Last)];

        // All that is looked at is in the index of folders, names and sizes; the rows are read for the hits only.
        var where = Conditions(search, values);
        where = search.Checksum is null ? "folder between @first and @last and " + where : where;
        return session.List(
            "select file.folder, file.name, file.size, link, checksum, arrived, type, flags from (select id from file indexed by "
            + (search.Checksum is null ? "file_folder" : "file_mark")
            + $" where {where}) hit cross join file on file.id = hit.id where @sidecar is null or file.name <> @sidecar limit @limit",
            row => new IndexedFile(row.GetInt64(0), IndexTable.FileOf(row, 1)),
            [.. values, ("@sidecar", search.WithSidecars ? null : Sync.Sidecar.FileName), ("@limit", limit)]);
    }

    /// <summary>Ranges of folders that hold about equally many files, in order; one, where there are few.</summary>
    /// <param name="session">The open index.</param>
    /// <param name="least">Files that a range holds at least, but the last.</param>
    /// <param name="most">Ranges, at most.</param>
    public static IReadOnlyList<FolderRange> Parts(IndexSession session, int least, int most)
    {
        var held = session.List("select folder, files from held where files > 0 order by folder", row => (Folder: row.GetInt64(0), Files: row.GetInt64(1)));
        var share = Math.Max(held.Sum(folder => folder.Files) / most, least);
        List<FolderRange> ranges = [];
        var (first, files) = (long.MinValue, 0L);
        foreach (var folder in held)
        {
            files += folder.Files;
            if (files >= share && ranges.Count < most - 1)
            {
                ranges.Add(new FolderRange(first, folder.Folder));
                (first, files) = (folder.Folder + 1, 0);
            }
        }

        return [.. ranges, new FolderRange(first, long.MaxValue)];
    }

    public static List<(long Parent, RemoteFolder Folder)> FindFolders(IndexSession session, IndexSearch search) => session.List(
        "select parent, id, name, created from folder where parent is not null and (@pattern is null or name like @pattern escape '\\') order by parent, name",
        row => (row.GetInt64(0), new RemoteFolder(row.GetInt64(1), row.GetString(2), row.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)))),
        ("@pattern", search.SqlPattern));

    /// <summary>Files and bytes directly in each folder.</summary>
    public static Dictionary<long, (long Files, long Bytes)> Usage(IndexSession session) => session.List(
        "select folder, files, bytes from held where files > 0",
        row => (Id: row.GetInt64(0), Files: row.GetInt64(1), Bytes: row.GetInt64(2))).ToDictionary(row => row.Id, row => (row.Files, row.Bytes));

    /// <summary>Every file whose content may be there more than once: all that are, and some that only were.</summary>
    public static List<IndexedFile> Twins(IndexSession session) => session.List(
        """
        select file.folder, name, file.size, link, checksum, arrived, type, flags
        from twin cross join file indexed by file_mark on file.mark = twin.mark and file.size = twin.size
        """,
        row => new IndexedFile(row.GetInt64(0), IndexTable.FileOf(row, 1)));

    /// <summary>Name and parent of every folder.</summary>
    public static FolderPaths Paths(IndexSession session) => PathsFrom(session, "select id, parent, name from folder");

    /// <summary>Name and parent of some folders, and of all above them.</summary>
    public static FolderPaths PathsOf(IndexSession session, IEnumerable<long> folderIds) => PathsFrom(
        session,
        """
        with recursive up(id, parent, name) as (
            select id, parent, name from folder where id in (select value from json_each(@ids))
            union select folder.id, folder.parent, folder.name from up join folder on folder.id = up.parent)
        select id, parent, name from up
        """,
        ("@ids", $"[{string.Join(',', folderIds.Distinct().Select(id => id.ToString(CultureInfo.InvariantCulture)))}]"));

    private static FolderPaths PathsFrom(IndexSession session, string statement, params ReadOnlySpan<(string, object?)> values) => new(session.List(
        statement,
        row => (Id: row.GetInt64(0), Parent: row.IsDBNull(1) ? (long?)null : row.GetInt64(1), Name: row.GetString(2)),
        values).ToDictionary(row => row.Id, row => (row.Parent, row.Name)));

    private static string Conditions(IndexSearch search, List<(string Name, object? Value)> values)
    {
        List<string> all = [];
        Add(search.SqlPattern, "name like @pattern escape '\\'", "@pattern");
        Add(search.MinSize, "size >= @min", "@min");
        Add(search.MaxSize, "size <= @max", "@max");
        if (search.Checksum is { } checksum)
        {
            var digest = Convert.FromHexString(checksum);
            Add(IndexTable.MarkOf(digest), "mark = @mark", "@mark");
            Add(digest, "checksum = @checksum", "@checksum");
        }

        return all.Count == 0 ? "true" : string.Join(" and ", all);

        void Add(object? value, string condition, string name)
        {
            if (value is not null)
            {
                all.Add(condition);
                values.Add((name, value));
            }
        }
    }
}

/// <summary>Folders whose ids lie between two, both included.</summary>
internal readonly record struct FolderRange(long First, long Last)
{
    public static FolderRange All { get; } = new(long.MinValue, long.MaxValue);
}

/// <param name="FolderId">Where it lies.</param>
/// <param name="File">The file.</param>
internal sealed record IndexedFile(long FolderId, RemoteFile File);

/// <summary>Where folders lie, by id.</summary>
internal sealed class FolderPaths(Dictionary<long, (long? Parent, string Name)> folders)
{
    private readonly Dictionary<long, IReadOnlyList<string>?> _paths = [];

    public long? ParentOf(long folderId) => folders.TryGetValue(folderId, out var folder) ? folder.Parent : null;

    public IEnumerable<long> All => folders.Keys;

    /// <summary>Local names from <paramref name="topId"/> down to the folder; null if it does not lie there.</summary>
    public IReadOnlyList<string>? Find(long folderId, long topId)
    {
        if (folderId == topId)
        {
            return [];
        }

        if (_paths.TryGetValue(folderId, out var known))
        {
            return known;
        }

        var path = folders.TryGetValue(folderId, out var folder) && folder.Parent is { } parent && Find(parent, topId) is { } above
            ? (string[])[.. above, NameEncoding.Decode(folder.Name)]
            : null;
        return _paths[folderId] = path;
    }
}
