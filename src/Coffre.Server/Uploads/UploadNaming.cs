using System.Security.Cryptography;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;
using Coffre.Server.Mail;
using Coffre.Server.Settings;

namespace Coffre.Server.Uploads;

/// <summary>Names the files of uploads whose bytes are kept, all that wait in one go: the counts of an account are read and written once for all.</summary>
internal sealed class UploadNaming(UploadTables tables, MailOutbox mails, ServerSettings settings, PublicAddress address, TimeProvider clock)
    : IGroupWork<KeptUpload, Outcome<UploadTicket>>
{
    private const int RemovalCodeLength = 8;
    private const string IncomingFolder = "incoming";

    private readonly TimeSpan _reportLife = settings.Seconds(SettingList.ReportSeconds);

    public IReadOnlyList<Outcome<UploadTicket>> Run(CatalogSession session, IReadOnlyList<KeptUpload> items)
    {
        var ledgers = new LedgerBook(session, tables.Accounts);
        var results = new List<Outcome<UploadTicket>>(items.Count);
        foreach (var upload in items)
        {
            if (NameOne(session, ledgers, upload) is { } fault)
            {
                results.Add(fault);
                return results;
            }

            results.Add(upload.Ticket);
        }

        ledgers.Close();
        return results;
    }

    private Fault? NameOne(CatalogSession session, LedgerBook ledgers, KeptUpload upload)
    {
        var intake = upload.Intake;
        var isIncoming = intake.Receiver!.Kind == ReceiverKind.Incoming;
        if (!tables.Uploads.Finish(session, upload.Ticket, clock.GetUtcNow() + _reportLife, isIncoming))
        {
            return new Fault(KoCode.UploadFinished);
        }

        var place = PlaceOf(session, intake);
        if (ledgers.Find(place.AccountId) is not { IsSuspended: false } owner)
        {
            // It was suspended or deleted while the bytes were on their way.
            return new Fault(KoCode.AccountSuspended);
        }

        var receiver = ledgers.Find(intake.Receiver.AccountId)!;
        if (intake.Settle(owner, receiver) is { } fault)
        {
            return fault;
        }

        NameAll(session, owner, receiver.Preferences, upload, place);
        return null;
    }

    /// <summary>An upload is never lost for its folder: what may not be written to gives way to the root.</summary>
    private Place PlaceOf(CatalogSession session, UploadIntake intake)
    {
        var accountId = intake.Receiver!.AccountId;
        if (intake.Receiver.Kind == ReceiverKind.Incoming)
        {
            var folder = tables.Folders.FindByName(session, accountId, Folder.RootId, IncomingFolder)
                ?? tables.Folders.Insert(session, accountId, Folder.RootId, IncomingFolder);
            return new Place(accountId, folder.Id, Grant.Owner);
        }

        var reach = intake.Receiver.Reach;
        var wish = tables.Places.FindWritable(session, reach, intake.Form.FolderId);
        var place = wish.IsFault ? tables.Places.Find(session, reach, Folder.RootId) : wish;
        return place.IsFault ? new Place(accountId, Folder.RootId, Grant.Owner) : place.Value;
    }

    private void NameAll(CatalogSession session, AccountLedger owner, Preferences preferences, KeptUpload upload, Place place)
    {
        var intake = upload.Intake;
        var domain = intake.Form.Domain is { } number && number <= address.LastDomain ? number : preferences.DefaultDomain;
        var files = intake.Incoming.Files;
        var told = new List<(string, string)>();
        for (var i = 0; i < files.Count; i++)
        {
            var (name, blob) = files[i];
            var code = intake.Receiver!.Kind == ReceiverKind.Guest ? RandomNumberGenerator.GetString(UploadTicket.Alphabet, RemovalCodeLength) : null;
            var file = tables.Arrivals.Add(session, owner, new NewFile(place.AccountId, place.FolderId, name, blob, upload.Password, code)
            {
                Domain = domain,
                NoSsl = preferences.DefaultPortFiles == 1,
            });
            tables.Uploads.AddFile(session, upload.Ticket.Id, i, new UploadedFile(name, file.PublicLink, blob.Length, file.Checksum, code));
            if (mails.IsOn)
            {
                told.Add((name, intake.Request.Write(file.PublicLink)));
            }
        }

        if (mails.IsOn && intake.Receiver!.Kind == ReceiverKind.Own)
        {
            mails.AddUpload(session, intake.Receiver.AccountId, intake.Form.Mail, told);
        }
    }

    /// <summary>The ledgers that are open in one transaction.</summary>
    private sealed class LedgerBook(CatalogSession session, AccountTable accounts)
    {
        private readonly Dictionary<long, AccountLedger?> _open = [];

        /// <summary>The account's; null if there is no such account.</summary>
        public AccountLedger? Find(long accountId)
        {
            if (!_open.TryGetValue(accountId, out var ledger))
            {
                ledger = accounts.OpenLedger(session, accountId);
                _open[accountId] = ledger;
            }

            return ledger;
        }

        public void Close()
        {
            foreach (var ledger in _open.Values.OfType<AccountLedger>())
            {
                accounts.CloseLedger(session, ledger);
            }
        }
    }
}

/// <summary>An upload whose bytes are kept and whose files wait for their names.</summary>
/// <param name="Ticket">The right to make it.</param>
/// <param name="Intake">What came in.</param>
/// <param name="Password">Digest of the password that downloads will need; null for none.</param>
internal sealed record KeptUpload(UploadTicket Ticket, UploadIntake Intake, string? Password);
