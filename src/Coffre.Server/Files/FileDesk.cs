using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Folders;
using Coffre.Server.Housekeeping;

namespace Coffre.Server.Files;

/// <summary>Decides about files: who may name, move, copy and remove them.</summary>
internal sealed class FileDesk(
    CatalogStore catalog, FileTable files, BlobTable blobs, FolderTable folders, AccountTable accounts, LinkResolver resolver,
    PlaceFinder places, Handover handover, FreedSignal freed, ItemLimits limits)
{
    /// <summary>The file with its folder's path (<c>a/b</c>), the path only for its owner.</summary>
    public ValueTask<Outcome<(FoundFile Found, string? Path)>> InfoAsync(FileAddress address, Asker asker, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<(FoundFile, string?)>>(
            session =>
            {
                var found = resolver.Resolve(session, address, asker);
                return found.IsFault ? found.Fault : (found.Value, found.Value.IsOwn ? PathOf(session, found.Value.File, asker.Caller!.Reach) : null);
            },
            cancellationToken);

    /// <summary>Removes files. Links that are not there are passed over; if none is, that is a fault.</summary>
    public async ValueTask<Outcome<IReadOnlyList<FileRow>>> RemoveAsync(
        Caller caller, IReadOnlyList<(string? Url, string? Code)> items, CancellationToken cancellationToken)
    {
        if (limits.CountFault(items.Count) is { } fault)
        {
            return fault;
        }

        var removed = await catalog.WriteAsync<Outcome<IReadOnlyList<FileRow>>>(
            session =>
            {
                var gone = new List<FileRow>();
                foreach (var (url, code) in items)
                {
                    if (FindRemovable(session, caller.Reach, url, code) is { } file)
                    {
                        Remove(session, file);
                        gone.Add(file);
                    }
                }

                return gone.Count > 0 ? gone : new Fault(KoCode.NotFound);
            },
            cancellationToken);
        if (!removed.IsFault)
        {
            freed.Raise();
        }

        return removed;
    }

    /// <summary>Removes what was uploaded without a key, for whoever has its removal code.</summary>
    public async ValueTask<Outcome<FileRow>> RemoveByCodeAsync(string link, string code, CancellationToken cancellationToken)
    {
        var removed = await catalog.WriteAsync<Outcome<FileRow>>(
            session =>
            {
                if (FindRemovable(session, null, link, code) is not { } file)
                {
                    return new Fault(KoCode.NotFound);
                }

                Remove(session, file);
                return file;
            },
            cancellationToken);
        if (!removed.IsFault)
        {
            freed.Raise();
        }

        return removed;
    }

    /// <summary>Moves all or none; a name that is taken in the destination is a fault. In another's folder the files become that account's.</summary>
    public async ValueTask<Outcome<IReadOnlyList<FileRow>>> MoveAsync(
        Caller caller, IReadOnlyList<string> urls, MoveTarget target, CancellationToken cancellationToken)
    {
        if ((limits.CountFault(urls.Count) ?? ItemLimits.RenameFault(urls.Count, target.Rename)) is { } fault)
        {
            return fault;
        }

        return await catalog.WriteAsync<Outcome<IReadOnlyList<FileRow>>>(
            session =>
            {
                var place = places.FindWritable(session, caller.Reach, target.FolderId, target.User);
                if (place.IsFault)
                {
                    return place.Fault with { Detail = place.Fault.Detail ?? "destination" };
                }

                var moved = new List<FileRow>();
                foreach (var url in urls)
                {
                    if (resolver.FindWritable(session, caller.Reach, url) is not { } file)
                    {
                        return new Fault(KoCode.NotFound);
                    }

                    var name = target.Rename ?? file.Name;
                    if (PutAt(session, file, place.Value, name) is { } trouble)
                    {
                        return trouble;
                    }

                    moved.Add(file with { AccountId = place.Value.AccountId, FolderId = place.Value.FolderId, Name = name });
                }

                return moved;
            },
            cancellationToken);
    }

    /// <summary>Renames within their folders, all or none. Names that are the same already count as nothing.</summary>
    public async ValueTask<Outcome<IReadOnlyList<(FileRow File, string NewName)>>> RenameAsync(
        Caller caller, IReadOnlyList<(string? Url, string? Name)> items, CancellationToken cancellationToken)
    {
        if (limits.CountFault(items.Count) is { } fault)
        {
            return fault;
        }

        foreach (var (_, name) in items)
        {
            if (Names.Check(name) is { } trouble)
            {
                return new Fault(KoCode.BadName, trouble.Reason);
            }
        }

        return await catalog.WriteAsync<Outcome<IReadOnlyList<(FileRow, string)>>>(
            session =>
            {
                var renamed = new List<(FileRow, string)>();
                foreach (var (url, name) in items)
                {
                    if (resolver.FindOwn(session, caller.Reach, url) is not { } file)
                    {
                        return new Fault(KoCode.NotFound);
                    }

                    if (string.Equals(file.Name, name, StringComparison.Ordinal))
                    {
                        continue;
                    }

                    if (PutAt(session, file, new Place(file.AccountId, file.FolderId, Grant.Owner), name!) is { } taken)
                    {
                        return taken;
                    }

                    renamed.Add((file, name!));
                }

                return renamed.Count > 0 ? renamed : new Fault(KoCode.NothingRenamed);
            },
            cancellationToken);
    }

    private Fault? PutAt(CatalogSession session, FileRow file, Place to, string name)
    {
        if (file.AccountId == to.AccountId && file.FolderId == to.FolderId && string.Equals(file.Name, name, StringComparison.Ordinal))
        {
            return null;
        }

        if (files.FindByName(session, to.AccountId, to.FolderId, name) is not null)
        {
            return new Fault(KoCode.NameTaken);
        }

        if (file.AccountId != to.AccountId)
        {
            return handover.Give(session, file, to, name);
        }

        files.Move(session, file, to.FolderId, name);
        accounts.AddChange(session, file.AccountId, new Change("file.moved", to.FolderId, file.Id, name));
        return null;
    }

    private void Remove(CatalogSession session, FileRow file)
    {
        files.Delete(session, file);
        blobs.DropReference(session, file.AccountId, file.BlobId);
        accounts.Settle(session, file.AccountId, reserved: 0, used: -file.Length);
        accounts.AddChange(session, file.AccountId, new Change("file.removed", file.FolderId, file.Id, file.Name));
    }

    private FileRow? FindRemovable(CatalogSession session, Reach? reach, string? url, string? code)
    {
        if (!LinkId.TryFind(url, out var link) || files.FindByLink(session, link) is not { } file)
        {
            return null;
        }

        var mayByCode = file.RemovalCode is { } kept && code is not null && FixedTime.AreEqual(kept, code);
        return mayByCode || (reach is { } known && places.GrantOn(session, known, file.AccountId, file.FolderId) >= Grant.Write) ? file : null;
    }

    /// <summary>The names of the folders below the asker's root.</summary>
    private string PathOf(CatalogSession session, FileRow file, Reach reach) =>
        string.Join('/', folders.Ancestry(session, file.AccountId, file.FolderId).TakeWhile(folder => folder.Id != reach.RootId).Reverse().Select(folder => folder.Name));
}

/// <summary>Where files go.</summary>
/// <param name="FolderId">The folder; 0 is a root.</param>
/// <param name="User">Whose root; null or empty: the caller's.</param>
/// <param name="Rename">New name of the only file; null keeps it.</param>
internal sealed record MoveTarget(long FolderId, string? User, string? Rename);
