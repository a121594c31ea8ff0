using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Filters;
using Coffre.Cli.Jobs;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Profiles;
using Coffre.Client;
using Coffre.Client.Bandwidth;

namespace Coffre.Cli.Running;

/// <summary>One run of one command: its flags, its report, the accounts that it has opened.</summary>
internal sealed class Run : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Account> _byName = new(StringComparer.Ordinal);
    private readonly Sink _sink;
    private readonly KeySource _keys;
    private readonly Lazy<BandwidthLimit?> _bandwidth;
    private readonly CallBook? _calls;
    private readonly StatusArea? _area;
    private readonly OutputForm _form;
    private ProgressBoard? _board;

    public Run(Surroundings world, Sink sink, Flags flags, ParseResult parse)
    {
        World = world;
        _sink = sink;
        IsDebug = parse.GetValue(flags.Debug);
        IsVerbose = IsDebug || parse.GetValue(flags.Verbose);
        IsQuiet = parse.GetValue(flags.Quiet);
        var showsProgress = world.IsErrorTerminal && !IsQuiet && !parse.GetValue(flags.NoProgress) && world.Variable("TERM") is not "dumb";
        _area = showsProgress ? new StatusArea(sink.Error, world.TerminalSize, text => sink.Redactor.Clean(text)) : null;
        _form = Flags.FormOf(parse.GetValue(flags.Json), parse.GetValue(flags.Output));
        Profile = parse.GetValue(flags.Profile);
        Url = parse.GetValue(flags.Url);
        Retries = parse.GetValue(flags.Retries);
        _bandwidth = new Lazy<BandwidthLimit?>(() => parse.GetValue(flags.BwLimit) is { } limit ? ReadLimit(limit, world.Time) : null);
        _calls = parse.GetValue(flags.ExplainRequests) ? new CallBook() : null;
        Report = new Report(sink, _form, IsQuiet)
        {
            BeforeMessage = _area is null ? null : _area.Clear,
            Style = new TextStyle(IsLong: IsVerbose, IsRaw: parse.GetValue(flags.Bytes), world.Time.LocalTimeZone),
        };
        Profiles = new ProfileStore(world);
        StateFolder = StatePlace.Find(world);
        Jobs = new JobBook(StateFolder, world.Time);
        Vault = new KeyVault(this);
        _keys = new KeySource(this);
    }

    public Surroundings World { get; }

    public Report Report { get; }

    public ProfileStore Profiles { get; }

    /// <summary>Where to remember things between runs; null where there is no place.</summary>
    public string? StateFolder { get; }

    public JobBook Jobs { get; }

    /// <summary>The keys of the profiles.</summary>
    public KeyVault Vault { get; }

    /// <summary>How often what failed for a passing reason is tried again.</summary>
    public int Retries { get; }

    public bool IsVerbose { get; }

    public bool IsDebug { get; }

    public bool IsQuiet { get; }

    /// <summary>Whether somebody watches on a terminal.</summary>
    public bool ShowsProgress => _area is not null;

    /// <summary>The profile of <c>--profile</c>; null if none was given.</summary>
    public string? Profile { get; }

    /// <summary>The address of <c>--url</c> or its variable; null if none was given.</summary>
    public string? Url { get; }

    /// <summary>Standard output for what is no list of results, without secrets.</summary>
    public TextWriter Output => _sink.Out;

    /// <summary>Standard error, without secrets.</summary>
    public TextWriter ErrorOutput => _sink.Error;

    /// <summary>From now on this text is never written.</summary>
    public void Hide(string? secret) => _sink.Redactor.Hide(secret);

    /// <summary>The text without secrets, and without what others quote as one.</summary>
    public string CleanMessage(string text) => _sink.Redactor.CleanMessage(text);

    /// <summary>A line that a command of ours wrote, which this run started.</summary>
    public void PassOn(string line, bool isError)
    {
        lock (_gate)
        {
            // Where standard output is for programs, it has one speaker.
            (isError || Report.IsJson ? _sink.Error : _sink.Out).WriteLine(line);
            _sink.Out.Flush();
        }
    }

    /// <summary>This one secret was asked for: results may show it, nothing else.</summary>
    public void Reveal(string secret) => _sink.Out.Allow(secret);

    /// <summary>The key that a profile stands for, and where it may go.</summary>
    /// <param name="profile">Null for that of <c>--profile</c>, else the default one.</param>
    public Login FindLogin(string? profile)
    {
        lock (_gate)
        {
            return _keys.Find(profile ?? Profile);
        }
    }

    /// <summary>The account that a place belongs to; opened at most once per run.</summary>
    public Account Open(Place place) => place switch
    {
        RemotePlace remote => Open(remote.Profile),
        LinkPlace link => Open(Profile ?? Profiles.FindByHost(new Uri(link.Link).Host)),
        _ => throw new ArgumentException("Local places have no account.", nameof(place)),
    };

    public Account Open(string? profile)
    {
        lock (_gate)
        {
            var asked = profile ?? Profile ?? "";
            if (_byName.TryGetValue(asked, out var account))
            {
                return account;
            }

            // Two names may mean one profile; it is one account then.
            var login = _keys.Find(asked.Length == 0 ? null : asked);
            if (!_accounts.TryGetValue(login.Profile, out account))
            {
                account = new Account(NewClient(login.Url, login.Key));
                _accounts.Add(login.Profile, account);
            }

            return _byName[asked] = account;
        }
    }

    /// <param name="url">The service.</param>
    /// <param name="key">Null for calls that need none.</param>
    /// <param name="change">What shall be otherwise than usual.</param>
    public CoffreClient NewClient(Uri url, string? key, Func<CoffreClientOptions, CoffreClientOptions>? change = null)
    {
        Hide(key);
        try
        {
            var options = new CoffreClientOptions
            {
                BaseAddress = url,
                ApiKey = key,
                Handler = World.Handler,
                TimeProvider = World.Time,
                Retries = Retries,
                UserAgent = "coffre/" + Product.Version,
                OnNotice = notice => Report.Note(notice),
                StateFolder = StateFolder,
                Bandwidth = _bandwidth.Value,
                OnWait = _area is not null || _form is OutputForm.JsonLines ? ShowWait : null,
                OnSecret = Hide,
                OnCall = IsDebug || _calls is not null ? Trace : null,
            };
            return new CoffreClient(World.ShapeClient(change?.Invoke(options) ?? options));
        }
        catch (ArgumentException exception)
        {
            throw CliException.Usage(exception.Message.Split(" (Parameter", 2)[0]);
        }
    }

    /// <summary>Shows how far the run is, until it is disposed: on the terminal, as JSON lines, or not at all.</summary>
    public ProgressBoard BeginProgress() => _board = new ProgressBoard(_area, _form is OutputForm.JsonLines ? Report.Status : null, World.Time);

    /// <summary>Notes the run as a job, so that it can be gone on with.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="local">Words of it that are local paths: they are kept in full.</param>
    public JobRun? BeginJob(ParseResult parse, IReadOnlyCollection<string> local) => Jobs.Begin(Words(parse, local), World.ResumedJob);

    /// <summary>The same for a command line that means the folder where it was given.</summary>
    public JobRun? BeginJobHere(ParseResult parse, IReadOnlyCollection<string> local) =>
        Jobs.Begin([.. Words(parse, local), Path.GetFullPath(".") + Path.DirectorySeparatorChar], World.ResumedJob);

    /// <summary>The words of a command line, local paths in full.</summary>
    public string[] Words(ParseResult parse, IReadOnlyCollection<string> local) =>
        [.. parse.Tokens.Select((token, index) => local.Contains(token.Value, StringComparer.Ordinal) && !FilterFlags.IsPattern(parse.Tokens, index) ? InFull(token.Value) : token.Value)];

    /// <summary>The last words of a run, before its report is closed.</summary>
    public void Conclude()
    {
        if (_calls is not null)
        {
            Report.SetRequests(_calls.List());
            foreach (var line in _calls.Lines())
            {
                Report.Note(line);
            }
        }
    }

    public void Dispose()
    {
        foreach (var account in _accounts.Values)
        {
            account.Index.Dispose();
            account.Client.Dispose();
        }
    }

    // The slash at the end of a folder means something.
    private static string InFull(string path) => Path.GetFullPath(path) is var full && Path.EndsInDirectorySeparator(path) && !Path.EndsInDirectorySeparator(full) ? full + Path.DirectorySeparatorChar : Path.GetFullPath(path);

    private static BandwidthLimit ReadLimit(string text, TimeProvider time)
    {
        try
        {
            return new BandwidthLimit(BandwidthPlan.Parse(text), time);
        }
        catch (FormatException exception)
        {
            throw CliException.Usage($"--bwlimit: {exception.Message}");
        }
    }

    private void ShowWait(WaitNotice wait)
    {
        if (_board is { } board)
        {
            board.Wait(wait);
            return;
        }

        var figures = new WaitFigures(wait.Reason, wait.Ko, (long)Math.Ceiling(wait.Left.TotalSeconds));
        if (wait.Left <= TimeSpan.Zero)
        {
            _area?.Clear();
        }
        else if (_area is not null)
        {
            _area.Draw([ProgressBoard.WaitLine(figures)]);
        }
        else
        {
            Report.Status(new ProgressFigures { FilesDone = 0, FilesTotal = 0, BytesDone = 0, BytesTotal = 0, BytesPerSecond = 0, ElapsedSeconds = 0, Waiting = figures });
        }
    }

    private void Trace(CallTrace call)
    {
        _calls?.Add(call);
        if (IsDebug)
        {
            Say(call);
        }
    }

    private void Say(CallTrace call) => Report.Note(string.Create(
        CultureInfo.InvariantCulture,
        $"{call.Method} {call.Target} {(call.Status == 0 ? "no answer" : call.Status)} {call.Elapsed.TotalMilliseconds:0} ms{(call.RequestId is { } id ? " request " + id : "")}"));
}

/// <summary>An open account and what is known of its tree.</summary>
internal sealed class Account(CoffreClient client)
{
    public CoffreClient Client { get; } = client;

    public RemoteIndex Index { get; } = new(client);
}
