using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Coffre.Client;

/// <summary>
/// Maps any local name to one that the service takes, and back: reserved characters become their full-width look-alikes,
/// control characters their pictures, a space at either end <c>␠</c>.
/// </summary>
/// <remarks>
/// The mapping is the one that rclone uses on 1fichier, so both see the same tree. A name that already holds such a look-alike
/// gets <c>‛</c> before it. <c>Decode(Encode(name)) == name</c> for every name; both take one name, never a path.
/// </remarks>
public static class NameEncoding
{
    private const char Quote = '\u201B';
    private const char SpacePicture = '\u2420';
    private const char WideDot = '\uFF0E';
    private const char DeletePicture = '\u2421';

    // What 1fichier reserves in names, and what the full-width block holds for it.
    private const string Plain = "\"'`\\<>$/";
    private const int WideOffset = 0xFEE0;
    private const int PictureOffset = 0x2400;

    /// <summary>The name to use on the service.</summary>
    [return: NotNullIfNotNull(nameof(name))]
    public static string? Encode(string? name)
    {
        switch (name)
        {
            case null or "":
                return name;
            case ".":
                return "\uFF0E";
            case "..":
                return "\uFF0E\uFF0E";
            case "\uFF0E":
                return "\u201B\uFF0E";
            case "\uFF0E\uFF0E":
                return "\u201B\uFF0E\u201B\uFF0E";
        }

        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var atEdge = i == 0 || i == name.Length - 1;
            var character = name[i];
            if (TryReplace(character, atEdge, out var replacement))
            {
                text.Append(replacement);
            }
            else
            {
                if (NeedsQuote(character, atEdge))
                {
                    text.Append(Quote);
                }

                text.Append(character);
            }
        }

        return text.ToString();
    }

    /// <summary>The local name that <see cref="Encode"/> was given. A name that it never made stays as near as can be.</summary>
    [return: NotNullIfNotNull(nameof(name))]
    public static string? Decode(string? name)
    {
        switch (name)
        {
            case null or "":
                return name;
            case "\uFF0E":
                return ".";
            case "\uFF0E\uFF0E":
                return "..";
            case "\u201B\uFF0E":
                return "\uFF0E";
            case "\u201B\uFF0E\u201B\uFF0E":
                return "\uFF0E\uFF0E";
        }

        // Nearly every name: nothing in it stands for anything else.
        if (!name.AsSpan().ContainsAnyInRange(Quote, char.MaxValue))
        {
            return name;
        }

        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var character = name[i];
            if (character == Quote && i + 1 < name.Length && NeedsQuote(name[i + 1], i == 0 || i + 2 == name.Length))
            {
                text.Append(name[++i]);
            }
            else
            {
                text.Append(Restore(character, i == 0 || i == name.Length - 1));
            }
        }

        return text.ToString();
    }

    private static bool TryReplace(char character, bool atEdge, out char replacement)
    {
        replacement = character switch
        {
            ' ' when atEdge => SpacePicture,
            < ' ' => (char)(character + PictureOffset),
            '\u007F' => DeletePicture,
            _ when Plain.Contains(character, StringComparison.Ordinal) => (char)(character + WideOffset),
            _ => character,
        };
        return replacement != character;
    }

    private static bool NeedsQuote(char character, bool atEdge) =>
        character == Quote || Restore(character, atEdge) != character;

    private static char Restore(char character, bool atEdge) => character switch
    {
        SpacePicture => atEdge ? ' ' : character,
        DeletePicture => '\u007F',
        >= (char)PictureOffset and < (char)(PictureOffset + 32) => (char)(character - PictureOffset),
        > WideDot or (> '\uFF00' and < WideDot) when Plain.Contains((char)(character - WideOffset), StringComparison.Ordinal)
            => (char)(character - WideOffset),
        _ => character,
    };
}
