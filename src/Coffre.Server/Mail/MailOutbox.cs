using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Settings;
using MimeKit;

namespace Coffre.Server.Mail;

/// <summary>Writes mails down in the transaction of what they tell of. The <see cref="MailWorker"/> sends them.</summary>
internal sealed class MailOutbox(MailTable table, AccountTable accounts, ServerSettings settings, TimeProvider clock)
{
    private const int MaxAddress = 250;
    private const int MaxMessage = 2000;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly long _perDay = settings.Number(MailSettings.PerDay);
    private readonly int _recipients = settings.Int(MailSettings.Recipients);

    /// <summary>Whether mail is sent at all.</summary>
    public bool IsOn { get; } = settings.Text(MailSettings.Host).Length > 0;

    /// <summary>Tells the worker, once the transaction is on disk.</summary>
    public void Raise() => _raised.Writer.TryWrite(true);

    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _raised.Reader.ReadAsync(cancellationToken);

    /// <summary>What an upload's form asked for. Addresses that are none are passed over: an upload is never lost for a mail.</summary>
    /// <param name="session">The writer's.</param>
    /// <param name="accountId">Who uploaded.</param>
    /// <param name="wish">The form's fields.</param>
    /// <param name="files">Name and link of each.</param>
    public void AddUpload(CatalogSession session, long accountId, MailWish wish, IReadOnlyList<(string Name, string Link)> files)
    {
        if (!IsOn)
        {
            return;
        }

        var list = Lines(files);
        foreach (var address in Addresses(wish.Self).Take(1))
        {
            Add(session, accountId, address, Count(files.Count, "was uploaded", "were uploaded"), list);
        }

        var sender = accounts.Find(session, accountId)!.Email;
        var text = wish.Message is { Length: > 0 } message ? (message.Length > MaxMessage ? message[..MaxMessage] : message) + "\n\n" : "";
        foreach (var address in Addresses(wish.Contacts).Take(_recipients))
        {
            Add(session, accountId, address, $"{sender} has sent you {Count(files.Count, "", "").Trim()}", $"{text}{list}");
        }
    }

    /// <summary>To the account itself, if it wants reports of this kind.</summary>
    /// <param name="session">The writer's.</param>
    /// <param name="accountId">Whose report.</param>
    /// <param name="wants">Looks into its preferences.</param>
    /// <param name="subject">One line.</param>
    /// <param name="body">Text.</param>
    public void AddReport(CatalogSession session, long accountId, Func<Preferences, bool> wants, string subject, string body)
    {
        if (IsOn && accounts.Find(session, accountId) is { } account && wants(account.Preferences))
        {
            Add(session, accountId, account.Email, subject, body);
        }
    }

    /// <summary>To the account itself, about its own safety: whoever used up the mails of the day cannot keep this one back.</summary>
    public void AddSecurity(CatalogSession session, long accountId, string subject, string body)
    {
        if (accounts.Find(session, accountId) is { } account)
        {
            AddSecurityTo(session, accountId, account.Email, subject, body);
        }
    }

    /// <summary>The same to an address that is not, or not yet, or no more the account's.</summary>
    public void AddSecurityTo(CatalogSession session, long accountId, string recipient, string subject, string body)
    {
        if (IsOn)
        {
            table.Insert(session, accountId, recipient, subject, body);
        }
    }

    private void Add(CatalogSession session, long accountId, string recipient, string subject, string body)
    {
        if (table.CountSince(session, accountId, clock.GetUtcNow() - Day) < _perDay)
        {
            table.Insert(session, accountId, recipient, subject.ReplaceLineEndings(" "), body);
        }
    }

    private static string Lines(IReadOnlyList<(string Name, string Link)> files)
    {
        var text = new StringBuilder();
        foreach (var (name, link) in files)
        {
            text.Append(name).Append('\n').Append(link).Append("\n\n");
        }

        return text.ToString();
    }

    private static string Count(int files, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{files} {(files == 1 ? "file" : "files")} {(files == 1 ? one : many)}");

    private static IEnumerable<string> Addresses(string? text) =>
        (text ?? "").Split([',', ';', ' ', '\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries)
            .Where(address => address.Length <= MaxAddress && address.Contains('@', StringComparison.Ordinal) && MailboxAddress.TryParse(address, out _))
            .Distinct(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Whom an upload's form wants to be told.</summary>
/// <param name="Self">Address of the uploader.</param>
/// <param name="Contacts">Addresses of others.</param>
/// <param name="Message">A text for those.</param>
internal sealed record MailWish(string? Self, string? Contacts, string? Message);
