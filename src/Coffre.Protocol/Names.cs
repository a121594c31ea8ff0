using System.Buffers;
using System.Text;

namespace Coffre.Protocol;

/// <summary>What files and folders may be called.</summary>
public static class Names
{
    /// <summary>Longest name of a folder or file, in characters (UTF-16 units).</summary>
    public const int MaxLength = 250;

    /// <summary>Characters that the protocol reserves in names of files and folders.</summary>
    public const string Reserved = "\"'`\\<>$/";

    private static readonly SearchValues<char> Forbidden =
        SearchValues.Create(Reserved + string.Concat(Enumerable.Range(0, 32).Select(code => (char)code)) + '\u007f');

    /// <summary>Why a name cannot be used; null if it can.</summary>
    public static NameTrouble? Check(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return new NameTrouble("a name must not be empty");
        }

        if (name.Length > MaxLength)
        {
            return new NameTrouble($"a name has at most {MaxLength} characters, this one has {name.Length}");
        }

        if (name is "." or "..")
        {
            return new NameTrouble($"'{name}' is not a name");
        }

        var index = name.AsSpan().IndexOfAny(Forbidden);
        if (index >= 0)
        {
            return new NameTrouble($"the character {Describe(name[index])} is reserved");
        }

        if (name[0] == ' ' || name[^1] == ' ')
        {
            return new NameTrouble("a name must not begin or end with a space");
        }

        return HasLoneSurrogate(name) ? new NameTrouble("a name must be valid Unicode") : null;
    }

    /// <summary>
    /// The nearest name that can be used: reserved characters become <c>_</c>, spaces at the ends go, what is too long is cut
    /// before its extension. An upload is never lost for its name.
    /// </summary>
    public static string Mend(string? name)
    {
        var text = new StringBuilder((name ?? "").Trim(' '));
        for (var i = 0; i < text.Length; i++)
        {
            if (Forbidden.Contains(text[i]) || IsLoneSurrogate(text, i))
            {
                text[i] = '_';
            }
        }

        var mended = Shorten(text.ToString()).Trim(' ');
        return mended is "" or "." or ".." ? "_" + mended : mended;
    }

    private static string Shorten(string name)
    {
        if (name.Length <= MaxLength)
        {
            return name;
        }

        var dot = name.LastIndexOf('.');
        var extension = dot > 0 && name.Length - dot <= 16 ? name[dot..] : "";
        var keep = MaxLength - extension.Length;
        if (char.IsHighSurrogate(name[keep - 1]))
        {
            keep--;
        }

        return name[..keep] + extension;
    }

    private static bool HasLoneSurrogate(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogate(name[i]) && !(i + 1 < name.Length && char.IsSurrogatePair(name[i], name[i + 1])))
            {
                return true;
            }

            if (char.IsHighSurrogate(name[i]))
            {
                i++;
            }
        }

        return false;
    }

    private static bool IsLoneSurrogate(StringBuilder text, int i)
    {
        if (char.IsHighSurrogate(text[i]))
        {
            return i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]);
        }

        return char.IsLowSurrogate(text[i]) && (i == 0 || !char.IsHighSurrogate(text[i - 1]));
    }

    private static string Describe(char character) =>
        char.IsControl(character) ? $"U+{(int)character:X4}" : character.ToString();
}

/// <summary>Why a name was refused.</summary>
/// <param name="Reason">Half a sentence, for people.</param>
public sealed record NameTrouble(string Reason);
