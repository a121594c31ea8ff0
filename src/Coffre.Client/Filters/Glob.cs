using System.Text;
using System.Text.RegularExpressions;

namespace Coffre.Client.Filters;

/// <summary>A pattern in rclone's glob words as a regular expression that needs no backtracking, so no pattern can take for ever.</summary>
/// <remarks>
/// <c>*</c> and <c>?</c> stay within a name, <c>**</c> does not; <c>[a-z]</c>, <c>[!a-z]</c>, <c>[[:digit:]]</c>; <c>{a,b}</c>, also nested;
/// <c>{{regex}}</c>; <c>\</c> before a character takes its meaning away, and <c>\d \w \s</c> are classes. A pattern that begins with <c>/</c>
/// starts at the top, any other at any name.
/// </remarks>
internal sealed class Glob
{
    private const int MostCharacters = 4096;
    private const string AnyCharacter = @"(?:[^/\uD800-\uDFFF]|[\uD800-\uDBFF][\uDC00-\uDFFF])";

    private readonly string _text;
    private readonly StringBuilder _made = new();
    private int _at;
    private int _depth;

    private Glob(string text) => _text = text;

    /// <exception cref="FormatException">The pattern is wrong, and how.</exception>
    public static Regex Compile(string pattern, bool ignoreCase)
    {
        if (pattern.Length is 0 or > MostCharacters)
        {
            throw new FormatException($"A pattern has 1 to {MostCharacters} characters.");
        }

        var isAnchored = pattern[0] == '/';
        var made = new Glob(isAnchored ? pattern[1..] : pattern).Translate();
        var options = RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
            | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            return new Regex((isAnchored ? @"\A" : @"(?:\A|/)") + made + @"\z", options, Regex.InfiniteMatchTimeout);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"'{pattern}' is no pattern: {exception.Message}", exception);
        }
    }

    private string Translate()
    {
        while (_at < _text.Length)
        {
            Next(_text[_at]);
        }

        return _depth == 0 ? _made.ToString() : throw Wrong("a '{' has no '}'");
    }

    private void Next(char character)
    {
        switch (character)
        {
            case '*':
                Stars();
                return;
            case '?':
                _made.Append(AnyCharacter);
                break;
            case '[':
                Class();
                return;
            case ']':
                throw Wrong("a ']' has no '['");
            case '{' when _at + 1 < _text.Length && _text[_at + 1] == '{':
                Expression();
                return;
            case '{':
                _depth++;
                _made.Append("(?:");
                break;
            case '}':
                _made.Append(--_depth >= 0 ? ')' : throw Wrong("a '}' has no '{'"));
                break;
            case ',' when _depth > 0:
                _made.Append('|');
                break;
            case '\\':
                Escape();
                return;
            default:
                _made.Append(Regex.Escape(character.ToString()));
                break;
        }

        _at++;
    }

    private void Stars()
    {
        var count = _text.AsSpan(_at).IndexOfAnyExcept('*') is >= 0 and var stars ? stars : _text.Length - _at;
        _made.Append(count switch { 1 => "[^/]*", 2 => ".*", _ => throw Wrong("more than two stars in a row") });
        _at += count;
    }

    private void Escape()
    {
        if (_at + 1 >= _text.Length)
        {
            throw Wrong("a '\\' stands at its end");
        }

        var character = _text[_at + 1];
        _made.Append(ClassOf(character) is { } inside ? $"[{inside}]" : character switch
        {
            'D' => "[^0-9/]",
            'W' => "[^0-9A-Za-z_/]",
            'S' => @"[^ \t\n\f\r/]",
            _ => Regex.Escape(character.ToString()),
        });
        _at += 2;
    }

    private static string? ClassOf(char letter) => letter switch { 'd' => "0-9", 'w' => "0-9A-Za-z_", 's' => @" \t\n\f\r", _ => null };

    /// <summary>Between double braces stands a regular expression; it ends at the last of the closing braces in a row.</summary>
    private void Expression()
    {
        var end = _text.IndexOf("}}", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Wrong("a '{{' has no '}}'");
        }

        while (end + 2 < _text.Length && _text[end + 2] == '}')
        {
            end++;
        }

        _made.Append("(?:").Append(_text, _at + 2, end - _at - 2).Append(')');
        _at = end + 2;
    }

    private void Class()
    {
        var start = ++_at;
        var isNot = start < _text.Length && _text[start] is '!' or '^';
        _at += isNot ? 1 : 0;
        var inside = new StringBuilder();
        while (true)
        {
            if (_at >= _text.Length)
            {
                throw Wrong("a '[' has no ']'");
            }

            if (_text[_at] == ']')
            {
                break;
            }

            inside.Append(ClassPart());
        }

        _at++;
        if (inside.Length == 0)
        {
            throw Wrong("'[]' holds nothing");
        }

        // What stands for "any other" never stands for the slash, and counts a character of two units as one.
        _made.Append(isNot ? $@"(?:[^/\uD800-\uDFFF{inside}]|[\uD800-\uDBFF][\uDC00-\uDFFF])" : $"[{inside}]");
    }

    private string ClassPart()
    {
        var character = _text[_at++];
        switch (character)
        {
            case '[' when _at < _text.Length && _text[_at] == ':' && _text.IndexOf(":]", _at, StringComparison.Ordinal) is > 0 and var end:
                var name = _text[(_at + 1)..end];
                _at = end + 2;
                return Named(name);
            case '\\' when _at < _text.Length:
                var escaped = _text[_at++];
                return ClassOf(escaped) ?? (escaped is 'D' or 'W' or 'S' ? throw Wrong($"'\\{escaped}' cannot stand in '[]'") : Literal(escaped));
            case '-':
                return "-";
            default:
                return char.IsSurrogate(character) ? throw Wrong("characters beyond U+FFFF cannot stand in '[]'; write {a,b}") : Literal(character);
        }
    }

    private string Named(string name) => name switch
    {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "digit" => "0-9",
        "lower" => "a-z",
        "upper" => "A-Z",
        "punct" => @"!-/:-@\[-`{-~",
        "space" => @" \t\n\v\f\r",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => throw Wrong($"there is no class '[:{name}:]'"),
    };

    // Whatever it is, it means itself.
    private static string Literal(char character) => FormattableString.Invariant($"\\u{(int)character:X4}");

    private FormatException Wrong(string how) => new($"'{_text}' is no pattern: {how}.");
}
