using System.Collections.Frozen;
using SQLitePCL;

namespace Coffre.Server.Catalog;

/// <summary>Tells of each statement, as it is prepared, whether it may change who may do what: SQLite itself says which columns it writes.</summary>
/// <remarks>Uploads and removals write names, bytes and counts all the time; what is remembered of keys outlives them.</remarks>
internal sealed class RightsAuthorizer
{
    private static readonly FrozenSet<string> Contents =
        FrozenSet.Create(StringComparer.Ordinal, "file", "blob", "blob_purge", "link", "upload", "upload_file", "change");

    private static readonly FrozenSet<string> Counts = FrozenSet.Create(StringComparer.Ordinal, "used_bytes", "reserved_bytes", "change_no");

    private bool _changesRights;

    public RightsAuthorizer(sqlite3 database) =>
        raw.sqlite3_set_authorizer(database, (_, action, table, column, _, _) => Note(action, table, column), null);

    /// <summary>A statement is about to be prepared.</summary>
    public void Begin() => _changesRights = false;

    /// <summary>Whether the statement that was prepared last may.</summary>
    public bool ChangesRights() => _changesRights;

    private int Note(int action, string table, string column)
    {
        _changesRights |= action switch
        {
            raw.SQLITE_INSERT or raw.SQLITE_DELETE => !Contents.Contains(table),
            raw.SQLITE_UPDATE => !Contents.Contains(table) && !(table == "account" && Counts.Contains(column)),
            _ => false,
        };
        return raw.SQLITE_OK;
    }
}
