using System.Net;
using Coffre.Cli.Running;

namespace Coffre.Cli.Profiles;

/// <summary>The address of a service as people write it.</summary>
internal static class ServiceUrl
{
    /// <summary>Adds a scheme where none is: HTTP for this machine, HTTPS for all others.</summary>
    public static Uri Parse(string text)
    {
        var trimmed = text.Trim();
        var whole = trimmed.Contains("://", StringComparison.Ordinal) ? trimmed
            : (IsLoopback(trimmed.Split(':', '/')[0]) ? "http://" : "https://") + trimmed;
        return Uri.TryCreate(whole, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0
            ? url
            : throw CliException.Usage($"'{text}' is not the address of a service.", "write it like https://files.example.org");
    }

    public static bool IsSame(Uri one, Uri other) =>
        string.Equals(one.GetLeftPart(UriPartial.Authority), other.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the key would cross a network in clear.</summary>
    public static bool IsClear(Uri url) => string.Equals(url.Scheme, Uri.UriSchemeHttp, StringComparison.Ordinal) && !IsLoopback(url.Host);

    public static bool IsOneFichier(Uri url) =>
        string.Equals(url.Host, "1fichier.com", StringComparison.OrdinalIgnoreCase) || url.Host.EndsWith(".1fichier.com", StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) => host is "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
}
