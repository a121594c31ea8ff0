using Coffre.Server.Settings;

namespace Coffre.Server.Keys;

/// <summary>What an operator may set about keys.</summary>
internal static class KeySettings
{
    public static readonly Setting InUrl = Setting.Flag(
        "Keys:InUrl", false, "Whether a key may stand in the URL (api_key=, apikey=), for old scripts. Proxies and shell histories write it down.");

    public static readonly Setting PerAccount = Setting.Number("Keys:PerAccount", 100, 1, 10_000, "How many keys an account may have that have not ended.");

    public static readonly Setting FailuresByAddress = Setting.Number(
        "Keys:FailuresByAddress", 100, 1, 1_000_000, "Keys that are refused from one address within Keys:FailureSeconds before unknown ones are no longer looked up.");

    public static readonly Setting FailureSeconds = Setting.Number("Keys:FailureSeconds", 300, 1, 86_400, "The time in which refused keys are counted.");

    public static readonly Setting ViewAgain = Setting.Flag(
        "Keys:ViewAgain", false, "Whether each account may have one key that it can see again after signing in anew, as users of 1fichier know it. Turning it off forgets those keys' texts; the keys go on.");

    public static IReadOnlyList<Setting> All { get; } = [InUrl, PerAccount, ViewAgain, FailuresByAddress, FailureSeconds];
}
