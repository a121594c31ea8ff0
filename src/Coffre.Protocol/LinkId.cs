using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Coffre.Protocol;

/// <summary>The part of a public link that names a file: <c>https://host/?abcdefghij0123456789</c>.</summary>
public static class LinkId
{
    /// <summary>Length of those we make: 20 characters of <c>[a-z0-9]</c>, 103 bits.</summary>
    public const int Length = 20;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    public static string New() => RandomNumberGenerator.GetString(Alphabet, Length);

    /// <summary>5 to 20 lower-case letters and digits.</summary>
    public static bool IsWellFormed([NotNullWhen(true)] string? text) =>
        text is { Length: >= 5 and <= Length } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    /// <summary>Finds the id in a link; suffixes such as <c>&amp;lg=en</c>, <c>&amp;inline=1</c>, <c>&amp;af=1</c> are passed over.</summary>
    /// <remarks>
    /// Takes <c>https://host/?id</c>, <c>host/?id</c>, <c>?id</c>, the bare id, and the form of the early years, <c>https://id.host.tld/</c>. The
    /// host is not judged.
    /// </remarks>
    public static bool TryFind(string? link, [NotNullWhen(true)] out string? id)
    {
        id = null;
        if (string.IsNullOrEmpty(link) || link.Length > 2048)
        {
            return false;
        }

        if (OldForm(link) is { } label)
        {
            id = label;
            return true;
        }

        var question = link.IndexOf('?', StringComparison.Ordinal);
        var tail = question < 0 ? link : link[(question + 1)..];
        var end = tail.AsSpan().IndexOfAny('&', '#');
        var candidate = end < 0 ? tail : tail[..end];
        if (!IsWellFormed(candidate))
        {
            return false;
        }

        id = candidate;
        return true;
    }

    /// <summary>The first label of the host in <c>https://id.host.tld/</c>; null for any other form.</summary>
    private static string? OldForm(string link)
    {
        if (link.Contains('?', StringComparison.Ordinal)
            || !Uri.TryCreate(link, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.AbsolutePath != "/"
            || uri.HostNameType != UriHostNameType.Dns)
        {
            return null;
        }

        var labels = uri.Host.Split('.');
        return labels.Length >= 3 && IsWellFormed(labels[0]) ? labels[0] : null;
    }
}
