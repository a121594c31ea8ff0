using System.Globalization;

namespace Coffre.Client.Filters;

/// <summary>Says which files and folders take part in something, in the words of rclone's filters.</summary>
/// <remarks>
/// Never changes, and may be asked from any thread. For every file that <see cref="Judge"/> includes, <see cref="MayHold"/> is true of all
/// folders above it: a walk that follows <see cref="MayHold"/> finds the same files as a list of all. A pattern of any kind takes time
/// in proportion to the path.
/// </remarks>
public sealed class PathFilter
{
    private static readonly FilterVerdict NoRule = new(Included: true, "no rule matches");

    private readonly PathFilterOptions _options;
    private readonly List<FilterRule> _rules = [];
    private readonly HashSet<string>? _files;
    private readonly HashSet<string>? _folders;
    private readonly DateTimeOffset? _notBefore;
    private readonly DateTimeOffset? _notAfter;

    private PathFilter(PathFilterOptions options, DateTimeOffset now)
    {
        _options = options;
        Add(options.Include, includes: true);
        Add(options.Exclude, includes: false);
        foreach (var line in options.Filter)
        {
            AddFilter(line);
        }

        if (options.Include.Count > 0)
        {
            _rules.Add(new FilterRule(includes: false, "/**", "the rest, for there is an include", ignoreCase: false));
        }

        _notBefore = options.MaxAge is { } most ? Back(now, most) : null;
        _notAfter = options.MinAge is { } least ? Back(now, least) : null;
        if (_notAfter < _notBefore)
        {
            throw new FormatException("The least age is more than the most.");
        }

        if (options.Files is { } files)
        {
            (_files, _folders) = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
            foreach (var file in files)
            {
                AddFile(file.Trim('/'));
            }
        }
    }

    /// <summary>Includes everything.</summary>
    public static PathFilter All { get; } = new(new PathFilterOptions(), DateTimeOffset.UnixEpoch);

    /// <summary>Whether it includes everything.</summary>
    public bool IsAll => _rules.Count == 0 && _files is null && _notBefore is null && _notAfter is null
        && _options is { MinSize: null, MaxSize: null, ExcludeIfPresent.Count: 0 };

    /// <summary>Makes a filter.</summary>
    /// <param name="options">Its words.</param>
    /// <param name="now">From when ages count back.</param>
    /// <exception cref="FormatException">A rule is wrong, or goes not with another; the message says which, and how.</exception>
    public static PathFilter Create(PathFilterOptions options, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Files is not null && options with { Files = null, IgnoreCase = false } is var rest && !new PathFilter(rest, now).IsAll
            ? throw new FormatException("A list of files goes with no other rule.")
            : new PathFilter(options, now);
    }

    /// <summary>Makes a filter of <c>+ PATTERN</c>, <c>- PATTERN</c> and <c>!</c>, in their order.</summary>
    /// <exception cref="FormatException">A rule is wrong; the message says which, and how.</exception>
    public static PathFilter FromRules(params IEnumerable<string> rules) =>
        new(new PathFilterOptions { Filter = [.. rules.Select((rule, index) => new FilterLine(rule, string.Create(CultureInfo.InvariantCulture, $"rule {index + 1}")))] }, DateTimeOffset.UnixEpoch);

    /// <summary>Whether an item takes part, and the rule that says so.</summary>
    /// <remarks>Of a folder it says whether the folder itself does, were it empty; whether to look into it, <see cref="MayHold"/> says.</remarks>
    public FilterVerdict Judge(FilterItem item)
    {
        if (string.IsNullOrEmpty(item.Path))
        {
            throw new ArgumentException("The item has no path.", nameof(item));
        }

        if (item.IsFolder)
        {
            return JudgeFolder(item.Path.TrimEnd('/') + "/");
        }

        if (_files is not null)
        {
            return _files.Contains(item.Path) ? new(Included: true, "it is in the list of files") : new(Included: false, "it is not in the list of files");
        }

        if (AgainstFacts(item) is { } reason)
        {
            return new(Included: false, reason);
        }

        var rule = _rules.Find(rule => rule.MatchesFile(item.Path));
        return rule is null ? NoRule : new(rule.Includes, rule.Text);
    }

    /// <summary>Whether a folder may hold files that take part; false only where it is sure that none does.</summary>
    /// <param name="folderPath">Relative, with <c>/</c> between names; empty for the top, which is always walked.</param>
    public bool MayHold(string folderPath)
    {
        ArgumentNullException.ThrowIfNull(folderPath);
        if (folderPath.Length == 0)
        {
            return true;
        }

        if (_folders is not null)
        {
            return _folders.Contains(folderPath);
        }

        var withSlash = folderPath + "/";
        string[]? names = null;
        foreach (var rule in _rules)
        {
            if (rule.Includes ? rule.MayTakeBelow(names ??= folderPath.Split('/')) : rule.TakesAllBelow(withSlash))
            {
                return rule.Includes;
            }
        }

        return true;
    }

    /// <summary>The rule that excludes a folder with all below for what it holds; null if none does.</summary>
    /// <param name="fileNames">Names of the files in it.</param>
    /// <param name="folderNames">Names of the folders in it.</param>
    public string? MarkerAmong(IEnumerable<string> fileNames, IEnumerable<string> folderNames)
    {
        if (_options.ExcludeIfPresent.Count == 0)
        {
            return null;
        }

        var there = fileNames.Concat(folderNames.Select(name => name + "/")).FirstOrDefault(name => _options.ExcludeIfPresent.Contains(name, StringComparer.Ordinal));
        return there is null ? null : $"{there} is present (--exclude-if-present)";
    }

    private static DateTimeOffset Back(DateTimeOffset now, TimeSpan age) => age > now - DateTimeOffset.MinValue ? DateTimeOffset.MinValue : now - age;

    private FilterVerdict JudgeFolder(string path)
    {
        if (_folders is not null)
        {
            return _folders.Contains(path[..^1]) ? new(Included: true, "it holds a file of the list") : new(Included: false, "it holds no file of the list");
        }

        var rule = _rules.Find(rule => rule.MatchesFolder(path));
        return rule is null ? NoRule : new(rule.Includes, rule.Text);
    }

    private string? AgainstFacts(FilterItem item) => item switch
    {
        { Modified: { } early } when early < _notBefore => "it is older than --max-age",
        { Modified: { } late } when late > _notAfter => "it is younger than --min-age",
        { Size: { } small } when small < _options.MinSize => "it is smaller than --min-size",
        { Size: { } large } when large > _options.MaxSize => "it is larger than --max-size",
        _ => null,
    };

    private void Add(IEnumerable<FilterLine> lines, bool includes)
    {
        foreach (var line in lines)
        {
            Add(includes, line.Text, line.Origin);
        }
    }

    private void AddFilter(FilterLine line)
    {
        switch (line.Text)
        {
            case "!":
                _rules.Clear();
                break;
            case ['+' or '-', ' ', .. var pattern]:
                Add(line.Text[0] == '+', pattern, line.Origin);
                break;
            default:
                throw new FormatException($"{line.Origin}: '{line.Text}' is no rule; a rule is '+ PATTERN', '- PATTERN' or '!'.");
        }
    }

    private void Add(bool includes, string pattern, string origin)
    {
        try
        {
            _rules.Add(new FilterRule(includes, pattern, origin, _options.IgnoreCase));
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{origin}: {exception.Message}", exception);
        }
    }

    private void AddFile(string path)
    {
        _files!.Add(path);
        for (var slash = path.LastIndexOf('/'); slash > 0 && _folders!.Add(path[..slash]); slash = path.LastIndexOf('/', slash - 1))
        {
        }
    }
}
