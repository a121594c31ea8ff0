using System.Text.Json.Serialization;

namespace Coffre.Cli.Output;

/// <summary>How far a run is: the <c>status</c> lines of <c>--output jsonl</c>.</summary>
internal sealed record ProgressFigures
{
    public required int FilesDone { get; init; }

    /// <summary>Those that were found so far; the search may go on.</summary>
    public required int FilesTotal { get; init; }

    public required long BytesDone { get; init; }

    public required long BytesTotal { get; init; }

    /// <summary>In the last ten seconds.</summary>
    public required long BytesPerSecond { get; init; }

    public required double ElapsedSeconds { get; init; }

    /// <summary>Absent where nothing moves.</summary>
    public long? SecondsLeft { get; init; }

    public WaitFigures? Waiting { get; init; }

    /// <summary>Transfers under way, the oldest first.</summary>
    public IReadOnlyList<TrackFigures> Active { get; init; } = [];
}

/// <summary>A lock or a rule of the service holds everything up.</summary>
/// <param name="Reason">The service's words, or the rule that is kept.</param>
/// <param name="Ko">The number in its words.</param>
/// <param name="SecondsLeft">How long it still takes.</param>
internal sealed record WaitFigures(string Reason, int? Ko, long SecondsLeft);

/// <summary>One transfer under way.</summary>
internal sealed record TrackFigures(string Name, long BytesDone, long? BytesTotal, long BytesPerSecond, long? SecondsLeft);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ProgressFigures))]
internal sealed partial class ProgressJson : JsonSerializerContext;
