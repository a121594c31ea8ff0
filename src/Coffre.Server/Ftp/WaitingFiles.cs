using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Files;
using Coffre.Server.Settings;

namespace Coffre.Server.Ftp;

/// <summary>Takes files back that wait to be processed: at their owner's wish, or when nobody came for too long.</summary>
internal sealed class WaitingFiles(FtpTable table, BlobTable blobs, AccountTable accounts, ServerSettings settings, TimeProvider clock)
{
    private const int Batch = 500;

    public void Drop(CatalogSession session, WaitingFile file)
    {
        table.RemoveFile(session, file);
        blobs.DropReference(session, file.AccountId, file.Blob.Id);
        accounts.Settle(session, file.AccountId, reserved: 0, used: -file.Blob.Length);
    }

    /// <summary>Drops some of those that have waited for longer than <c>Ftp:WaitingSeconds</c>; returns how many.</summary>
    public int DropOld(CatalogSession session)
    {
        var old = table.ListOlder(session, clock.GetUtcNow() - settings.Seconds(FtpSettings.WaitingSeconds), Batch);
        foreach (var file in old)
        {
            Drop(session, file);
        }

        return old.Count;
    }
}
