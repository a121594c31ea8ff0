using System.CommandLine;
using System.Globalization;
using System.Text;
using Coffre.Cli.Filters;
using Coffre.Cli.Running;
using Coffre.Client.Filters;
using Coffre.Client.Retention;

namespace Coffre.Cli.Cleaning;

/// <summary>The words of a cleanup rule, on the command line or one rule a line in a file.</summary>
internal sealed class CleanupFlags
{
    private const int MostKept = 100_000;

    private readonly CommandKit _kit;
    private readonly FilterFlags _filters;
    private readonly Option<int> _last;
    private readonly Option<int> _hourly;
    private readonly Option<int> _daily;
    private readonly Option<int> _weekly;
    private readonly Option<int> _monthly;
    private readonly Option<int> _yearly;
    private readonly Option<string?> _within;
    private readonly Option<string> _series;
    private readonly Option<string> _date;
    private readonly Option<string?> _zone;
    private readonly Option<string?> _maxTotal;
    private readonly Option<int> _maxUsed;
    private readonly Option<bool> _allowLast;
    private readonly Option[] _own;

    public CleanupFlags(CommandKit kit)
    {
        (_kit, _filters) = (kit, new FilterFlags(kit));
        _last = kit.Flags.Number("--keep-last", "Keep so many of the newest of each series", 0, 0, MostKept);
        _hourly = kit.Flags.Number("--keep-hourly", "Keep the newest of each of so many hours", 0, 0, MostKept);
        _daily = kit.Flags.Number("--keep-daily", "Keep the newest of each of so many days", 0, 0, MostKept);
        _weekly = kit.Flags.Number("--keep-weekly", "Keep the newest of each of so many weeks", 0, 0, MostKept);
        _monthly = kit.Flags.Number("--keep-monthly", "Keep the newest of each of so many months", 0, 0, MostKept);
        _yearly = kit.Flags.Number("--keep-yearly", "Keep the newest of each of so many years", 0, 0, MostKept);
        _within = kit.Flags.Text("--keep-within", "Keep all that are at most so much older than the newest: 36h, 14d");
        _series = kit.Flags.Choice("--series", "What makes a series: names of one folder that differ in their date or number; a folder; all files of the rule", "name", "name", "folder", "all");
        _date = kit.Flags.Choice("--date", "Which date counts: that in the name where there is one, or that of arrival", "name", "name", "arrival");
        _zone = kit.Flags.Text("--time-zone", "Zone of dates in names, and where days begin: Europe/Paris, UTC; that of this machine if none is named");
        _maxTotal = kit.Flags.Text("--max-total", "Remove the oldest until the files of the rule take no more than this: 500G");
        _maxUsed = kit.Flags.Number("--max-used", "Remove the oldest until the account is no fuller than so many percent; 0: any", 0, 0, 100);
        _allowLast = kit.Flags.Switch("--allow-last", "The last copy of a series may go too");
        _own = [_last, _hourly, _daily, _weekly, _monthly, _yearly, _within, _series, _date, _zone, _maxTotal, _maxUsed, _allowLast];
    }

    public void AddTo(Command command)
    {
        _filters.AddTo(command);
        foreach (var option in _own)
        {
            command.Add(option);
        }
    }

    /// <summary>Whether one of them stands on the command line.</summary>
    public bool AnyIn(ParseResult parse) => _own.Concat(_filters.All).Any(option => parse.GetResult(option) is { Implicit: false });

    public CleanupRule Read(Run run, ParseResult parse, string name)
    {
        var rule = new CleanupRule
        {
            Name = name,
            Filter = _filters.Read(run, parse),
            Keep = new RetentionPolicy
            {
                Last = parse.GetValue(_last),
                Hourly = parse.GetValue(_hourly),
                Daily = parse.GetValue(_daily),
                Weekly = parse.GetValue(_weekly),
                Monthly = parse.GetValue(_monthly),
                Yearly = parse.GetValue(_yearly),
                Within = ReadSpan(run, parse),
                Zone = ReadZone(run, parse),
            },
            Series = parse.GetValue(_series) switch { "folder" => SeriesBy.Folder, "all" => SeriesBy.All, _ => SeriesBy.Name },
            ReadsNames = parse.GetValue(_date) is "name",
            MaxTotal = ReadTotal(parse),
            MaxUsed = parse.GetValue(_maxUsed) is > 0 and var percent ? percent : null,
            AllowsLast = parse.GetValue(_allowLast),
        };
        return rule.IsBoundless
            ? throw CliException.Usage($"{name} says nothing about which files go: all would.", "say which files (--include, --min-age, ...), what is kept (--keep-last, ...), or how much may stay (--max-total)")
            : rule;
    }

    /// <summary>The rules of a file: one a line, in the words of the command line; empty lines and those that begin with <c>#</c> say nothing.</summary>
    public IReadOnlyList<CleanupRule> ReadFile(Run run, string file)
    {
        var rules = new RuleFiles(run).ReadRules(file).Select(line =>
        {
            var flags = new CleanupFlags(_kit);
            var command = new RootCommand();
            command.Options.Clear();
            flags.AddTo(command);
            var parse = command.Parse(Split(line), new ParserConfiguration { ResponseFileTokenReplacer = null });
            return parse.Errors.Count > 0
                ? throw CliException.Usage($"{line.Origin}: {parse.Errors[0].Message}", "a line has the words of one rule, such as --include 'db-*.gz' --keep-daily 7")
                : flags.Read(run, parse, line.Origin);
        }).ToArray();
        return rules.Length > 0 ? rules : throw CliException.Usage($"{file} holds no rule.", "write one rule a line, such as --include '*.tmp' --min-age 7d");
    }

    /// <summary>The words of a line, with quotes as a shell has them.</summary>
    private static List<string> Split(FilterLine line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        var quote = '\0';
        foreach (var character in line.Text)
        {
            if (quote != '\0' ? character == quote : character is '\'' or '"')
            {
                quote = quote == '\0' ? character : '\0';
                word ??= new StringBuilder();
            }
            else if (quote == '\0' && char.IsWhiteSpace(character))
            {
                Finish();
            }
            else
            {
                (word ??= new StringBuilder()).Append(character);
            }
        }

        Finish();
        return quote == '\0' ? words : throw CliException.Usage($"{line.Origin}: a quote {quote} is not closed.");

        void Finish()
        {
            if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
    }

    private TimeSpan? ReadSpan(Run run, ParseResult parse) => parse.GetValue(_within) switch
    {
        null => null,
        var text when AgeWord.TryParse(text, run.World.Time.GetLocalNow(), out var span) && span >= TimeSpan.Zero => span,
        var text => throw CliException.Usage($"--keep-within is '{text}', which is no span of time.", "write it like 36h, 14d or 1y"),
    };

    private TimeZoneInfo ReadZone(Run run, ParseResult parse)
    {
        try
        {
            return parse.GetValue(_zone) is { } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : run.World.Time.LocalTimeZone;
        }
        catch (Exception exception) when (exception is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException or IOException)
        {
            throw CliException.Usage($"There is no time zone '{parse.GetValue(_zone)}' on this machine.", "write it like Europe/Paris or UTC");
        }
    }

    private long? ReadTotal(ParseResult parse) => parse.GetValue(_maxTotal) switch
    {
        null => null,
        var text when SizeWord.TryParse(text, out var bytes) => bytes,
        var text => throw CliException.Usage(string.Create(CultureInfo.InvariantCulture, $"--max-total is '{text}', which is no size."), "write it like 500M or 1.5T"),
    };
}
