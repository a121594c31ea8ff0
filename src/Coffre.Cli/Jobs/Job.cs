using System.Text.Json.Serialization;

namespace Coffre.Cli.Jobs;

/// <summary>A run that moves files, as it is kept on disk: enough to go on with it after a kill.</summary>
internal sealed record Job
{
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Interrupted = "interrupted";

    public required string Id { get; init; }

    /// <summary>The words of the command, local paths in full. Never holds a secret: keys and passwords are no arguments.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>When this was written.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>How often it was begun or gone on with.</summary>
    public int Runs { get; init; } = 1;

    public required string State { get; init; }

    public int? ExitCode { get; init; }

    public int MovedFiles { get; init; }

    public int SkippedFiles { get; init; }

    public int FailedFiles { get; init; }

    public long Bytes { get; init; }

    /// <summary>The first failures of the last run.</summary>
    public IReadOnlyList<JobFailure> Failures { get; init; } = [];
}

/// <param name="Item">File or folder.</param>
/// <param name="Code">Stable name of the error.</param>
/// <param name="Message">For people.</param>
internal sealed record JobFailure(string Item, string Code, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Job))]
internal sealed partial class JobJson : JsonSerializerContext;
