using System.Security.Cryptography;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;
using Coffre.Server.Limits;
using Coffre.Server.Settings;
using Coffre.Storage;

namespace Coffre.Server.Uploads;

/// <summary>Decides whether bytes may come in, keeps them, then names them. In that order.</summary>
internal sealed partial class UploadDesk(
    IBlobStore store, CatalogStore catalog, UploadTables tables, TierRights rights, ServerSettings settings, PublicAddress address, FreeSpace space, TimeProvider clock, ILogger<UploadDesk> logger)
{
    private const string IdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 10;
    private const int RemovalCodeLength = 8;
    private const int FormOverhead = 1024;

    private readonly bool _anonymous = settings.Flag(SettingList.Anonymous);
    private readonly TimeSpan _reportDelay = settings.Seconds(LimitSettings.ReportDelay);
    private readonly int _maxFiles = settings.Int(SettingList.MaxFiles);
    private readonly long _maxRequest = settings.Bytes(SettingList.MaxRequest);

    /// <summary>Most parts of one form: the files and a few text fields.</summary>
    public int MaxParts => _maxFiles + 32;

    /// <summary>Gives out the right to one upload.</summary>
    public Task<Outcome<UploadTicket>> OpenAsync(Caller? caller, CancellationToken cancellationToken)
    {
        var ticket = new UploadTicket(
            RandomNumberGenerator.GetString(IdAlphabet, IdLength), caller?.AccountId,
            clock.GetUtcNow() + settings.Seconds(SettingList.TicketSeconds), FinishedAt: null);
        return catalog.WriteAsync<Outcome<UploadTicket>>(
            session =>
            {
                if (tables.Uploads.CountOpen(session) >= settings.Number(SettingList.MaxOpenTickets))
                {
                    return new Fault(KoCode.TooManyUploads);
                }

                tables.Uploads.Insert(session, ticket);
                return ticket;
            },
            cancellationToken);
    }

    /// <summary>Takes the files of one upload: all of them, or none.</summary>
    /// <param name="id">The ticket.</param>
    /// <param name="caller">Who uploads; null without a key.</param>
    /// <param name="announced">Length of the body in bytes, if known.</param>
    /// <param name="body">The form.</param>
    /// <param name="cancellationToken">The client hung up.</param>
    public async Task<Outcome<UploadTicket>> ReceiveAsync(
        string? id, Caller? caller, long? announced, MultipartBody body, CancellationToken cancellationToken)
    {
        var ticket = await AdmitAsync(id, caller, announced, cancellationToken);
        if (ticket.IsFault)
        {
            return ticket;
        }

        var accountId = caller?.AccountId
            ?? (await catalog.ReadAsync(session => tables.Accounts.FindByEmail(session, Account.GuestEmail), cancellationToken))!.Id;
        var lease = await QuotaLease.OpenAsync(
            catalog, tables.Accounts, accountId, announced, MaxParts * FormOverhead, cancellationToken);
        if (lease.IsFault)
        {
            return lease.Fault;
        }

        await using var quota = lease.Value;
        await using var incoming = new IncomingFiles(store);
        var allowance = new Allowance(quota, rights.LargestFile(caller?.Tier));
        var form = new UploadForm();
        try
        {
            if (await CollectAsync(body, announced, form, incoming, allowance, cancellationToken) is { } fault)
            {
                return fault;
            }
        }
        catch (MultipartException exception)
        {
            return new Fault(exception.Code, exception.Detail);
        }
        finally
        {
            body.Release();
        }

        // The bytes are all here: from now on a hang-up by the client must not lose them.
        var named = await NameAsync(ticket.Value, new Receiver(accountId, IsGuest: caller is null), form, incoming, quota);
        if (!named.IsFault)
        {
            LogKept(ticket.Value.Id, incoming.Files.Count, incoming.Bytes, accountId);
        }

        return named;
    }

    /// <summary>The report of a finished upload.</summary>
    public ValueTask<Outcome<FinishedUpload>> ReportAsync(string? id, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<FinishedUpload>>(
            session => id is not null && tables.Uploads.Find(session, id) is { FinishedAt: { } end }
                ? new FinishedUpload(tables.Uploads.ListFiles(session, id), IsLate: clock.GetUtcNow() - end < _reportDelay)
                : new Fault(KoCode.NoSuchUpload),
            cancellationToken);

    private async ValueTask<Outcome<UploadTicket>> AdmitAsync(string? id, Caller? caller, long? announced, CancellationToken cancellationToken)
    {
        if (caller is null && !_anonymous)
        {
            return new Fault(KoCode.NotAuthenticated);
        }

        if (announced > _maxRequest)
        {
            return new Fault(KoCode.BodyTooLarge, $"at most {ByteCount.Format(_maxRequest)} in one upload");
        }

        if (!space.IsEnoughFor(announced ?? 0))
        {
            return new Fault(KoCode.DiskFull);
        }

        var ticket = id is null ? null : await catalog.ReadAsync(session => tables.Uploads.Find(session, id), cancellationToken);
        return ticket switch
        {
            null => new Fault(KoCode.NoSuchUpload),
            { FinishedAt: not null } => new Fault(KoCode.UploadFinished),
            { AccountId: { } owner } when owner != caller?.AccountId => new Fault(KoCode.NoSuchUpload),
            _ => ticket,
        };
    }

    private async ValueTask<Fault?> CollectAsync(
        MultipartBody body, long? announced, UploadForm form, IncomingFiles incoming, Allowance allowance, CancellationToken cancellationToken)
    {
        while (await body.NextPartAsync(cancellationToken) is { } part)
        {
            if (part.FileName is null)
            {
                form.Set(part.Name, await body.ReadTextAsync(UploadForm.MaxTextBytes - form.TextBytes, cancellationToken));
                continue;
            }

            var fault = await KeepAsync(part.FileName, body, announced, incoming, allowance, cancellationToken);
            if (fault is not null)
            {
                return fault;
            }
        }

        return incoming.Files.Count == 0 ? new Fault(KoCode.UploadEmpty) : null;
    }

    private async ValueTask<Fault?> KeepAsync(
        string fileName, MultipartBody body, long? announced, IncomingFiles incoming, Allowance allowance, CancellationToken cancellationToken)
    {
        if (incoming.Files.Count == _maxFiles)
        {
            return new Fault(KoCode.UploadTooManyParts, $"at most {_maxFiles} files");
        }

        var data = await body.ReadAsync(cancellationToken);
        if (fileName.Length == 0 && data.IsEmpty)
        {
            // What a browser sends for a file field that was left empty.
            return null;
        }

        // The body's length is a fair guess for a lone file only.
        await using var writer = await store.BeginAsync(incoming.Files.Count == 0 ? announced : null, cancellationToken);
        while (!data.IsEmpty)
        {
            var length = writer.Length + data.Length;
            if (length > allowance.LargestFile)
            {
                return new Fault(KoCode.FileTooLarge, $"at most {ByteCount.Format(allowance.LargestFile)}");
            }

            if (!await allowance.Quota.CoversAsync(incoming.Bytes + length, cancellationToken))
            {
                return new Fault(KoCode.QuotaExceeded);
            }

            foreach (var segment in data)
            {
                await writer.WriteAsync(segment, cancellationToken);
            }

            data = await body.ReadAsync(cancellationToken);
        }

        incoming.Add(Names.Mend(fileName), await writer.CommitAsync(cancellationToken));
        return null;
    }

    private async Task<Outcome<UploadTicket>> NameAsync(
        UploadTicket ticket, Receiver receiver, UploadForm form, IncomingFiles incoming, QuotaLease quota)
    {
        var accountId = receiver.AccountId;
        var password = form.Password is { } text ? LinkPassword.Digest(text) : null;
        var named = await catalog.WriteAsync<Outcome<UploadTicket>>(
            session =>
            {
                if (!tables.Uploads.Finish(session, ticket.Id, clock.GetUtcNow() + settings.Seconds(SettingList.ReportSeconds)))
                {
                    return new Fault(KoCode.UploadFinished);
                }

                // An upload is never lost for its folder: what may not be written to gives way to the root.
                var wish = tables.Places.FindWritable(session, accountId, form.FolderId);
                var place = wish.IsFault ? new Place(accountId, Folder.RootId, Grant.Owner) : wish.Value;
                if (Charge(session, accountId, place, incoming.Bytes, quota) is { } fault)
                {
                    return fault;
                }

                var preferences = tables.Accounts.Find(session, accountId)!.Preferences;
                var domain = form.Domain is { } number && number <= address.LastDomain ? number : preferences.DefaultDomain;
                for (var i = 0; i < incoming.Files.Count; i++)
                {
                    var (name, blob) = incoming.Files[i];
                    var code = receiver.IsGuest ? RandomNumberGenerator.GetString(IdAlphabet, RemovalCodeLength) : null;
                    var file = tables.Arrivals.Add(session, new NewFile(place.AccountId, place.FolderId, name, blob, password, code)
                    {
                        Domain = domain,
                        NoSsl = preferences.DefaultPortFiles == 1,
                    });
                    tables.Uploads.AddFile(session, ticket.Id, i, new UploadedFile(name, file.PublicLink, blob.Length, file.Checksum, code));
                }

                return ticket;
            },
            CancellationToken.None);
        if (!named.IsFault)
        {
            incoming.Named();
            quota.Settled();
        }

        return named;
    }

    /// <summary>Counts the bytes where they come to lie: in another's folder they are that account's.</summary>
    private Fault? Charge(CatalogSession session, long accountId, Place place, long bytes, QuotaLease quota)
    {
        if (place.AccountId == accountId)
        {
            quota.Settle(session, bytes);
            return null;
        }

        if (tables.Accounts.Reserve(session, place.AccountId, bytes) < bytes)
        {
            return new Fault(KoCode.QuotaExceeded, "of the folder's owner");
        }

        tables.Accounts.Settle(session, place.AccountId, reserved: bytes, used: bytes);
        quota.Settle(session, used: 0);
        return null;
    }

    /// <summary>What one upload may bring.</summary>
    private sealed record Allowance(QuotaLease Quota, long LargestFile);

    /// <summary>Whose the files will be.</summary>
    private sealed record Receiver(long AccountId, bool IsGuest);

    [LoggerMessage(LogLevel.Information, "Upload {UploadId} kept {Files} files, {Bytes} bytes, for account {AccountId}")]
    private partial void LogKept(string uploadId, int files, long bytes, long accountId);
}
