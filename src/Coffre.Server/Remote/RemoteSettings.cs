using System.Globalization;
using System.Net;
using Coffre.Server.Settings;

namespace Coffre.Server.Remote;

/// <summary>What an operator may set about remote uploads.</summary>
internal static class RemoteSettings
{
    private const long PiB = 1L << 50;

    public static readonly Setting Enabled = Setting.Flag("Remote:Enabled", true, "Whether the server fetches URLs for its accounts.");

    public static readonly Setting Urls = Setting.Number("Remote:Urls", 100, 1, 1000, "Most URLs in one request.");

    public static readonly Setting Waiting = Setting.Number("Remote:Waiting", 1000, 1, 1_000_000, "Most URLs of one account that wait or are being fetched.");

    public static readonly Setting Parallel = Setting.Number("Remote:Parallel", 4, 1, 1000, "URLs that are fetched at once.");

    public static readonly Setting PerAccount = Setting.Number("Remote:PerAccount", 2, 1, 1000, "URLs of one account that are fetched at once.");

    public static readonly Setting PerHost = Setting.Number("Remote:PerHost", 2, 1, 1000, "URLs of one source host that are fetched at once.");

    public static readonly Setting Tries = Setting.Number("Remote:Tries", 5, 1, 100, "How often a URL is tried before it has failed.");

    public static readonly Setting RetrySeconds = Setting.Number("Remote:RetrySeconds", 10, 0, 3600, "Wait before the second try; it doubles with each further one.");

    public static readonly Setting FileBytes = Setting.Bytes("Remote:FileBytes", "300GB", 1, PiB, "Largest file that is fetched.");

    public static readonly Setting UrlSeconds = Setting.Number("Remote:UrlSeconds", 86_400, 1, 30 * 86_400, "How long one URL may take, all its tries together.");

    public static readonly Setting ConnectSeconds = Setting.Number("Remote:ConnectSeconds", 15, 1, 600, "How long a connection, or the beginning of an answer, may take.");

    public static readonly Setting StallSeconds = Setting.Number("Remote:StallSeconds", 60, 1, 3600, "The time in which Remote:SlowestBytes are counted.");

    public static readonly Setting SlowestBytes = Setting.Bytes("Remote:SlowestBytes", "60KB", 0, PiB, "Fewer bytes than this within Remote:StallSeconds end the try.");

    public static readonly Setting Ports = Setting.Words(
        "Remote:Ports", "21, 80, 443", "port numbers separated by commas, or 0 for all", "Ports of sources.", text => TryPorts(text, out _));

    public static readonly Setting AllowNetworks = Setting.Words(
        "Remote:AllowNetworks", "", "networks in CIDR form, separated by commas",
        "Private networks that may be fetched from all the same. Whoever has a key can then reach every host there.",
        text => Split(text).All(network => IPNetwork.TryParse(network, out _)));

    public static readonly Setting KeepSeconds = Setting.Number("Remote:KeepSeconds", 30 * 86_400, 60, 3650L * 86_400, "How long finished requests are listed.");

    public static IReadOnlyList<Setting> All { get; } =
    [
        Enabled, Urls, Waiting, Parallel, PerAccount, PerHost, Tries, RetrySeconds, FileBytes, UrlSeconds, ConnectSeconds, StallSeconds, SlowestBytes,
        Ports, AllowNetworks, KeepSeconds,
    ];

    public static IReadOnlyList<IPNetwork> Networks(ServerSettings settings) => [.. Split(settings.Text(AllowNetworks)).Select(IPNetwork.Parse)];

    /// <summary>Null: all ports.</summary>
    public static IReadOnlySet<int>? PortsOf(ServerSettings settings)
    {
        TryPorts(settings.Text(Ports), out var ports);
        return ports.Contains(0) ? null : ports;
    }

    private static bool TryPorts(string text, out HashSet<int> ports)
    {
        ports = [];
        foreach (var part in Split(text))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            {
                return false;
            }

            ports.Add(port);
        }

        return ports.Count > 0;
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
