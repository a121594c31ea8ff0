using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Folders;
using Coffre.Server.Sharing;

namespace Coffre.Server.Access;

/// <summary>The one way from a folder's id (and, for roots, its owner's e-mail address) to a folder that the caller may use.</summary>
/// <remarks>
/// Ids of folders are unlike in all accounts, so the id alone finds a folder that is shared; the root is 0 everywhere, and only there
/// the protocol's <c>sharing_user</c> counts. The share nearest above a folder decides, so that an inner folder may be opened wider or less wide.
/// A folder that the caller may not see is told as one that is not there. To a key with a root folder, that folder is the root, and all
/// that is not below it is not there.
/// </remarks>
internal sealed class PlaceFinder(FolderTable folders, GroupTable groups, AccountTable accounts)
{
    /// <param name="session">The snapshot to look in.</param>
    /// <param name="reach">Who asks, and how far that reaches.</param>
    /// <param name="folderId">Which folder.</param>
    /// <param name="sharingUser">Owner of a root that is shared; null or empty: the caller.</param>
    public Outcome<Place> Find(CatalogSession session, Reach reach, long folderId, string? sharingUser = null)
    {
        if (reach.IsFenced)
        {
            return FindFenced(session, reach, folderId, sharingUser);
        }

        var callerId = reach.AccountId;
        if (folderId == Folder.RootId)
        {
            return FindRoot(session, callerId, sharingUser);
        }

        if (folders.Find(session, callerId, folderId) is not null)
        {
            return new Place(callerId, folderId, Grant.Owner);
        }

        foreach (var ownerId in groups.ListFor(session, callerId).Select(share => share.OwnerId).Distinct())
        {
            if (folders.Find(session, ownerId, folderId) is not null && GrantOn(session, reach, ownerId, folderId) is { } grant)
            {
                return new Place(ownerId, folderId, grant);
            }
        }

        return new Fault(KoCode.NoSuchFolder);
    }

    /// <summary>The same for a folder that is to be changed.</summary>
    public Outcome<Place> FindWritable(CatalogSession session, Reach reach, long folderId, string? sharingUser = null)
    {
        var found = Find(session, reach, folderId, sharingUser);
        return found is { IsFault: false, Value.Grant: < Grant.Write }
            ? new Fault(KoCode.NotAllowed, "the folder is shared with you for reading")
            : found;
    }

    /// <summary>What the caller may do in a folder, its own or another's; null: nothing.</summary>
    public Grant? GrantOn(CatalogSession session, Reach reach, long ownerId, long folderId)
    {
        if (reach.AccountId == ownerId)
        {
            return !reach.IsFenced || IsBelow(session, reach, folderId) ? Grant.Owner : null;
        }

        if (reach.IsFenced)
        {
            return null;
        }

        var shares = groups.ListBetween(session, ownerId, reach.AccountId);
        if (shares.Count == 0)
        {
            return null;
        }

        var chain = folders.Ancestry(session, ownerId, folderId).Select(folder => folder.Id).Append(Folder.RootId);
        return chain.Select(id => shares.FirstOrDefault(share => share.FolderId == id)).FirstOrDefault(share => share is not null) is { Member: { } member }
            ? GrantOf(member)
            : null;
    }

    /// <summary>Folders that an account shares with the caller, with what the caller may do there.</summary>
    public IReadOnlyList<(Folder Folder, GroupShare Share)> ListShared(CatalogSession session, IEnumerable<GroupShare> shares) =>
        [.. shares.Select(share => (Folder: folders.Find(session, share.OwnerId, share.FolderId), share))
            .Where(pair => pair.Folder is not null).Select(pair => (pair.Folder!, pair.share))];

    private Outcome<Place> FindFenced(CatalogSession session, Reach reach, long folderId, string? sharingUser)
    {
        var id = folderId == Folder.RootId ? reach.RootId : folderId;
        return string.IsNullOrWhiteSpace(sharingUser) && IsBelow(session, reach, id)
            ? new Place(reach.AccountId, id, Grant.Owner)
            : new Fault(KoCode.NoSuchFolder);
    }

    private bool IsBelow(CatalogSession session, Reach reach, long folderId) =>
        folders.Ancestry(session, reach.AccountId, folderId).Any(folder => folder.Id == reach.RootId);

    private Outcome<Place> FindRoot(CatalogSession session, long callerId, string? sharingUser)
    {
        if (string.IsNullOrWhiteSpace(sharingUser))
        {
            return new Place(callerId, Folder.RootId, Grant.Owner);
        }

        if (accounts.FindByEmail(session, sharingUser) is not { } owner)
        {
            return new Fault(KoCode.NoSuchFolder);
        }

        if (GrantOn(session, new Reach(callerId), owner.Id, Folder.RootId) is { } grant)
        {
            return new Place(owner.Id, Folder.RootId, grant);
        }

        return groups.ListBetween(session, owner.Id, callerId).Count > 0
            ? new Place(owner.Id, Folder.RootId, Grant.Read) { IsDoorway = true }
            : new Fault(KoCode.NoSuchFolder);
    }

    private static Grant GrantOf(GroupMember member) =>
        member.MayWrite ? Grant.Write : member.HidesLinks ? Grant.ReadHidden : Grant.Read;
}
