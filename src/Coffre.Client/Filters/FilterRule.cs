using System.Text.RegularExpressions;

namespace Coffre.Client.Filters;

/// <summary>One rule: what it matches, and what that says of folders.</summary>
internal sealed class FilterRule
{
    private readonly Regex _matches;
    private readonly IReadOnlyList<Regex>? _wayDown;
    private readonly bool _goesOn;
    private readonly bool _takesAllBelow;
    private readonly bool _isOfFolders;

    /// <param name="includes">Whether what it matches takes part.</param>
    /// <param name="pattern">The glob.</param>
    /// <param name="origin">For messages.</param>
    /// <param name="ignoreCase">Whether case counts not.</param>
    /// <exception cref="FormatException">The pattern is wrong, and how.</exception>
    public FilterRule(bool includes, string pattern, string origin, bool ignoreCase)
    {
        Includes = includes;
        Text = $"{(includes ? '+' : '-')} {pattern} ({origin})";

        // To exclude a folder is to exclude all below it; to include one says nothing of its files.
        var endsAtFolder = pattern.EndsWith('/');
        _isOfFolders = includes && endsAtFolder;
        var whole = endsAtFolder && !includes ? pattern + "**" : pattern;
        _matches = Glob.Compile(whole, ignoreCase);
        _takesAllBelow = whole == "*" || (whole.EndsWith("**", StringComparison.Ordinal) && !whole.EndsWith(@"\**", StringComparison.Ordinal));
        (_wayDown, _goesOn) = includes ? WayDown(whole, ignoreCase) : (null, false);
    }

    public bool Includes { get; }

    /// <summary>As it was written, and where.</summary>
    public string Text { get; }

    public bool MatchesFile(string path) => !_isOfFolders && _matches.IsMatch(path);

    /// <summary>Whether the folder itself, empty or not, falls under this rule.</summary>
    /// <param name="path">With a slash at its end.</param>
    public bool MatchesFolder(string path) => Includes ? _matches.IsMatch(path) : TakesAllBelow(path);

    /// <summary>Whether every file below the folder falls under this rule.</summary>
    /// <param name="path">With a slash at its end.</param>
    public bool TakesAllBelow(string path) => _takesAllBelow && _matches.IsMatch(path);

    /// <summary>Whether a file below the folder may fall under this rule; yes where that is not clear.</summary>
    /// <param name="names">From the top down.</param>
    public bool MayTakeBelow(string[] names)
    {
        if (_isOfFolders)
        {
            return false;
        }

        if (_wayDown is null)
        {
            return true;
        }

        for (var i = 0; i < names.Length; i++)
        {
            if (i == _wayDown.Count)
            {
                return _goesOn;
            }

            if (!_wayDown[i].IsMatch(names[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The folders on the way to what an anchored pattern matches, as far as that is clear; null if it can be anywhere.</summary>
    private static (IReadOnlyList<Regex>? Folders, bool GoesOn) WayDown(string pattern, bool ignoreCase)
    {
        if (!pattern.StartsWith('/'))
        {
            return (null, true);
        }

        // A slash inside braces or classes parts no names: there the way is no longer clear.
        var clear = pattern.IndexOfAny(['{', '[', '\\']) is >= 0 and var unclear ? pattern[..unclear] : pattern;
        var names = clear[1..].Split('/');
        List<Regex> folders = [];
        foreach (var name in names[..^1])
        {
            if (name.Length == 0 || name.Contains("**", StringComparison.Ordinal))
            {
                return (folders, true);
            }

            folders.Add(Glob.Compile("/" + name, ignoreCase));
        }

        return (folders, clear.Length < pattern.Length || names[^1].Contains("**", StringComparison.Ordinal));
    }
}
