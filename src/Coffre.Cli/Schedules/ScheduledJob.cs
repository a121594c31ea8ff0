using System.Text.Json.Serialization;

namespace Coffre.Cli.Schedules;

/// <summary>A command that runs at times of its own. Holds no secret: only where one lies.</summary>
internal sealed record ScheduledJob
{
    public required string Name { get; init; }

    /// <summary>Words of a coffre command, without the program's name.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>Five fields, or six with seconds first; null where <see cref="EverySeconds"/> counts.</summary>
    public string? Cron { get; init; }

    public long? EverySeconds { get; init; }

    /// <summary>The zone in which <see cref="Cron"/> is read.</summary>
    public required string Timezone { get; init; }

    /// <summary>What becomes of runs that the machine slept through: <c>catch-up</c>, <c>flag</c>, <c>skip</c>.</summary>
    public required string Missed { get; init; }

    public bool Enabled { get; init; } = true;

    /// <summary>The folder that relative paths start from.</summary>
    public required string Folder { get; init; }

    /// <summary>Intervals are counted from it.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was last enabled: due times before are nobody's concern.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Variables that were set when the job was made, and that its runs need. No keys.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Address to ping, or <c>file:PATH</c>, <c>env:NAME</c>, <c>keyring</c>: where it lies.</summary>
    public string? Ping { get; init; }

    /// <summary>The same, for a webhook.</summary>
    public string? Webhook { get; init; }

    /// <summary>Where the secret lies that signs it.</summary>
    public string? WebhookSecret { get; init; }

    public IReadOnlyList<string> MailTo { get; init; } = [];

    /// <summary><c>failure</c> or <c>always</c>.</summary>
    public string MailOn { get; init; } = "failure";

    /// <summary><c>smtp://user@host:587</c> or <c>smtps://user@host:465</c>.</summary>
    public string? Smtp { get; init; }

    public string? SmtpFrom { get; init; }

    /// <summary>Where the password lies.</summary>
    public string? SmtpPassword { get; init; }

    [JsonIgnore]
    public Recurrence Recurrence => Recurrence.Of(this);
}

/// <summary>One time that a job ran, or should have.</summary>
internal sealed record RunRecord
{
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string Interrupted = "interrupted";
    public const string Skipped = "skipped";
    public const string Missed = "missed";
    public const string Passed = "passed";

    public required string Id { get; init; }

    public required string Job { get; init; }

    /// <summary><c>manual</c>, <c>schedule</c>, <c>catch-up</c>.</summary>
    public required string Trigger { get; init; }

    /// <summary><c>running</c>, <c>succeeded</c>, <c>failed</c>, <c>interrupted</c>; <c>skipped</c>: another run was under way; <c>missed</c>: nobody started it in time; <c>passed</c>: the same, and nobody minds.</summary>
    public required string Outcome { get; init; }

    /// <summary>When it was due; absent of manual runs.</summary>
    public DateTimeOffset? Due { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public double? DurationSeconds { get; init; }

    public int? ExitCode { get; init; }

    /// <summary>The last thing that it complained of.</summary>
    public string? Error { get; init; }

    /// <summary>How many due times before this one passed without a run.</summary>
    public int MissedRuns { get; init; }

    /// <summary>Notices that could not be given.</summary>
    public IReadOnlyList<string>? NoticeTroubles { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ScheduledJob))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(ScheduleResult))]
[JsonSerializable(typeof(HistoryResult))]
[JsonSerializable(typeof(UnitResult))]
[JsonSerializable(typeof(HookBody))]
internal sealed partial class ScheduleJson : JsonSerializerContext;
