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

    /// <summary>In the order of <see cref="Tier"/>.</summary>
    public static IReadOnlyList<Setting> FileByTier { get; } = [FreeFile, PremiumFile, AccessFile, GoldFile];

    public static IReadOnlyList<Setting> All { get; } = [DefaultQuota, FreeCalls, GuestFile, .. FileByTier];

    private static Setting FileSetting(string tier) =>
        Setting.Bytes($"Tiers:{tier}FileBytes", "300GB", 1, PiB, $"Largest file of an account of the {tier} tier (never more than Uploads:FileBytes).");
}
