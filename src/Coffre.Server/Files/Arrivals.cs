using Coffre.Server.Accounts;
using Coffre.Server.Catalog;

namespace Coffre.Server.Files;

/// <summary>Gives kept bytes a name, whichever way they came: one row each of blob, file, link and change, in the caller's transaction.</summary>
/// <remarks>Usage is not counted here: whoever holds the reservation settles it in the same transaction.</remarks>
internal sealed class Arrivals(FileTable files, BlobTable blobs, AccountTable accounts)
{
    private const string Added = "file.added";

    /// <param name="session">The writer's.</param>
    /// <param name="file">Its folder must be there.</param>
    /// <param name="kind">What the account's sequence of changes says of it.</param>
    public FileRow Add(CatalogSession session, NewFile file, string kind = Added)
    {
        blobs.AddReference(session, file.AccountId, file.Blob.Id);
        var row = files.Insert(session, file.Domain is null ? AsPreferred(session, file) : file);
        accounts.AddChange(session, file.AccountId, new Change(kind, file.FolderId, row.Id, row.Name));
        return row;
    }

    /// <summary>The same where the account's ledger is open, and the domain of the link is known.</summary>
    public FileRow Add(CatalogSession session, AccountLedger owner, NewFile file)
    {
        blobs.AddReference(session, file.AccountId, file.Blob.Id);
        var row = files.Insert(session, file);
        accounts.AddChange(session, owner, new Change(Added, file.FolderId, row.Id, row.Name));
        return row;
    }

    private NewFile AsPreferred(CatalogSession session, NewFile file)
    {
        var preferences = accounts.Find(session, file.AccountId)!.Preferences;
        return file with { Domain = preferences.DefaultDomain, NoSsl = preferences.DefaultPortFiles == 1 };
    }
}
