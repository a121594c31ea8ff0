using System.Net;
using System.Text.RegularExpressions;

namespace Coffre.Client.Calls;

/// <summary>Takes the sentence out of a page that was meant for people.</summary>
internal static partial class HtmlText
{
    /// <summary>The first message block that is not empty, else the title, else the beginning of a plain text.</summary>
    public static string? MessageOf(string page, int longest)
    {
        foreach (Match block in MessageBlock().Matches(page))
        {
            if (Plain(block.Groups["text"].Value) is { Length: > 0 } message)
            {
                return Cut(message, longest);
            }
        }

        if (Title().Match(page) is { Success: true } title && Plain(title.Groups["text"].Value) is { Length: > 0 } text)
        {
            return Cut(text, longest);
        }

        var isMarkup = page.AsSpan().TrimStart() is ['<' or '{' or '[', ..];
        return isMarkup || Plain(page) is not { Length: > 0 } plain ? null : Cut(plain, longest);
    }

    private static string Plain(string markup) => WebUtility.HtmlDecode(Blank().Replace(Tag().Replace(markup, " "), " ")).Trim();

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest] + "…";

    [GeneratedRegex("""<div[^>]*class="?bloc2"?[^>]*>(?<text>.*?)</div>""", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex MessageBlock();

    [GeneratedRegex("<title[^>]*>(?<text>.*?)</title>", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Title();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"[\s\p{Cc}]+")]
    private static partial Regex Blank();
}
