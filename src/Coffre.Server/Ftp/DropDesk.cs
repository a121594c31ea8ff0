using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;
using Coffre.Server.Housekeeping;
using Coffre.Server.Mail;
using Coffre.Server.Settings;
using Coffre.Server.Uploads;
using Coffre.Storage;

namespace Coffre.Server.Ftp;

/// <summary>Keeps what is dropped, names it at once or lets it wait, and names what waits.</summary>
internal sealed class DropDesk(
    CatalogStore catalog, IBlobStore store, HeldBlobs held, FtpTable table, WaitingFiles waiting, FolderTable folders, AccountTable accounts, Arrivals arrivals, BlobTable blobs,
    TierRights rights, FreeSpace space, FreedSignal freed, MailOutbox mails, PublicAddress address, ServerSettings settings)
{
    private const int Batch = 500;
    private readonly long _maxWaiting = settings.Number(FtpSettings.WaitingFiles);

    /// <summary>The folder behind a path of names below a guest's home; null if one of them is not there.</summary>
    public ValueTask<long?> FindFolderAsync(FtpGuest guest, IReadOnlyList<string> path, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => FindFolder(session, guest, path), cancellationToken);

    /// <summary>Makes a folder, or finds the one that is there; null if its parent is not there.</summary>
    public Task<long?> MakeFolderAsync(FtpGuest guest, IReadOnlyList<string> parents, string name, CancellationToken cancellationToken) =>
        catalog.WriteAsync(
            session =>
            {
                if (FindFolder(session, guest, parents) is not { } parent
                    || folders.Ancestry(session, guest.AccountId, parent).Count >= settings.Int(SettingList.MaxDepth))
                {
                    return (long?)null;
                }

                if (folders.FindByName(session, guest.AccountId, parent, name) is { } present)
                {
                    return present.Id;
                }

                var made = folders.Insert(session, guest.AccountId, parent, name);
                accounts.AddChange(session, guest.AccountId, new Change("folder.made", FolderId: made.Id, Name: name));
                return made.Id;
            },
            cancellationToken);

    /// <summary>What a listing shows: sub-folders, and files that wait.</summary>
    public ValueTask<(IReadOnlyList<Folder> Folders, IReadOnlyList<WaitingFile> Files)> ListAsync(
        FtpGuest guest, long folderId, CancellationToken cancellationToken) =>
        catalog.ReadAsync<(IReadOnlyList<Folder>, IReadOnlyList<WaitingFile>)>(
            session => ([.. folders.List(session, guest.AccountId, folderId)], table.ListFiles(session, new FtpTable.Place(guest.AccountId, folderId))),
            cancellationToken);

    /// <summary>Takes a waiting file back.</summary>
    public async Task<bool> RemoveAsync(FtpGuest guest, long folderId, string name, CancellationToken cancellationToken)
    {
        var removed = await catalog.WriteAsync(
            session =>
            {
                if (table.ListFiles(session, new FtpTable.Place(guest.AccountId, folderId)).LastOrDefault(file => file.Name == name) is not { } file)
                {
                    return false;
                }

                waiting.Drop(session, file);
                return true;
            },
            cancellationToken);
        if (removed)
        {
            freed.Raise();
        }

        return removed;
    }

    /// <summary>Keeps a file from its first byte to its last. Its name may be mended.</summary>
    /// <param name="guest">Who sends it.</param>
    /// <param name="folderId">Where it goes.</param>
    /// <param name="name">As the client named it.</param>
    /// <param name="announced">Bytes, if the client said so.</param>
    /// <param name="bytes">Ends where the file ends.</param>
    /// <param name="isThere">Whether the client still is: one that was killed ends its data like one that is through.</param>
    /// <param name="cancellationToken">The server stops: nothing is kept.</param>
    /// <exception cref="IOException">The client is gone, or sent less than it announced.</exception>
    public async Task<Outcome<WaitingFile?>> KeepAsync(
        FtpGuest guest, long folderId, string name, long? announced, Stream bytes, Func<bool> isThere, CancellationToken cancellationToken)
    {
        if (!space.IsEnoughFor(announced ?? 0))
        {
            return new Fault(KoCode.DiskFull);
        }

        if (guest.Waits && await catalog.ReadAsync(session => table.CountFiles(session, guest.AccountId), cancellationToken) >= _maxWaiting)
        {
            return new Fault(KoCode.TooManyItems, $"{_maxWaiting} files wait to be processed");
        }

        var lease = await QuotaLease.OpenAsync(catalog, accounts, guest.AccountId, announced, overhead: 0, cancellationToken);
        if (lease.IsFault)
        {
            return lease.Fault;
        }

        await using var quota = lease.Value;
        await using var incoming = new IncomingFiles(store, held);
        await using var writer = await store.BeginAsync(announced, cancellationToken);
        if (await CopyAsync(bytes, writer, quota, rights.LargestFile(guest.Tier), cancellationToken) is { } fault)
        {
            return fault;
        }

        if (writer.Length < announced)
        {
            throw new IOException("Fewer bytes came than were announced.");
        }

        incoming.Add(Names.Mend(name), await writer.CommitAsync(cancellationToken));
        if (!isThere())
        {
            throw new IOException("The client is gone.");
        }

        return await NameAsync(guest, folderId, incoming, quota);
    }

    /// <summary>Gives every waiting file of the account its name and link.</summary>
    public async Task<int> ProcessAsync(long accountId, CancellationToken cancellationToken)
    {
        var processed = 0;
        while (true)
        {
            var batch = await catalog.WriteAsync(session => ProcessBatch(session, accountId), cancellationToken);
            processed += batch;
            mails.Raise();
            if (batch < Batch)
            {
                return processed;
            }
        }
    }

    private int ProcessBatch(CatalogSession session, long accountId)
    {
        var files = table.ListFiles(session, accountId, Batch);
        var named = new List<FileRow>();
        foreach (var file in files)
        {
            // The folder may be gone since: no file is lost for that.
            var folderId = folders.Exists(session, accountId, file.FolderId) ? file.FolderId : Folder.RootId;
            named.Add(arrivals.Add(session, new NewFile(accountId, folderId, file.Name, file.Blob)));
            blobs.DropReference(session, accountId, file.Blob.Id);
            table.RemoveFile(session, file);
        }

        Report(session, accountId, named);
        return files.Count;
    }

    private void Report(CatalogSession session, long accountId, List<FileRow> named)
    {
        if (named.Count > 0)
        {
            mails.AddReport(
                session, accountId, preferences => preferences.FtpReport == 1, $"FTP: {named.Count} {(named.Count == 1 ? "file has" : "files have")} arrived",
                string.Concat(named.Select(file => $"{file.Name}\n{address.Link(file.PublicLink)}\n\n")));
        }
    }

    private async Task<Outcome<WaitingFile?>> NameAsync(FtpGuest guest, long folderId, IncomingFiles incoming, QuotaLease quota)
    {
        var (name, blob) = incoming.Files[0];
        var kept = await incoming.NameAsync(
            catalog,
            session =>
            {
                var target = folders.Exists(session, guest.AccountId, folderId) ? folderId : Folder.RootId;
                quota.Settle(session, blob.Length);
                if (!guest.Waits)
                {
                    Report(session, guest.AccountId, [arrivals.Add(session, new NewFile(guest.AccountId, target, name, blob))]);
                    return null;
                }

                blobs.AddReference(session, guest.AccountId, blob.Id);
                return table.AddFile(session, guest.AccountId, target, name, blob);
            });
        quota.Settled();
        mails.Raise();
        return kept;
    }

    private long? FindFolder(CatalogSession session, FtpGuest guest, IReadOnlyList<string> path)
    {
        // A home that was removed gives way to the root, as it does for uploads.
        var id = folders.Exists(session, guest.AccountId, guest.HomeId) ? guest.HomeId : Folder.RootId;
        foreach (var name in path)
        {
            if (folders.FindByName(session, guest.AccountId, id, name) is not { } folder)
            {
                return null;
            }

            id = folder.Id;
        }

        return id;
    }

    private static async Task<Fault?> CopyAsync(Stream bytes, IBlobWriter writer, QuotaLease quota, long largest, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await bytes.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (writer.Length + read > largest)
            {
                return new Fault(KoCode.FileTooLarge, $"at most {ByteCount.Format(largest)}");
            }

            if (!await quota.CoversAsync(writer.Length + read, cancellationToken))
            {
                return new Fault(KoCode.QuotaExceeded);
            }

            await writer.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return null;
    }
}
