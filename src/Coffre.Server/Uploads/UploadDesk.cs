using System.Security.Cryptography;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;
using Coffre.Server.Limits;
using Coffre.Server.Mail;
using Coffre.Server.Settings;
using Coffre.Storage;

namespace Coffre.Server.Uploads;

/// <summary>Decides whether bytes may come in, keeps them, then names them. In that order.</summary>
internal sealed partial class UploadDesk(
    IBlobStore store, HeldBlobs held, CatalogStore catalog, UploadTables tables, TicketOffice office, OpenTickets open, UploadNaming naming, ReceiverFinder receivers, TierRights rights, MailOutbox mails, ServerSettings settings, PublicAddress address, FreeSpace space, TimeProvider clock, ILogger<UploadDesk> logger)
{
    private readonly TimeSpan _reportDelay = settings.Seconds(LimitSettings.ReportDelay);
    private readonly int _maxFiles = settings.Int(SettingList.MaxFiles);
    private readonly long _maxRequest = settings.Bytes(SettingList.MaxRequest);

    /// <summary>Most parts of one form: the files and a few text fields.</summary>
    public int MaxParts => _maxFiles + 32;

    /// <summary>Gives out the right to one upload.</summary>
    public async Task<Outcome<UploadTicket>> OpenAsync(Caller? caller, CancellationToken cancellationToken)
    {
        if (caller is not null && await LackAsync(caller, cancellationToken) is { } lack)
        {
            return lack;
        }

        var ticket = new UploadTicket(
            RandomNumberGenerator.GetString(UploadTicket.Alphabet, UploadTicket.IdLength), caller?.AccountId,
            clock.GetUtcNow() + settings.Seconds(SettingList.TicketSeconds), FinishedAt: null);
        var opened = await catalog.WriteAsync(office, ticket, cancellationToken);
        if (!opened.IsFault)
        {
            open.Add(ticket);
        }

        return opened;
    }

    /// <summary>Takes the files of one upload: all of them, or none.</summary>
    /// <param name="id">The ticket.</param>
    /// <param name="asker">Who uploads, as far as the request's header tells, and from where.</param>
    /// <param name="http">Tells the length of the body, if known, and how links are to be written.</param>
    /// <param name="body">The form.</param>
    /// <param name="cancellationToken">The client hung up.</param>
    public async Task<Outcome<UploadTicket>> ReceiveAsync(
        string? id, Asker asker, HttpRequest http, MultipartBody body, CancellationToken cancellationToken)
    {
        var ticket = await AdmitAsync(id, asker.Caller, http.ContentLength, cancellationToken);
        if (ticket.IsFault)
        {
            return ticket;
        }

        var request = new UploadRequest(ticket.Value, asker.Caller, asker.Address, http.ContentLength, _maxFiles)
        {
            Write = link => address.Link(http, link),
        };
        await using var intake = new UploadIntake(store, held, catalog, tables.Accounts, receivers, rights, request);
        try
        {
            if (await intake.CollectAsync(body, cancellationToken) is { } fault)
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
        var named = await NameAsync(ticket.Value, intake);
        if (!named.IsFault)
        {
            LogKept(ticket.Value.Id, intake.Incoming.Files.Count, intake.Incoming.Bytes, intake.Receiver!.AccountId);
        }

        return named;
    }

    /// <summary>The report of a finished upload.</summary>
    public ValueTask<Outcome<FinishedUpload>> ReportAsync(string? id, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<FinishedUpload>>(
            session => id is not null && tables.Uploads.Find(session, id) is { FinishedAt: { } end }
                ? new FinishedUpload(
                    tables.Uploads.ListFiles(session, id), IsLate: clock.GetUtcNow() - end < _reportDelay, tables.Uploads.IsIncoming(session, id))
                : new Fault(KoCode.NoSuchUpload),
            cancellationToken);

    private async ValueTask<Outcome<UploadTicket>> AdmitAsync(string? id, Caller? caller, long? announced, CancellationToken cancellationToken)
    {
        if (announced > _maxRequest)
        {
            return new Fault(KoCode.BodyTooLarge, $"at most {ByteCount.Format(_maxRequest)} in one upload");
        }

        if (!space.IsEnoughFor(announced ?? 0))
        {
            return new Fault(KoCode.DiskFull);
        }

        if (caller is not null && await LackAsync(caller, cancellationToken) is { } lack)
        {
            return lack;
        }

        var ticket = id is null ? null : open.Find(id) ?? await FindAsync(id, cancellationToken);
        return ticket switch
        {
            null => new Fault(KoCode.NoSuchUpload),
            { FinishedAt: not null } => new Fault(KoCode.UploadFinished),
            { AccountId: { } owner } when caller is not null && owner != caller.AccountId => new Fault(KoCode.NoSuchUpload),
            _ => ticket,
        };
    }

    private ValueTask<UploadTicket?> FindAsync(string id, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => tables.Uploads.Find(session, id), cancellationToken);

    /// <summary>What keeps the caller's key from uploading anywhere.</summary>
    private async ValueTask<Fault?> LackAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.FaultWithout(KeyScopes.Write) is { } lack)
        {
            return lack;
        }

        var root = caller.Reach.IsFenced
            ? await catalog.ReadAsync(session => tables.Places.Find(session, caller.Reach, Folder.RootId), cancellationToken)
            : default;
        return root.IsFault ? root.Fault : null;
    }

    private async Task<Outcome<UploadTicket>> NameAsync(UploadTicket ticket, UploadIntake intake)
    {
        var password = intake.Form.Password is { } text ? LinkPassword.Digest(text) : null;
        var named = await intake.Incoming.NameAsync(catalog, naming, new KeptUpload(ticket, intake, password));
        if (!named.IsFault)
        {
            intake.Quota.Settled();
            open.Remove(ticket.Id);
            mails.Raise();
        }

        return named;
    }

    [LoggerMessage(LogLevel.Information, "Upload {UploadId} kept {Files} files, {Bytes} bytes, for account {AccountId}")]
    private partial void LogKept(string uploadId, int files, long bytes, long accountId);
}
