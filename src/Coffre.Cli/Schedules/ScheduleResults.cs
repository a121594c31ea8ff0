using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Output;

namespace Coffre.Cli.Schedules;

/// <summary>A scheduled job: <c>job list</c>, <c>job show</c>.</summary>
internal sealed record ScheduleResult(ScheduledJob Job) : FactsResult
{
    public string Kind { get; } = "scheduled";

    /// <summary><c>waiting</c>, <c>running</c>, <c>overdue</c>, <c>disabled</c>.</summary>
    public required string State { get; init; }

    public DateTimeOffset? NextDue { get; init; }

    public RunRecord? LastRun { get; init; }

    /// <summary>Due times since the last that was dealt with.</summary>
    public int OpenRuns { get; init; }

    /// <summary>Whether systemd has its units.</summary>
    public bool Installed { get; init; }

    [JsonIgnore]
    public bool IsWhole { get; init; }

    public static ScheduleResult Of(ScheduledJob job, IReadOnlyList<RunRecord> records, DateTimeOffset now, bool isInstalled)
    {
        var (_, open) = Scheduler.Open(job, records, now);
        var first = job.Recurrence.NextAfter(Scheduler.DealtWith(job, records));
        var isRunning = records.Any(record => record.Outcome is RunRecord.Running);
        return new ScheduleResult(job)
        {
            State = !job.Enabled ? "disabled" : isRunning ? "running" : first + Recurrence.Grace < now ? "overdue" : "waiting",
            NextDue = job.Enabled ? job.Recurrence.NextAfter(now) : null,
            LastRun = records.LastOrDefault(record => record.Outcome is not RunRecord.Passed),
            OpenRuns = job.Enabled ? open : 0,
            Installed = isInstalled,
        };
    }

    public override string? Line(TextStyle style) => IsWhole
        ? base.Line(style)
        : $"{Job.Name,-16}  {State,-8}  {Times(),-18}  next {(NextDue is { } next ? style.Date(next) : "-"),-16}  last {(LastRun is { } last ? $"{last.Outcome} {style.Date(last.Started)}" : "never")}  coffre {Command()}";

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(
        writer, this with { Job = Job with { Ping = Shown(Job.Ping), Webhook = Shown(Job.Webhook) } }, ScheduleJson.Default.ScheduleResult);

    protected override IEnumerable<(string Name, string? Value)> Facts(TextStyle style) =>
    [
        ("job", Job.Name),
        ("state", State is "overdue" ? string.Create(CultureInfo.InvariantCulture, $"overdue: {OpenRuns} due times passed; does coffre scheduler run, or the timer?") : State),
        ("command", "coffre " + Command()),
        ("folder", Job.Folder),
        ("times", $"{Times()}{(Job.Cron is null ? "" : " in " + Job.Timezone)}"),
        ("missed runs", Job.Missed),
        ("next", NextDue is { } next ? style.Date(next) : null),
        ("last", LastRun is { } last ? HistoryResult.Text(last, style) : "never"),
        ("ping", Shown(Job.Ping)),
        ("webhook", Shown(Job.Webhook)),
        ("mail", Job.MailTo.Count > 0 ? $"{string.Join(", ", Job.MailTo)} ({Job.MailOn})" : null),
        ("systemd", Installed ? "installed" : null),
    ];

    private string Times() => Job.Cron ?? $"every {TimeSpan.FromSeconds(Job.EverySeconds ?? 0)}";

    private string Command() => TextStyle.Shown(string.Join(' ', Job.Words.Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"'{word}'" : word)));

    // Whoever knows the whole address can ping.
    private static string? Shown(string? address) => address is null || SecretPlace.IsPlace(address) ? address : (Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.Host : "") + "/…";
}

/// <summary>One run of a scheduled job.</summary>
internal sealed record HistoryResult(RunRecord Run) : Result
{
    public override string? Line(TextStyle style) => $"{Run.Id}  {Run.Job}: {Text(Run, style)}";

    public static string Text(RunRecord run, TextStyle style)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{run.Outcome} {style.Date(run.Started)} ({run.Trigger}{(run.DurationSeconds is { } seconds ? $", {seconds:0.#} s" : "")}{(run.ExitCode is { } code ? $", exit code {code}" : "")}{(run.MissedRuns > 0 ? $", {run.MissedRuns} missed" : "")})");
        return TextStyle.Shown(text + (run.Error is null ? "" : ": " + run.Error) + (run.NoticeTroubles is null ? "" : $" [{string.Join("; ", run.NoticeTroubles)}]"));
    }

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, ScheduleJson.Default.HistoryResult);
}

/// <summary><c>job install</c>: one unit.</summary>
internal sealed record UnitResult(string Path, string Content) : Result
{
    [JsonIgnore]
    public bool IsPrinted { get; init; }

    public override string? Line(TextStyle style) => IsPrinted ? $"# {Path}\n{Content}" : Path;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, ScheduleJson.Default.UnitResult);
}
