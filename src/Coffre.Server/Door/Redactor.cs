using System.Text.RegularExpressions;

namespace Coffre.Server.Door;

/// <summary>Takes secrets out of text that is about to be written down: keys, download addresses, removal codes.</summary>
internal static partial class Redactor
{
    private const string Mark = "[redacted]";

    public static string Clean(string text)
    {
        var clean = Long().Replace(text, match => Key().IsMatch(Uri.UnescapeDataString(match.Value)) ? Mark : match.Value);
        clean = Key().Replace(clean, Mark);
        clean = KeyInBase64().Replace(clean, Mark);
        clean = Credentials().Replace(clean, "$1" + Mark + "@");
        clean = Bearer().Replace(clean, "$1" + Mark);
        clean = Token().Replace(clean, match => (match.Value[0] == '/' ? "/p" : "") + Mark);
        clean = InUrl().Replace(clean, "$1" + Mark);
        return Removal().Replace(clean, "$1" + Mark);
    }

    [GeneratedRegex("(?i:co[cfims](?:_|%5f))[0-9A-Za-z]{20,}")]
    private static partial Regex Key();

    /// <summary>Words so long that a key may hide in them behind escapes.</summary>
    [GeneratedRegex("(?:[0-9A-Za-z_]|%[0-9A-Fa-f]{2}){24,}")]
    private static partial Regex Long();

    /// <summary>What <c>cof_</c> and <c>cos_</c> look like in base64, wherever in a group of three bytes they begin.</summary>
    [GeneratedRegex("(?:Y29[mz]X|Nv(?:Zl|c1)[89]|jb(?:2Z|3N)f)[0-9A-Za-z+/_-]{20,}={0,2}")]
    private static partial Regex KeyInBase64();

    /// <summary>Name and password in a URL.</summary>
    [GeneratedRegex("([A-Za-z][A-Za-z0-9+.-]*://)[^/@\\s\"']+@")]
    private static partial Regex Credentials();

    [GeneratedRegex("(?i)((?:bearer|basic)\\s+)[^\\s\"']+")]
    private static partial Regex Bearer();

    [GeneratedRegex("(?i)((?:api_?key|pass(?:word)?)=)[^&\\s\"']+")]
    private static partial Regex InUrl();

    [GeneratedRegex("/p[0-9]{20,}|[0-9]{60,}")]
    private static partial Regex Token();

    [GeneratedRegex("(/remove/[a-z0-9]+/)[^/?\\s]+")]
    private static partial Regex Removal();
}
