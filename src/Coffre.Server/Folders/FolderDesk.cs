using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Settings;
using Coffre.Server.Sharing;

namespace Coffre.Server.Folders;

/// <summary>Decides about folders.</summary>
internal sealed class FolderDesk(CatalogStore catalog, FolderTable folders, ShareTable shares, FileTable files, AccountTable accounts,
    ServerSettings settings)
{
    private readonly int _maxDepth = settings.Int(SettingList.MaxDepth);

    public ValueTask<bool> ExistsAsync(long accountId, long id, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => folders.Exists(session, accountId, id), cancellationToken);

    public ValueTask<Outcome<FolderView>> ViewAsync(long accountId, long id, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<FolderView>>(
            session =>
            {
                var self = id == Folder.RootId
                    ? new Folder(Folder.RootId, Folder.RootId, "", accounts.Find(session, accountId)!.CreatedAt)
                    : folders.Find(session, accountId, id);
                if (self is null)
                {
                    return new Fault(KoCode.NoSuchFolder);
                }

                var (count, bytes) = files.Count(session, accountId, id);
                return new FolderView(self, count, bytes, [.. folders.List(session, accountId, id)]);
            },
            cancellationToken);

    /// <summary>Makes a folder, or finds the one that has the name: two callers that race both succeed.</summary>
    public async ValueTask<Outcome<(Folder Folder, bool Made)>> MakeAsync(long accountId, long parentId, string? name, CancellationToken cancellationToken)
    {
        if (Names.Check(name) is { } trouble)
        {
            return new Fault(KoCode.BadName, trouble.Reason);
        }

        return await catalog.WriteAsync<Outcome<(Folder, bool)>>(
            session =>
            {
                if (!folders.Exists(session, accountId, parentId))
                {
                    return new Fault(KoCode.NoSuchFolder);
                }

                if (folders.FindByName(session, accountId, parentId, name!) is { } present)
                {
                    return (present, false);
                }

                if (folders.Ancestry(session, accountId, parentId).Count >= _maxDepth)
                {
                    return new Fault(KoCode.FolderTooDeep, $"at most {_maxDepth} levels");
                }

                var folder = folders.Insert(session, accountId, parentId, name!);
                accounts.AddChange(session, accountId, new Change("folder.made", FolderId: folder.Id, Name: name));
                return (folder, true);
            },
            cancellationToken);
    }

    /// <summary>Moves, renames, or both; null leaves that part as it is.</summary>
    public async ValueTask<Outcome<(string OldName, string NewName)>> MoveAsync(
        long accountId, long id, long? destinationId, string? rename, CancellationToken cancellationToken)
    {
        if (rename is not null && Names.Check(rename) is { } trouble)
        {
            return new Fault(KoCode.BadName, trouble.Reason);
        }

        return await catalog.WriteAsync<Outcome<(string, string)>>(
            session => Move(session, accountId, id, destinationId, rename), cancellationToken);
    }

    public Task<Outcome<Folder>> RemoveAsync(long accountId, long id, CancellationToken cancellationToken) =>
        catalog.WriteAsync<Outcome<Folder>>(
            session =>
            {
                if (id == Folder.RootId)
                {
                    return new Fault(KoCode.NotAllowed, "the root stays");
                }

                if (folders.Find(session, accountId, id) is not { } folder)
                {
                    return new Fault(KoCode.NoSuchFolder);
                }

                if (folders.List(session, accountId, id).Any() || files.Count(session, accountId, id).Count > 0)
                {
                    return new Fault(KoCode.FolderNotEmpty);
                }

                shares.Withdraw(session, accountId, folder);
                folders.Delete(session, accountId, id);
                accounts.AddChange(session, accountId, new Change("folder.removed", FolderId: id, Name: folder.Name));
                return folder;
            },
            cancellationToken);

    private Outcome<(string, string)> Move(CatalogSession session, long accountId, long id, long? destinationId, string? rename)
    {
        if (id == Folder.RootId)
        {
            return new Fault(KoCode.NotAllowed, "the root stays where it is");
        }

        if (folders.Find(session, accountId, id) is not { } folder)
        {
            return new Fault(KoCode.NoSuchFolder);
        }

        var parentId = destinationId ?? folder.ParentId;
        if (!folders.Exists(session, accountId, parentId))
        {
            return new Fault(KoCode.NoSuchFolder, "destination");
        }

        var above = folders.Ancestry(session, accountId, parentId);
        if (above.Any(ancestor => ancestor.Id == id))
        {
            return new Fault(KoCode.FolderIntoItself);
        }

        if (parentId != folder.ParentId && above.Count + 1 + folders.Height(session, accountId, id) > _maxDepth)
        {
            return new Fault(KoCode.FolderTooDeep, $"at most {_maxDepth} levels");
        }

        var name = rename ?? folder.Name;
        if (folders.FindByName(session, accountId, parentId, name) is { } other && other.Id != id)
        {
            return new Fault(KoCode.NameTaken);
        }

        folders.Move(session, accountId, id, parentId, name);
        accounts.AddChange(session, accountId, new Change("folder.moved", FolderId: id, Name: name));
        return (folder.Name, name);
    }
}
