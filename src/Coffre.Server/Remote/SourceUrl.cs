using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using Coffre.Protocol;

namespace Coffre.Server.Remote;

/// <summary>What may be fetched: http, https and ftp.</summary>
internal static class SourceUrl
{
    private const int MaxLength = 4096;

    /// <summary>Reads a URL; nothing is said yet about where it leads.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        return text is { Length: > 0 and <= MaxLength } && !text.Any(char.IsControl)
            && Uri.TryCreate(text.Trim(), UriKind.Absolute, out url) && url.Scheme is "http" or "https" or "ftp" && url.IdnHost.Length > 0
            && !Uri.UnescapeDataString(url.AbsolutePath).Any(char.IsControl) && !Uri.UnescapeDataString(url.UserInfo).Any(char.IsControl);
    }

    /// <summary>User and password of the URL, if it has them.</summary>
    public static (string User, string Password)? Login(Uri url) =>
        url.UserInfo.Length == 0 ? null
        : Uri.UnescapeDataString(url.UserInfo).Split(':', 2) is [var user, var password] ? (user, password)
        : (Uri.UnescapeDataString(url.UserInfo), "");

    /// <summary>The URL as it may be shown and logged: without a password.</summary>
    public static string Shown(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>What the file is to be called: by the answer's header, or else by the path.</summary>
    public static string NameOf(Uri url, ContentDispositionHeaderValue? disposition)
    {
        var name = disposition?.FileNameStar ?? disposition?.FileName?.Trim('"');
        if (string.IsNullOrWhiteSpace(name))
        {
            name = Uri.UnescapeDataString(url.AbsolutePath).TrimEnd('/');
        }

        // Only the last part: some write whole paths there.
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        return Names.Mend(last.Length == 0 ? url.IdnHost : last);
    }
}
