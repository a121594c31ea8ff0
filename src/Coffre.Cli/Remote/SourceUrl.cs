using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Coffre.Cli.Remote;

/// <summary>A URL that the service shall fetch: what counts as one, how it is shown, and what of it is secret.</summary>
internal static partial class SourceUrl
{
    private const int MaxLength = 4096;

    // Shorter values in a query are seldom rights by themselves.
    private const int ShortestRight = 20;

    public static bool TryRead(string text, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        return text.Length <= MaxLength && !text.Any(c => char.IsControl(c) || c == ' ')
            && Uri.TryCreate(text, UriKind.Absolute, out url) && url.Scheme is "http" or "https" or "ftp" && url.IdnHost.Length > 0;
    }

    /// <summary>The URL as it may be shown and kept: without user and password, and without what follows the question mark.</summary>
    public static string Shown(string text) => !TryRead(text, out var url) ? "(no URL)"
        : $"{url.Scheme}://{(url.UserInfo.Length > 0 ? "…@" : "")}{url.Authority}{url.AbsolutePath}{(url.Query.Length > 1 ? "?…" : "")}";

    /// <summary>What the redactor has to know.</summary>
    public static IEnumerable<string> SecretsIn(string text)
    {
        if (!TryRead(text, out var url))
        {
            yield break;
        }

        if (url.UserInfo.Length > 0)
        {
            yield return url.UserInfo;
            yield return Uri.UnescapeDataString(url.UserInfo.Split(':', 2)[^1]);
        }

        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)))
        {
            if (pair is [var name, var value] && (SecretName().IsMatch(name) || value.Length >= ShortestRight))
            {
                yield return value;
                yield return Uri.UnescapeDataString(value);
            }
        }
    }

    /// <summary>Whether other users of this machine should not read it among the arguments of a program.</summary>
    public static bool IsSecret(string text) => SecretsIn(text).Any();

    [GeneratedRegex("(?:tok|key|sig|pass|pwd|secret|auth|credential|session|ticket|code)", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
