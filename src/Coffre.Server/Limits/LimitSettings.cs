using System.Net;
using Coffre.Server.Settings;

namespace Coffre.Server.Limits;

/// <summary>How often and how much one may ask. Zero turns a rule off.</summary>
internal static class LimitSettings
{
    private const string Strict = "1fichier";
    private const long Day = 86_400;

    public static readonly Setting Profile = Setting.Choice(
        "Limits:Profile", "house", "Whose numbers hold where none is set: the house's generous ones, or the published ones of 1fichier, for testing clients.",
        "house", Strict);

    public static readonly Setting KeyRate = Rule("KeyRate", 1000, 3, 1_000_000, "Calls that one key may make in a second.");

    public static readonly Setting KeyBurst = Rule("KeyBurst", 5000, 3, 1_000_000, "Calls that one key may make at once after a pause.");

    public static readonly Setting AddressRate = Rule("AddressRate", 0, 3, 1_000_000, "Calls that one address may make in a second.");

    public static readonly Setting AddressBurst = Rule("AddressBurst", 0, 3, 1_000_000, "Calls that one address may make at once after a pause.");

    public static readonly Setting LockSeconds = Rule(
        "LockSeconds", 0, 30, Day, "How long whoever asked too often is locked; 0: only the call is refused, with HTTP 429 and Retry-After.");

    public static readonly Setting FolderSeconds = Rule(
        "FolderSeconds", 0, 30, Day, "Seconds between two listings of one folder by file/ls, and by folder/ls.");

    public static readonly Setting WholeSeconds = Rule(
        "AccountListingSeconds", 0, 3600, Day, "Seconds between two listings of a whole account (file/ls with folder_id -1).");

    public static readonly Setting InfoAddressSeconds = Rule("InfoAddressSeconds", 0, 60, Day, "Seconds between two user/info calls of one address.");

    public static readonly Setting InfoAccountSeconds = Rule("InfoAccountSeconds", 0, 300, Day, "Seconds between two user/info calls of one account.");

    public static readonly Setting ListedItems = Rule("ListedItems", 0, 5000, 100_000_000, "Most files that one listing shows; 0: all.");

    public static readonly Setting LocationSeconds = Rule(
        "LocationSeconds", 0, 300, Day, "How long a download token keeps other addresses from asking for one.");

    public static readonly Setting ListingDelay = Rule("ListingDelaySeconds", 0, 0, 3600, "How long a new file is not listed yet.");

    public static readonly Setting ReportDelay = Rule("ReportDelaySeconds", 0, 0, 3600, "How long end.pl answers its waiting page after an upload.");

    public static readonly Setting Strikes = Rule(
        "Strikes", 0, 100, 1_000_000, "Answers 401, 403, 404 and 410 within Limits:StrikeSeconds that lock an address.");

    public static readonly Setting StrikeSeconds = Rule("StrikeSeconds", 600, 600, Day, "The time in which strikes are counted.");

    public static readonly Setting StrikeLock = Rule("StrikeLockSeconds", 3600, 3600, 30 * Day, "How long an address is locked after too many strikes.");

    public static readonly Setting Tracked = Setting.Number(
        "Limits:Tracked", 100_000, 1000, 10_000_000, "How many addresses, keys and folders are remembered for these rules; the least recent are forgotten.");

    public static readonly Setting Headers = Setting.Flag(
        "Limits:Headers", true, "Whether answers say RateLimit and RateLimit-Policy (an IETF draft).");

    public static readonly Setting TrustedProxies = Setting.Words(
        "Limits:TrustedProxies", "", "addresses or networks in CIDR form, separated by commas",
        "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.", text => Split(text).All(network => IPNetwork.TryParse(WithLength(network), out _)));

    public static IReadOnlyList<Setting> All { get; } =
    [
        Profile, KeyRate, KeyBurst, AddressRate, AddressBurst, LockSeconds, FolderSeconds, WholeSeconds, InfoAddressSeconds, InfoAccountSeconds,
        ListedItems, LocationSeconds, ListingDelay, ReportDelay, Strikes, StrikeSeconds, StrikeLock, Tracked, Headers, TrustedProxies,
    ];

    public static bool IsStrict(string profile) => profile.Equals(Strict, StringComparison.OrdinalIgnoreCase);

    public static IReadOnlyList<IPNetwork> Networks(ServerSettings settings) =>
        [.. Split(settings.Text(TrustedProxies)).Select(network => IPNetwork.Parse(WithLength(network)))];

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string WithLength(string network) =>
        network.Contains('/', StringComparison.Ordinal) ? network : network + (network.Contains(':', StringComparison.Ordinal) ? "/128" : "/32");

    private static Setting Rule(string name, long house, long strict, long max, string description) =>
        Setting.Number("Limits:" + name, house, 0, max, description) with
        {
            StrictDefault = house == strict ? null : strict.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
}
