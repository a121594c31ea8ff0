using System.Net;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Settings;
using Coffre.Storage;

namespace Coffre.Server.Uploads;

/// <summary>One upload on its way in: the fields of its form, its receiver, the receiver's quota, the bytes that are kept so far.</summary>
/// <remarks>Disposed before its files were named, it gives everything back.</remarks>
internal sealed class UploadIntake(
    IBlobStore store, HeldBlobs held, CatalogStore catalog, AccountTable accounts, ReceiverFinder receivers, TierRights rights, UploadRequest request) : IAsyncDisposable
{
    /// <summary>What was known before the form was read.</summary>
    public UploadRequest Request => request;

    private const int FormOverhead = 1024;

    // A commit of its own would cost more than all the rest of a small upload.
    private const long SmallUpload = 1 << 20;
    private QuotaLease? _quota;

    public UploadForm Form { get; } = new();

    public IncomingFiles Incoming { get; } = new(store, held);

    /// <summary>Known once a file came, or the form has ended well.</summary>
    public UploadReceiver? Receiver { get; private set; }

    public QuotaLease Quota => _quota ?? throw new InvalidOperationException("No file came.");

    /// <summary>Whether no room was set aside beforehand: the transaction that names the files looks for it.</summary>
    private bool IsSmall => request.Announced <= SmallUpload;

    /// <summary>Counts the bytes as used, inside the transaction that names them.</summary>
    /// <param name="owner">Whose folder they come to lie in.</param>
    /// <param name="receiver">Who took them in: most often the same.</param>
    public Fault? Settle(AccountLedger owner, AccountLedger receiver)
    {
        var reserved = IsSmall ? 0 : Quota.Reserved;
        if (owner == receiver && reserved > 0)
        {
            owner.Settle(reserved, Incoming.Bytes);
            return null;
        }

        if (!owner.TryUse(Incoming.Bytes))
        {
            return new Fault(KoCode.QuotaExceeded, owner == receiver ? null : "of the folder's owner");
        }

        receiver.Settle(reserved, used: 0);
        return null;
    }

    /// <summary>Reads the form to its end and keeps its files.</summary>
    public async ValueTask<Fault?> CollectAsync(MultipartBody body, CancellationToken cancellationToken)
    {
        while (await body.NextPartAsync(cancellationToken) is { } part)
        {
            if (part.FileName is null)
            {
                Form.Set(part.Name, await body.ReadTextAsync(UploadForm.MaxTextBytes - Form.TextBytes, cancellationToken));
                continue;
            }

            if ((await ReceiveAsync(cancellationToken) ?? await KeepAsync(part.FileName, body, cancellationToken)) is { } fault)
            {
                return fault;
            }
        }

        return Incoming.Files.Count == 0 ? new Fault(KoCode.UploadEmpty) : await HandOverAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Incoming.DisposeAsync();
        }
        finally
        {
            if (_quota is not null)
            {
                await _quota.DisposeAsync();
            }
        }
    }

    /// <summary>Before the first file: whose it will be, and room for it.</summary>
    private async ValueTask<Fault?> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (Receiver is not null)
        {
            return null;
        }

        var found = await FindAsync(cancellationToken);
        if (found.IsFault)
        {
            return found.Fault;
        }

        var lease = await QuotaLease.OpenAsync(
            catalog, accounts, found.Value.AccountId, IsSmall ? null : request.Announced, (request.MaxFiles + 1) * FormOverhead, cancellationToken);
        if (lease.IsFault)
        {
            return lease.Fault;
        }

        (Receiver, _quota) = (found.Value, lease.Value);
        return null;
    }

    /// <summary>A guest's form may say behind the files whose they are to be.</summary>
    private async ValueTask<Fault?> HandOverAsync(CancellationToken cancellationToken)
    {
        if (Receiver is not { Kind: ReceiverKind.Guest } || Form.User is null)
        {
            return null;
        }

        var found = await FindAsync(cancellationToken);
        if (found.IsFault || found.Value == Receiver)
        {
            return found.Fault;
        }

        var lease = await QuotaLease.OpenAsync(catalog, accounts, found.Value.AccountId, IsSmall ? null : Incoming.Bytes, overhead: 0, cancellationToken);
        if (lease.IsFault)
        {
            return lease.Fault;
        }

        await Quota.DisposeAsync();
        (Receiver, _quota) = (found.Value, lease.Value);
        return null;
    }

    private async ValueTask<Outcome<UploadReceiver>> FindAsync(CancellationToken cancellationToken)
    {
        var found = await receivers.FindAsync(request.Caller, Form, request.Address, cancellationToken);

        // A ticket that was asked for with a key is good for that account only.
        return !found.IsFault && request.Ticket.AccountId is { } owner && owner != found.Value.AccountId ? new Fault(KoCode.NoSuchUpload) : found;
    }

    private async ValueTask<Fault?> KeepAsync(string fileName, MultipartBody body, CancellationToken cancellationToken)
    {
        if (Incoming.Files.Count == request.MaxFiles)
        {
            return new Fault(KoCode.UploadTooManyParts, $"at most {request.MaxFiles} files");
        }

        var data = await body.ReadAsync(cancellationToken);
        if (fileName.Length == 0 && data.IsEmpty)
        {
            // What a browser sends for a file field that was left empty.
            return null;
        }

        // The body's length is a fair guess for a lone file only.
        await using var writer = await store.BeginAsync(Incoming.Files.Count == 0 ? request.Announced : null, cancellationToken);
        var largest = rights.LargestFile(Receiver!.Tier);
        while (!data.IsEmpty)
        {
            var length = writer.Length + data.Length;
            if (length > largest)
            {
                return new Fault(KoCode.FileTooLarge, $"at most {ByteCount.Format(largest)}");
            }

            if (!IsSmall && !await Quota.CoversAsync(Incoming.Bytes + length, cancellationToken))
            {
                return new Fault(KoCode.QuotaExceeded);
            }

            foreach (var segment in data)
            {
                await writer.WriteAsync(segment, cancellationToken);
            }

            data = await body.ReadAsync(cancellationToken);
        }

        Incoming.Add(Names.Mend(fileName), await writer.CommitAsync(cancellationToken));
        return null;
    }
}

/// <summary>What is known of an upload before its form is read.</summary>
/// <param name="Ticket">The right to make it.</param>
/// <param name="Caller">Who the request's header tells of; null for nobody.</param>
/// <param name="Address">Where it comes from.</param>
/// <param name="Announced">Bytes of the body, if known.</param>
/// <param name="MaxFiles">Most files.</param>
internal sealed record UploadRequest(UploadTicket Ticket, Caller? Caller, IPAddress? Address, long? Announced, int MaxFiles)
{
    /// <summary>How a link is written to whoever sent this request.</summary>
    public required Func<PublicLink, string> Write { get; init; }
}
