using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Coffre.Cli.Running;

/// <summary>Makes options whose twin in the environment counts where the flag is not given.</summary>
internal sealed class Flags
{
    private readonly Surroundings _world;

    public Flags(Surroundings world)
    {
        _world = world;
        Profile = Text("--profile", "Profile to use where a path names none");
        Url = Text("--url", "Address of the service, such as https://files.example.org");
        Json = Switch("--json", "Answer with one JSON object on standard output; short for --output json");
        Output = Choice("--output", "What standard output carries: lines for people, one JSON object, or one JSON object a line", "text", "text", "json", "jsonl");
        Quiet = Switch("--quiet", "Say nothing but errors", "-q");
        Verbose = Switch("--verbose", "Say more: each file, each wait", "-v");
        Debug = Switch("--debug", "Say each request too", "-vv");
        NoProgress = Switch("--no-progress", "No progress on the terminal");
        Bytes = Switch("--bytes", "Show sizes as plain numbers of bytes");
        ExplainRequests = Switch("--explain-requests", "Say at the end how often each endpoint was asked");
        BwLimit = Text("--bwlimit", "Most bytes a second: 10M, 10M:1M (up:down), or a timetable '08:00,512k 23:00,off'");
        Retries = Number("--retries", "How often to repeat what failed for a passing reason", 4, 0, 20);
    }

    public Option<string?> Profile { get; }

    public Option<string?> Url { get; }

    public Option<bool> Json { get; }

    public Option<string> Output { get; }

    public Option<bool> Quiet { get; }

    public Option<bool> Verbose { get; }

    public Option<bool> Debug { get; }

    public Option<bool> NoProgress { get; }

    public Option<bool> Bytes { get; }

    public Option<bool> ExplainRequests { get; }

    public Option<string?> BwLimit { get; }

    public Option<int> Retries { get; }

    /// <summary>Those that every command takes.</summary>
    public IEnumerable<Option> Everywhere => [Profile, Url, Json, Output, Quiet, Verbose, Debug, NoProgress, Bytes, ExplainRequests, BwLimit, Retries];

    /// <summary>What the two flags say together.</summary>
    public static Coffre.Cli.Output.OutputForm FormOf(bool json, string? output) => output switch
    {
        "jsonl" => Coffre.Cli.Output.OutputForm.JsonLines,
        "json" => Coffre.Cli.Output.OutputForm.Json,
        _ => json ? Coffre.Cli.Output.OutputForm.Json : Coffre.Cli.Output.OutputForm.Text,
    };

    /// <summary>The variable that stands for a flag: <c>--if-exists</c> is <c>COFFRE_IF_EXISTS</c>.</summary>
    public static string TwinOf(string flag) => "COFFRE_" + flag.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    public Option<string?> Text(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        DefaultValueFactory = _ => Twin(name),
    };

    /// <summary>One that may be given more than once; each line of its twin counts as one.</summary>
    public Option<string[]> Texts(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        DefaultValueFactory = _ => Twin(name)?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [],
    };

    public Option<string> Choice(string name, string description, string fallback, params string[] choices)
    {
        var option = new Option<string>(name)
        {
            Description = description,
            DefaultValueFactory = result => Twin(name) is not { } text ? fallback : choices.Contains(text, StringComparer.Ordinal) ? text
                : Wrong(result, name, text, string.Join(", ", choices), fallback),
        };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    public Option<bool> Switch(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        DefaultValueFactory = result => Twin(name)?.ToUpperInvariant() switch
        {
            null or "0" or "FALSE" or "NO" => false,
            "1" or "TRUE" or "YES" => true,
            _ => Wrong(result, name, Twin(name)!, "0, 1", false),
        },
    };

    public Option<int> Number(string name, string description, int fallback, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{description} ({least} to {most})"),
            DefaultValueFactory = result => Twin(name) is not { } text ? fallback
                : TryRead(text, out var number) && number >= least && number <= most ? (int)number
                : Wrong(result, name, text, string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"), fallback),
        };
        option.Validators.Add(result =>
        {
            // What is no number at all is told by the parser itself.
            foreach (var token in result.Tokens.Where(token => TryRead(token.Value, out var number) && (number < least || number > most)))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} must be {least} to {most}, not {token.Value}."));
            }
        });
        return option;
    }

    public Option<long?> Offset(string name, string description)
    {
        var option = new Option<long?>(name)
        {
            Description = description,
            DefaultValueFactory = result => Twin(name) is not { } text ? null
                : TryRead(text, out var number) && number >= 0 ? number
                : Wrong<long?>(result, name, text, "a number", null),
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => TryRead(token.Value, out var number) && number < 0))
            {
                result.AddError($"{name} must be 0 or more.");
            }
        });
        return option;
    }

    private static bool TryRead(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);

    private static T Wrong<T>(ArgumentResult result, string name, string text, string allowed, T fallback)
    {
        result.AddError($"{TwinOf(name)} is '{text}'; allowed: {allowed}.");
        return fallback;
    }

    private string? Twin(string name) => _world.Variable(TwinOf(name)) is { Length: > 0 } text ? text : null;
}
