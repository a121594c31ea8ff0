using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Coffre.Client.Index;

/// <summary>The statements that keep the index true.</summary>
internal static class IndexTable
{
    private const string InsertFile =
        "insert into file (folder, name, size, link, checksum, mark, arrived, type, flags) values (@folder, @name, @size, @link, @checksum, @mark, @arrived, @type, @flags)";

    private const string FileColumns = "name, size, link, checksum, arrived, type, flags";

    // Folders below one, itself included.
    private const string Below = "with recursive below(id) as (select @id union all select folder.id from folder join below on folder.parent = below.id) ";

    /// <summary>What a folder held when it was listed last; null if it never was.</summary>
    public static (FolderListing Listing, DateTimeOffset Listed)? FindListing(IndexSession session, long folderId)
    {
        var found = session.List(
            "select name, listed, unlisted from folder where id = @id and listed is not null",
            row => (Name: row.GetString(0), Listed: row.GetInt64(1), Unlisted: row.GetInt64(2)),
            ("@id", folderId));
        if (found is not [var folder])
        {
            return null;
        }

        var folders = session.List(
            "select id, name, created from folder where parent = @id",
            row => new RemoteFolder(row.GetInt64(0), row.GetString(1), MomentOf(row, 2)),
            ("@id", folderId));
        var files = session.List($"select {FileColumns} from file where folder = @id", row => FileOf(row, 0), ("@id", folderId));
        return (new FolderListing(folderId, folder.Name, folders, files) { Unlisted = folder.Unlisted }, DateTimeOffset.FromUnixTimeMilliseconds(folder.Listed));
    }

    /// <summary>Takes a listing for the truth.</summary>
    public static void Keep(IndexSession session, FolderListing listing, DateTimeOffset listed)
    {
        var there = listing.Folders.Select(folder => folder.Id).ToHashSet();
        foreach (var gone in session.List("select id from folder where parent = @id", row => row.GetInt64(0), ("@id", listing.Id)))
        {
            if (!there.Contains(gone))
            {
                RemoveFolder(session, gone);
            }
        }

        // A service that leaves the name out has told it in the listing above.
        session.Execute(
            "insert into folder (id, name, listed, unlisted) values (@id, @name, @listed, @unlisted) on conflict (id) do update set name = iif(@name = '', name, @name), listed = @listed, unlisted = @unlisted",
            ("@id", listing.Id), ("@name", listing.Name), ("@listed", listed.ToUnixTimeMilliseconds()), ("@unlisted", listing.Unlisted));
        foreach (var folder in listing.Folders)
        {
            AddFolder(session, listing.Id, folder);
        }

        session.Execute("delete from file where folder = @id", ("@id", listing.Id));
        Forget(session, listing.Files);
        AddFiles(session, listing.Id, listing.Files);
    }

    /// <summary>Takes files away from wherever others have moved them from.</summary>
    private static void Forget(IndexSession session, IEnumerable<RemoteFile> files)
    {
        using var delete = session.Command("delete from file where link = @link");
        var link = delete.Parameters.AddWithValue("@link", "");
        foreach (var file in files)
        {
            link.Value = file.Link;
            delete.ExecuteNonQuery();
        }
    }

    /// <summary>Notes a folder, or that it is elsewhere or called otherwise now. What is known of its content stays.</summary>
    public static void AddFolder(IndexSession session, long parentId, RemoteFolder folder) => session.Execute(
        "insert into folder (id, parent, name, created) values (@id, @parent, @name, @created) on conflict (id) do update set parent = @parent, name = @name, created = coalesce(@created, created)",
        ("@id", folder.Id), ("@parent", parentId), ("@name", folder.Name), ("@created", folder.Created?.ToUnixTimeMilliseconds()));

    /// <summary>A folder that was just made: it is known to be empty.</summary>
    public static void AddEmpty(IndexSession session, long parentId, RemoteFolder folder, DateTimeOffset made)
    {
        AddFolder(session, parentId, folder);
        session.Execute("update folder set listed = @listed where id = @id and listed is null", ("@id", folder.Id), ("@listed", made.ToUnixTimeMilliseconds()));
    }

    public static void AddFiles(IndexSession session, long folderId, IEnumerable<RemoteFile> files)
    {
        using var insert = session.Command(InsertFile, ("@folder", folderId));
        using var twin = session.Command(
            "insert or ignore into twin select @mark, @size where exists (select 1 from file indexed by file_mark where mark = @mark and size = @size limit 1 offset 1)");
        var (twinMark, twinSize) = (twin.Parameters.AddWithValue("@mark", 0L), twin.Parameters.AddWithValue("@size", 0L));
        var (name, size, link) = (Parameter("@name"), Parameter("@size"), Parameter("@link"));
        var (checksum, mark, arrived, type, flags) = (Parameter("@checksum"), Parameter("@mark"), Parameter("@arrived"), Parameter("@type"), Parameter("@flags"));
        foreach (var file in files)
        {
            var digest = file.Checksum is { } text ? Convert.FromHexString(text) : null;
            (name.Value, size.Value, link.Value) = (file.Name, file.Size, file.Link);
            (checksum.Value, mark.Value) = ((object?)digest ?? DBNull.Value, digest is null ? DBNull.Value : MarkOf(digest));
            arrived.Value = (object?)file.Arrived?.ToUnixTimeMilliseconds() ?? DBNull.Value;
            type.Value = (object?)file.ContentType ?? DBNull.Value;
            flags.Value = (file.HasPassword ? 1 : 0) | (file.IsRestricted ? 2 : 0);
            insert.ExecuteNonQuery();
            if (digest is not null)
            {
                (twinMark.Value, twinSize.Value) = (mark.Value, size.Value);
                twin.ExecuteNonQuery();
            }
        }

        SqliteParameter Parameter(string called) => insert.Parameters.AddWithValue(called, DBNull.Value);
    }

    public static void RemoveFile(IndexSession session, long folderId, string link) =>
        session.Execute("delete from file where folder = @folder and link = @link", ("@folder", folderId), ("@link", link));

    /// <summary>Forgets a folder and all below.</summary>
    public static void RemoveFolder(IndexSession session, long folderId)
    {
        session.Execute(Below + "delete from file where folder in (select id from below)", ("@id", folderId));
        session.Execute(Below + "delete from folder where id in (select id from below)", ("@id", folderId));
    }

    /// <summary>What is known of the folder may be wrong from now on.</summary>
    public static void Doubt(IndexSession session, long folderId) => session.Execute("update folder set listed = null where id = @id", ("@id", folderId));

    /// <summary>Every folder below one, itself included, with when it was listed last.</summary>
    public static List<(long Id, DateTimeOffset? Listed)> ListBelow(IndexSession session, long folderId) => session.List(
        Below + "select below.id, listed from below left join folder on folder.id = below.id",
        row => (row.GetInt64(0), MomentOf(row, 1)),
        ("@id", folderId));

    /// <summary>When the folder was listed that was listed longest ago; null if there is one that never was.</summary>
    public static DateTimeOffset? OldestOfAll(IndexSession session) => session.List(
        "select iif(count(*) = count(listed) and max(id = @root), min(listed), null) from folder",
        row => MomentOf(row, 0),
        ("@root", RemoteFolder.RootId))[0];

    /// <summary>A row of <c>name, size, link, checksum, arrived, type, flags</c>.</summary>
    public static RemoteFile FileOf(SqliteDataReader row, int first) => new()
    {
        Name = row.GetString(first),
        Size = row.GetInt64(first + 1),
        Link = row.GetString(first + 2),
        Checksum = row.IsDBNull(first + 3) ? null : Convert.ToHexStringLower((byte[])row.GetValue(first + 3)),
        Arrived = MomentOf(row, first + 4),
        ContentType = row.IsDBNull(first + 5) ? null : row.GetString(first + 5),
        HasPassword = (row.GetInt64(first + 6) & 1) != 0,
        IsRestricted = (row.GetInt64(first + 6) & 2) != 0,
    };

    public static long MarkOf(ReadOnlySpan<byte> digest) => BinaryPrimitives.ReadInt64LittleEndian(digest);

    private static DateTimeOffset? MomentOf(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
