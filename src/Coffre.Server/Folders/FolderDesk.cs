using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Settings;
using Coffre.Server.Sharing;

namespace Coffre.Server.Folders;

/// <summary>Makes and removes folders, in the caller's tree and in folders that others share with it for writing.</summary>
internal sealed class FolderDesk(
    CatalogStore catalog, PlaceFinder places, FolderTable folders, ShareTable shares, GroupTable groups, FileTable files, AccountTable accounts,
    ServerSettings settings)
{
    private readonly int _maxDepth = settings.Int(SettingList.MaxDepth);

    /// <summary>Makes a folder, or finds the one that has the name: two callers that race both succeed.</summary>
    public async ValueTask<Outcome<(Folder Folder, bool Made)>> MakeAsync(
        Reach reach, long parentId, string? sharingUser, string? name, CancellationToken cancellationToken)
    {
        if (Names.Check(name) is { } trouble)
        {
            return new Fault(KoCode.BadName, trouble.Reason);
        }

        return await catalog.WriteAsync<Outcome<(Folder, bool)>>(
            session =>
            {
                var parent = places.FindWritable(session, reach, parentId, sharingUser);
                return parent.IsFault ? parent.Fault : Make(session, parent.Value, name!);
            },
            cancellationToken);
    }

    /// <summary>Removes an empty folder.</summary>
    public Task<Outcome<Folder>> RemoveAsync(Reach reach, long id, CancellationToken cancellationToken) =>
        catalog.WriteAsync<Outcome<Folder>>(
            session =>
            {
                var found = FindMovable(session, reach, id);
                if (found.IsFault)
                {
                    return found.Fault;
                }

                var (folder, place) = found.Value;
                if (folders.List(session, place.AccountId, id).Any() || files.Count(session, place.AccountId, id).Count > 0)
                {
                    return new Fault(KoCode.FolderNotEmpty);
                }

                shares.Withdraw(session, place.AccountId, folder);
                groups.Clear(session, place.AccountId, id);
                folders.Delete(session, place.AccountId, id);
                accounts.AddChange(session, place.AccountId, new Change("folder.removed", FolderId: id, Name: folder.Name));
                return folder;
            },
            cancellationToken);

    /// <summary>A folder that the caller may move or remove: for that its parent must be the caller's to write as well.</summary>
    public Outcome<(Folder Folder, Place Place)> FindMovable(CatalogSession session, Reach reach, long id)
    {
        if (id == Folder.RootId)
        {
            return new Fault(KoCode.NotAllowed, "the root stays");
        }

        var found = places.FindWritable(session, reach, id);
        if (found.IsFault)
        {
            return found.Fault;
        }

        var place = found.Value;
        var folder = folders.Find(session, place.AccountId, id)!;
        return places.GrantOn(session, reach, place.AccountId, folder.ParentId) >= Grant.Write
            ? (folder, place)
            : new Fault(KoCode.NotAllowed, reach.IsFenced ? "the root stays" : "a folder that is shared with you stays where its owner put it");
    }

    private Outcome<(Folder, bool)> Make(CatalogSession session, Place parent, string name)
    {
        var (accountId, parentId) = (parent.AccountId, parent.FolderId);
        if (folders.FindByName(session, accountId, parentId, name) is { } present)
        {
            return (present, false);
        }

        if (folders.Ancestry(session, accountId, parentId).Count >= _maxDepth)
        {
            return new Fault(KoCode.FolderTooDeep, $"at most {_maxDepth} levels");
        }

        var folder = folders.Insert(session, accountId, parentId, name);
        accounts.AddChange(session, accountId, new Change("folder.made", FolderId: folder.Id, Name: name));
        return (folder, true);
    }
}
