using Coffre.Server.Catalog;
using Coffre.Storage;
using Microsoft.Data.Sqlite;

namespace Coffre.Server.Door;

/// <summary>Tells a disk that is full from all else that may break.</summary>
internal static class FullDisk
{
    public static bool IsCauseOf(Exception exception) =>
        exception is StorageException { Trouble: StorageTrouble.Full } || IsCatalogs(exception) || (exception is CommitUnknownException && IsCatalogs(exception.InnerException));

    private static bool IsCatalogs(Exception? exception) => exception is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL };
}
