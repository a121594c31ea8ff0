using Coffre.Server.Settings;
using MimeKit;

namespace Coffre.Server.Mail;

/// <summary>What an operator may set about mail.</summary>
internal static class MailSettings
{
    public static readonly Setting Host = Setting.Words("Mail:Host", "", "a host name, or empty", "SMTP server that takes our mail; empty: no mail is sent.");

    public static readonly Setting Port = Setting.Number("Mail:Port", 587, 1, 65535, "Its port.");

    public static readonly Setting Security = Setting.Choice(
        "Mail:Security", "starttls", "How the connection is protected.", "none", "starttls", "tls");

    public static readonly Setting User = Setting.Words("Mail:User", "", "a name, or empty", "Name to sign in with; empty: none.");

    public static readonly Setting PasswordFile = Setting.Words("Mail:PasswordFile", "", "a file", "File whose first line is the password.");

    public static readonly Setting From = Setting.Words(
        "Mail:From", "", "an e-mail address", "Sender of our mail.", text => text.Length == 0 || (MailboxAddress.TryParse(text, out var address) && address.Address.Contains('@', StringComparison.Ordinal)));

    public static readonly Setting PerDay = Setting.Number("Mail:PerDay", 200, 0, 1_000_000, "Most mails of one account in 24 hours; more are not sent.");

    public static readonly Setting Recipients = Setting.Number("Mail:Recipients", 20, 0, 1000, "Most contacts that one upload may notify.");

    public static readonly Setting Tries = Setting.Number("Mail:Tries", 6, 1, 100, "How often a mail is tried: after 1, 2, 4, 8, … minutes.");

    public static IReadOnlyList<Setting> All { get; } = [Host, Port, Security, User, PasswordFile, From, PerDay, Recipients, Tries];

    /// <exception cref="SettingException">Mail is on, but nobody sends it.</exception>
    public static void Check(ServerSettings settings)
    {
        if (settings.Text(Host).Length > 0 && settings.Text(From).Length == 0)
        {
            throw new SettingException("Mail needs a sender: set Mail:From to an e-mail address.");
        }
    }
}
