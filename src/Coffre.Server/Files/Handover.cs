using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Storage;

namespace Coffre.Server.Files;

/// <summary>Files change hands when they are moved into or out of a folder of another account: the row, its link and its bytes' count go along.</summary>
internal sealed class Handover(FileTable files, BlobTable blobs, AccountTable accounts)
{
    /// <summary>Gives the file to the account of a place, within that account's quota. Links, password and rules stay as they are.</summary>
    public Fault? Give(CatalogSession session, FileRow file, Place to, string name)
    {
        if (accounts.Reserve(session, to.AccountId, file.Length) < file.Length)
        {
            return new Fault(KoCode.QuotaExceeded);
        }

        blobs.AddReference(session, to.AccountId, file.BlobId);
        files.GiveTo(session, file, to, name);
        blobs.DropReference(session, file.AccountId, file.BlobId);
        accounts.Settle(session, to.AccountId, reserved: file.Length, used: file.Length);
        accounts.Settle(session, file.AccountId, reserved: 0, used: -file.Length);
        accounts.AddChange(session, file.AccountId, new Change("file.removed", file.FolderId, file.Id, file.Name));
        accounts.AddChange(session, to.AccountId, new Change("file.added", to.FolderId, file.Id, name));
        return null;
    }
}
