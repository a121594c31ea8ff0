using System.Text.RegularExpressions;

namespace Coffre.Server.Door;

/// <summary>Takes secrets out of text that is about to be written down: keys, download addresses, removal codes.</summary>
internal static partial class Redactor
{
    private const string Mark = "[redacted]";

    public static string Clean(string text)
    {
        var clean = Key().Replace(text, Mark);
        clean = Bearer().Replace(clean, "$1" + Mark);
        clean = Token().Replace(clean, "/p" + Mark);
        clean = InUrl().Replace(clean, "$1" + Mark);
        return Removal().Replace(clean, "$1" + Mark);
    }

    [GeneratedRegex("cof_[0-9A-Za-z]{20,}")]
    private static partial Regex Key();

    [GeneratedRegex("(?i)(bearer\\s+)[^\\s\"']+")]
    private static partial Regex Bearer();

    [GeneratedRegex("(?i)((?:api_?key|pass(?:word)?)=)[^&\\s\"']+")]
    private static partial Regex InUrl();

    [GeneratedRegex("/p[0-9]{20,}")]
    private static partial Regex Token();

    [GeneratedRegex("(/remove/[a-z0-9]+/)[^/?\\s]+")]
    private static partial Regex Removal();
}
