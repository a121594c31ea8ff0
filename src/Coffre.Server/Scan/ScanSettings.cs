using System.Net;
using Coffre.Server.Settings;

namespace Coffre.Server.Scan;

/// <summary>What an operator may set about virus scans.</summary>
internal static class ScanSettings
{
    public static readonly Setting Clamd = Setting.Words(
        "Scan:Clamd", "", "address:port, or the path of a socket, or empty", "The clamd that scans files; empty: there is none.",
        text => text.Length == 0 || text.StartsWith('/') || IPEndPoint.TryParse(text, out _));

    public static readonly Setting FileBytes = Setting.Bytes("Scan:FileBytes", "5GB", 1, 1L << 50, "Largest file that is scanned; clamd's own StreamMaxLength may be less.");

    public static readonly Setting CacheSeconds = Setting.Number("Scan:CacheSeconds", 6 * 3600, 0, 30 * 86_400, "How long a result holds.");

    public static readonly Setting Seconds = Setting.Number("Scan:Seconds", 600, 1, 86_400, "How long a scan may take.");

    public static readonly Setting Parallel = Setting.Number("Scan:Parallel", 2, 1, 100, "Scans at once; others wait.");

    public static readonly Setting Delete = Setting.Flag("Scan:Delete", false, "Whether a file in which its owner's scan finds a virus is removed.") with { StrictDefault = "true" };

    public static IReadOnlyList<Setting> All { get; } = [Clamd, FileBytes, CacheSeconds, Seconds, Parallel, Delete];

    /// <summary>Whether the text of the setting is the path of a socket.</summary>
    public static bool IsPath(string clamd) => clamd.StartsWith('/');
}
