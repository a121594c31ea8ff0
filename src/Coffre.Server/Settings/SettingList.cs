using System.Net;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Door;
using Coffre.Server.Downloads;
using Coffre.Server.Ftp;
using Coffre.Server.Keys;
using Coffre.Server.Limits;
using Coffre.Server.Mail;
using Coffre.Server.Remote;
using Coffre.Server.Scan;
using Coffre.Server.Sessions;
using Coffre.Server.SignUps;
using Coffre.Server.Uploads;

namespace Coffre.Server.Settings;

/// <summary>Every setting there is. Rooms that came later keep theirs beside them (<c>&lt;Room&gt;Settings.All</c>).</summary>
internal static class SettingList
{
    private const long PiB = 1L << 50;

    public static readonly Setting ListenAddress = Setting.Words(
        "Listen:Address", "127.0.0.1", "an IP address of this machine, or 0.0.0.0 / :: for all", "Where to listen.",
        text => IPAddress.TryParse(text, out _));

    public static readonly Setting ListenPort = Setting.Number(
        "Listen:Port", 8710, 0, 65535, "Port for HTTP; 0 turns it off (then Listen:HttpsPort must be set).");

    public static readonly Setting ListenHttpsPort = Setting.Number(
        "Listen:HttpsPort", 0, 0, 65535, "Port for HTTPS; 0 turns it off.");

    public static readonly Setting Certificate = Setting.Words(
        "Listen:Certificate", "", "a PEM file", "Certificate chain for HTTPS.");

    public static readonly Setting CertificateKey = Setting.Words(
        "Listen:CertificateKey", "", "a PEM file", "Private key of the certificate.");

    public static readonly Setting MaxJson = Setting.Bytes(
        "Limits:JsonBytes", "1MiB", 1024, 64L << 20, "Largest JSON body of a call.");

    public static readonly Setting MaxItems = Setting.Number(
        "Limits:Items", 5000, 1, 100_000, "Most files that one call may name.");

    public static readonly Setting MaxDepth = Setting.Number(
        "Limits:FolderDepth", 100, 1, 1000, "How deep folders may nest.");

    public static readonly Setting MaxConnections = Setting.Number(
        "Limits:Connections", 2000, 10, 1_000_000, "Most connections at once.");

    public static readonly Setting MaxRequest = Setting.Bytes(
        "Uploads:RequestBytes", "500GB", 1024, PiB, "Largest upload request.");

    public static readonly Setting MaxFiles = Setting.Number(
        "Uploads:Files", 500, 1, 10_000, "Most files in one upload request.");

    public static readonly Setting MaxFile = Setting.Bytes(
        "Uploads:FileBytes", "300GB", 1, PiB, "Largest file.");

    public static readonly Setting TicketSeconds = Setting.Number(
        "Uploads:TicketSeconds", 4 * 3600, 1, 7 * 86400, "How long an upload id may wait for its upload.");

    public static readonly Setting ReportSeconds = Setting.Number(
        "Uploads:ReportSeconds", 2 * 3600, 1, 7 * 86400, "How long the report of an upload is kept.");

    public static readonly Setting MaxOpenTickets = Setting.Number(
        "Uploads:OpenTickets", 10_000, 1, 1_000_000, "Most upload ids that wait at once; more are refused.");

    public static readonly Setting DrainBytes = Setting.Bytes(
        "Uploads:DrainBytes", "16GiB", 0, PiB, "How much of a refused upload is read and thrown away before the answer.");

    public static readonly Setting DrainSeconds = Setting.Number(
        "Uploads:DrainSeconds", 900, 0, 86400, "How long a refused upload is read before the connection is cut.");

    public static readonly Setting Anonymous = Setting.Flag(
        "Uploads:Anonymous", false, "Whether uploads without a key are taken.");

    public static readonly Setting TokenSeconds = Setting.Number(
        "Downloads:TokenSeconds", 1800, 1, 7 * 86400, "How long a download address works.");

    public static readonly Setting Guests = Setting.Flag(
        "Downloads:Guests", true, "Whether whoever has a link may download without a key.");

    public static readonly Setting Durability = Setting.Choice(
        "Storage:Durability", "strict", "strict: what was acknowledged survives a power cut. relaxed: it may not.", "strict", "relaxed");

    public static readonly Setting MinFree = Setting.Bytes(
        "Storage:MinFree", "64MiB", 0, PiB, "Uploads are refused when the disk would have less room than this.");

    public static readonly Setting SmallBlobs = Setting.Bytes(
        "Storage:SmallBlobs", "64KiB", 0, 256 << 10, "Files up to this long are kept together in segments; longer ones each in a file of its own.");

    public static readonly Setting SweepSeconds = Setting.Number(
        "Sweep:Seconds", 600, 1, 86400, "How often expired uploads and unreferenced bytes are swept.");

    public static readonly Setting OrphanSeconds = Setting.Number(
        "Sweep:OrphanSeconds", 86400, 60, 30 * 86400, "How old bytes without a name must be before they are swept.");

    public static readonly Setting LogFormat = Setting.Choice(
        "Log:Format", "text", "How log lines are written to standard error.", "text", "json");

    public static readonly Setting LogLevel = Setting.Choice(
        "Log:Level", "information", "The least important lines that are written.", "debug", "information", "warning", "error");

    public static IReadOnlyList<Setting> All { get; } =
    [
        ListenAddress, ListenPort, ListenHttpsPort, Certificate, CertificateKey,
        MaxJson, MaxItems, MaxDepth, MaxConnections,
        MaxRequest, MaxFiles, MaxFile, TicketSeconds, ReportSeconds, MaxOpenTickets, DrainBytes, DrainSeconds, Anonymous,
        TokenSeconds, Guests, Durability, MinFree, SmallBlobs, SweepSeconds, OrphanSeconds, LogFormat, LogLevel,
        .. AddressSettings.All, .. AccessSettings.All, .. KeySettings.All, .. AccountSettings.All, .. SignUpSettings.All, .. SessionSettings.All, .. LimitSettings.All, .. UploadSettings.All, .. DownloadSettings.All, .. FtpSettings.All,
        .. RemoteSettings.All, .. ScanSettings.All, .. MailSettings.All,
    ];
}
