using System.CommandLine;
using System.CommandLine.Parsing;
using Coffre.Cli.Running;
using Coffre.Client.Filters;

namespace Coffre.Cli.Filters;

/// <summary>The flags that choose files, as rclone users know them: added to a command, read as one <see cref="PathFilter"/>.</summary>
internal sealed class FilterFlags(CommandKit kit)
{
    // Their values are patterns even where they look like a path.
    private static readonly string[] Patterns = ["--include", "--exclude", "--filter", "--exclude-if-present"];

    private readonly Option<string[]> _include = kit.Flags.Texts("--include", "Take files that match this pattern, and no others");
    private readonly Option<string[]> _includeFrom = kit.Flags.Texts("--include-from", "Such patterns from a file, one a line");
    private readonly Option<string[]> _exclude = kit.Flags.Texts("--exclude", "Leave out files that match this pattern");
    private readonly Option<string[]> _excludeFrom = kit.Flags.Texts("--exclude-from", "Such patterns from a file, one a line");
    private readonly Option<string[]> _filter = kit.Flags.Texts("--filter", "A rule: '+ PATTERN', '- PATTERN', or '!' that forgets those before");
    private readonly Option<string[]> _filterFrom = kit.Flags.Texts("--filter-from", "Such rules from a file, one a line");
    private readonly Option<string[]> _filesFrom = kit.Flags.Texts("--files-from", "Take exactly the files that this file lists, one a line");
    private readonly Option<string[]> _filesFromRaw = kit.Flags.Texts("--files-from-raw", "The same; spaces, # and ; mean nothing special");
    private readonly Option<string[]> _filesFrom0 = kit.Flags.Texts("--files-from0", "The same with NUL between names, as find -print0 writes");
    private readonly Option<string[]> _ifPresent = kit.Flags.Texts("--exclude-if-present", "Leave out folders that hold a file of this name");
    private readonly Option<string?> _minSize = kit.Flags.Text("--min-size", "Leave out files smaller than this: 100B, 50K, 1.5G; a number alone counts KiB");
    private readonly Option<string?> _maxSize = kit.Flags.Text("--max-size", "Leave out files larger than this");
    private readonly Option<string?> _minAge = kit.Flags.Text("--min-age", "Leave out files younger than this: 90s, 1h30m, 2d, 3w, 6M, 1y, or changed since a date");
    private readonly Option<string?> _maxAge = kit.Flags.Text("--max-age", "Leave out files older than this, or not changed since a date");
    private readonly Option<bool> _ignoreCase = kit.Flags.Switch("--ignore-case", "Patterns match in any case");

    public IEnumerable<Option> All =>
        [_include, _includeFrom, _exclude, _excludeFrom, _filter, _filterFrom, _filesFrom, _filesFromRaw, _filesFrom0, _ifPresent, _minSize, _maxSize, _minAge, _maxAge, _ignoreCase];

    /// <summary>What needs saying under <c>--help</c>.</summary>
    public static string Notes => "Patterns: * and ? within a name, ** over folders, [a-z], {a,b}, {{regex}}; / before it: from the top; / behind it: a folder. See coffre filters test.";

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>Words of the command line that name files with rules; jobs keep them in full.</summary>
    public IEnumerable<string> FilesIn(ParseResult parse) =>
        new[] { _includeFrom, _excludeFrom, _filterFrom, _filesFrom, _filesFromRaw, _filesFrom0 }.SelectMany(option => parse.GetValue(option) ?? []).Where(file => file is not "-");

    /// <summary>Whether a word of the command line is the pattern of a flag.</summary>
    public static bool IsPattern(IReadOnlyList<Token> tokens, int index) =>
        index > 0 && tokens[index - 1] is { Type: TokenType.Option, Value: var flag } && Patterns.Contains(flag, StringComparer.Ordinal);

    /// <exception cref="CliException">A rule is wrong, or a file with rules cannot be read.</exception>
    public PathFilter Read(Run run, ParseResult parse)
    {
        var now = run.World.Time.GetLocalNow();
        var files = new RuleFiles(run);
        try
        {
            return PathFilter.Create(
                new PathFilterOptions
                {
                    Include = Lines(parse, _include, _includeFrom, files),
                    Exclude = Lines(parse, _exclude, _excludeFrom, files),
                    Filter = Lines(parse, _filter, _filterFrom, files),
                    Files = ReadList(parse, files),
                    ExcludeIfPresent = parse.GetValue(_ifPresent) ?? [],
                    MinSize = ReadSize(parse, _minSize),
                    MaxSize = ReadSize(parse, _maxSize),
                    MinAge = ReadAge(parse, _minAge, now),
                    MaxAge = ReadAge(parse, _maxAge, now),
                    IgnoreCase = parse.GetValue(_ignoreCase),
                },
                now);
        }
        catch (FormatException exception)
        {
            throw CliException.Usage(exception.Message, "coffre filters test --help shows how rules are written");
        }
    }

    private static List<FilterLine> Lines(ParseResult parse, Option<string[]> given, Option<string[]> from, RuleFiles files) =>
    [
        .. (parse.GetValue(given) ?? []).Select(rule => new FilterLine(rule, given.Name)),
        .. (parse.GetValue(from) ?? []).SelectMany(files.ReadRules),
    ];

    private List<string>? ReadList(ParseResult parse, RuleFiles files)
    {
        string[] plain = parse.GetValue(_filesFrom) ?? [], raw = parse.GetValue(_filesFromRaw) ?? [], zero = parse.GetValue(_filesFrom0) ?? [];
        return plain.Length + raw.Length + zero.Length == 0
            ? null
            :
            [
                .. plain.SelectMany(files.ReadRules).Select(line => line.Text),
                .. raw.SelectMany(file => files.ReadNames(file, '\n')),
                .. zero.SelectMany(file => files.ReadNames(file, '\0')),
            ];
    }

    private static long? ReadSize(ParseResult parse, Option<string?> option) => parse.GetValue(option) switch
    {
        null or "off" => null,
        var text when SizeWord.TryParse(text, out var bytes) => bytes,
        var text => throw CliException.Usage($"{option.Name} is '{text}', which is no size.", "write it like 100B, 50K, 10M or 1.5G"),
    };

    private static TimeSpan? ReadAge(ParseResult parse, Option<string?> option, DateTimeOffset now) => parse.GetValue(option) switch
    {
        null or "off" => null,
        var text when AgeWord.TryParse(text, now, out var age) => age,
        var text => throw CliException.Usage($"{option.Name} is '{text}', which is no age.", "write it like 90s, 1h30m, 2d, 3w, 6M, 1y or 2031-05-01"),
    };
}
