using System.Net;
using Coffre.Server.Settings;

namespace Coffre.Server.Ftp;

/// <summary>What an operator may set about the FTP drop zone.</summary>
internal static class FtpSettings
{
    public static readonly Setting Port = Setting.Number("Ftp:Port", 0, 0, 65535, "Port of the FTP drop zone; 0: there is none.");

    public static readonly Setting Address = Setting.Words(
        "Ftp:Address", "127.0.0.1", "an IP address of this machine, or 0.0.0.0 / :: for all", "Where it listens.", text => IPAddress.TryParse(text, out _));

    public static readonly Setting RequireTls = Setting.Flag(
        "Ftp:RequireTls", true, "Whether a password is taken only after AUTH TLS, and files only over protected connections (PROT P).");

    public static readonly Setting PassivePorts = Setting.Words(
        "Ftp:PassivePorts", "0", "0 for any, or FIRST-LAST such as 50000-50100", "Ports for data connections.", text => TryRange(text, out _, out _));

    public static readonly Setting PublicAddress = Setting.Words(
        "Ftp:PublicAddress", "", "an IPv4 address, or empty", "What PASV tells clients behind address translation; empty: the address that they came to.",
        text => text.Length == 0 || (IPAddress.TryParse(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork));

    public static readonly Setting Sessions = Setting.Number("Ftp:Sessions", 50, 1, 10_000, "Most connections at once.");

    public static readonly Setting SessionsPerAddress = Setting.Number("Ftp:SessionsPerAddress", 10, 1, 10_000, "Most connections of one address at once.");

    public static readonly Setting IdleSeconds = Setting.Number("Ftp:IdleSeconds", 300, 5, 86400, "How long a connection may say or send nothing.");

    public static readonly Setting WaitingFiles = Setting.Number("Ftp:WaitingFiles", 10_000, 1, 1_000_000, "Most files of one account that wait to be processed.");

    public static readonly Setting WaitingSeconds = Setting.Number(
        "Ftp:WaitingSeconds", 7 * 86400, 60, 365 * 86400, "How long a file waits to be processed; then it is removed.");

    public static readonly Setting Users = Setting.Number("Ftp:Users", 100, 1, 10_000, "Most FTP users of one account.");

    public static IReadOnlyList<Setting> All { get; } =
    [
        Port, Address, RequireTls, PassivePorts, PublicAddress, Sessions, SessionsPerAddress, IdleSeconds, WaitingFiles, WaitingSeconds, Users,
    ];

    public static bool TryRange(string text, out int first, out int last)
    {
        (first, last) = (0, 0);
        if (text == "0")
        {
            return true;
        }

        return text.Split('-') is [var from, var to] && int.TryParse(from, out first) && int.TryParse(to, out last)
            && first >= 1024 && last <= 65535 && first <= last;
    }
}
