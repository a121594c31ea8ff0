using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Settings;
using Coffre.Server.Sharing;

namespace Coffre.Server.Folders;

/// <summary>Moves and renames folders, also from one account's tree into another's.</summary>
internal sealed class FolderMover(
    CatalogStore catalog, FolderDesk desk, PlaceFinder places, FolderTable folders, FileTable files, ShareTable shares, GroupTable groups,
    AccountTable accounts, Handover handover, ServerSettings settings)
{
    private readonly int _maxDepth = settings.Int(SettingList.MaxDepth);
    private readonly int _maxItems = settings.Int(SettingList.MaxItems);

    /// <summary>Moves, renames, or both.</summary>
    /// <param name="reach">Who asks, and how far that reaches.</param>
    /// <param name="id">The folder.</param>
    /// <param name="target">Where to; null leaves it in its folder.</param>
    /// <param name="rename">Its new name; null leaves it.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    public async ValueTask<Outcome<(string OldName, string NewName)>> MoveAsync(
        Reach reach, long id, FolderTarget? target, string? rename, CancellationToken cancellationToken)
    {
        if (rename is not null && Names.Check(rename) is { } trouble)
        {
            return new Fault(KoCode.BadName, trouble.Reason);
        }

        return await catalog.WriteAsync<Outcome<(string, string)>>(session => Move(session, reach, id, target, rename), cancellationToken);
    }

    private Outcome<(string, string)> Move(CatalogSession session, Reach reach, long id, FolderTarget? target, string? rename)
    {
        var found = desk.FindMovable(session, reach, id);
        if (found.IsFault)
        {
            return found.Fault;
        }

        var (folder, source) = found.Value;
        var parent = target is null
            ? source with { FolderId = folder.ParentId }
            : places.FindWritable(session, reach, target.FolderId, target.User);
        if (parent.IsFault)
        {
            return parent.Fault with { Detail = parent.Fault.Detail ?? "destination" };
        }

        var (to, name) = (parent.Value, rename ?? folder.Name);
        return (Judge(session, folder, source, to, name) ?? Put(session, folder, source, to, name)) is { } fault ? fault : (folder.Name, name);
    }

    private Fault? Judge(CatalogSession session, Folder folder, Place source, Place to, string name)
    {
        var above = folders.Ancestry(session, to.AccountId, to.FolderId);
        if (above.Any(ancestor => ancestor.Id == folder.Id))
        {
            return new Fault(KoCode.FolderIntoItself);
        }

        var stays = to.AccountId == source.AccountId && to.FolderId == folder.ParentId;
        if (!stays && above.Count + 1 + folders.Height(session, source.AccountId, folder.Id) > _maxDepth)
        {
            return new Fault(KoCode.FolderTooDeep, $"at most {_maxDepth} levels");
        }

        return folders.FindByName(session, to.AccountId, to.FolderId, name) is { } other && other.Id != folder.Id
            ? new Fault(KoCode.NameTaken)
            : null;
    }

    private Fault? Put(CatalogSession session, Folder folder, Place source, Place to, string name)
    {
        if (source.AccountId == to.AccountId)
        {
            folders.Move(session, to.AccountId, folder.Id, to.FolderId, name);
            accounts.AddChange(session, to.AccountId, new Change("folder.moved", FolderId: folder.Id, Name: name));
            return null;
        }

        var left = _maxItems;
        if (GiveTree(session, folder, source.AccountId, to.AccountId, ref left) is { } fault)
        {
            return fault;
        }

        folders.Move(session, to.AccountId, folder.Id, to.FolderId, name);
        accounts.AddChange(session, source.AccountId, new Change("folder.removed", FolderId: folder.Id, Name: folder.Name));
        accounts.AddChange(session, to.AccountId, new Change("folder.made", FolderId: folder.Id, Name: name));
        return null;
    }

    /// <summary>Gives a folder with all that it holds to another account. Its public pages and shares end: the new owner has not asked for them.</summary>
    private Fault? GiveTree(CatalogSession session, Folder folder, long source, long to, ref int left)
    {
        // Files first: they are looked up by the account that they leave.
        foreach (var file in files.List(session, source, folder.Id, new ArrivalWindow()).ToList())
        {
            if (--left < 0)
            {
                return new Fault(KoCode.TooManyItems, $"at most {_maxItems} files and folders change hands in one call");
            }

            if (handover.Give(session, file, new Place(to, folder.Id, Grant.Owner), file.Name) is { } fault)
            {
                return fault;
            }
        }

        foreach (var child in folders.List(session, source, folder.Id).ToList())
        {
            if (--left < 0)
            {
                return new Fault(KoCode.TooManyItems, $"at most {_maxItems} files and folders change hands in one call");
            }

            if (GiveTree(session, child, source, to, ref left) is { } fault)
            {
                return fault;
            }
        }

        shares.Withdraw(session, source, folder);
        groups.Clear(session, source, folder.Id);
        folders.GiveTo(session, source, folder.Id, to);
        return null;
    }
}

/// <summary>Where a folder goes.</summary>
/// <param name="FolderId">The folder; 0 is a root.</param>
/// <param name="User">Whose root; null or empty: the caller's.</param>
internal sealed record FolderTarget(long FolderId, string? User);
