using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>What an operator may set about accounts and tiers.</summary>
internal static class AccountSettings
{
    private const long PiB = 1L << 50;

    public static readonly Setting DefaultQuota = Setting.Bytes(
        "Accounts:Quota", "2TB", 0, PiB, "Quota of new accounts.");

    public static readonly Setting FreeCalls = Setting.Flag(
        "Tiers:FreeCalls", true, "Whether accounts of the free tier may make calls other than uploads and user/info.") with { StrictDefault = "false" };

    public static readonly Setting GuestFile = Setting.Bytes(
        "Tiers:GuestFileBytes", "300GB", 1, PiB, "Largest file without an account.") with { StrictDefault = "5GB" };

    public static readonly Setting FreeFile = FileSetting("Free") with { StrictDefault = "50GB" };

    public static readonly Setting PremiumFile = FileSetting("Premium");

    public static readonly Setting AccessFile = FileSetting("Access");

    public static readonly Setting GoldFile = FileSetting("Gold");

    public static readonly Setting SignInsAtOnce = Setting.Number(
        "Accounts:SignInsAtOnce", 2, 1, 64, "Passwords that are checked at once (each takes 19 MiB and some tens of milliseconds); others wait.");

    public static readonly Setting SignInsWaiting = Setting.Number(
        "Accounts:SignInsWaiting", 64, 1, 10_000, "Passwords that may wait for their turn to be checked; more are refused.");

    public static readonly Setting FailuresByAddress = Setting.Number(
        "Accounts:FailuresByAddress", 20, 1, 100_000, "Wrong passwords from one address that are free; each further one doubles the wait, from a second up to Accounts:FailureSeconds.");

    public static readonly Setting FailuresByPair = Setting.Number(
        "Accounts:FailuresByPair", 3, 1, 100_000, "The same for one account from one address.");

    public static readonly Setting FailuresByAccount = Setting.Number(
        "Accounts:FailuresByAccount", 10, 1, 100_000, "Wrong passwords for one account from everywhere within Accounts:FailureSeconds; then it has to wait, but not where it was signed in before.");

    public static readonly Setting FailureSeconds = Setting.Number(
        "Accounts:FailureSeconds", 900, 1, 86400, "The time in which wrong passwords count, and the longest wait.");

    public static readonly Setting LettersByAddress = Setting.Number(
        "Accounts:LettersByAddress", 20, 1, 100_000, "Mails and accounts that strangers may ask for from one address within Accounts:FailureSeconds.");

    public static readonly Setting LettersByEmail = Setting.Number(
        "Accounts:LettersByEmail", 3, 1, 1000, "Mails that strangers may have sent to one e-mail address within Accounts:FailureSeconds; more are passed over.");

    /// <summary>In the order of <see cref="Tier"/>.</summary>
    public static IReadOnlyList<Setting> FileByTier { get; } = [FreeFile, PremiumFile, AccessFile, GoldFile];

    public static IReadOnlyList<Setting> All { get; } = 
    [
        DefaultQuota, FreeCalls, GuestFile, .. FileByTier, SignInsAtOnce, SignInsWaiting, FailuresByAddress, FailuresByPair, FailuresByAccount, FailureSeconds, LettersByAddress, LettersByEmail,
    ];

    private static Setting FileSetting(string tier) =>
        Setting.Bytes($"Tiers:{tier}FileBytes", "300GB", 1, PiB, $"Largest file of an account of the {tier} tier (never more than Uploads:FileBytes).");
}
