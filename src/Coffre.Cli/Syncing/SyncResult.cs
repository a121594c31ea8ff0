using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Output;
using Coffre.Client.Sync;

namespace Coffre.Cli.Syncing;

/// <summary>One step of a sync, planned or done.</summary>
internal sealed record SyncResult : Result
{
    /// <summary><c>upload</c>, <c>download</c>, <c>move</c>, <c>copy</c>, <c>note</c>, <c>trash</c>, <c>delete</c>, <c>make_folder</c>, <c>note_folder</c>, <c>remove_folder</c>, <c>failed</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Relative to the top of the destination.</summary>
    public required string Path { get; init; }

    /// <summary>Where it lay before.</summary>
    public string? From { get; init; }

    public long? Size { get; init; }

    public string? Reason { get; init; }

    /// <summary><c>planned</c>, <c>done</c>, <c>failed</c>.</summary>
    public required string State { get; init; }

    public string? Link { get; init; }

    public string? Checksum { get; init; }

    public ErrorReport? Error { get; init; }

    public static SyncResult Of(SyncAction action, bool isUp, bool forGood) => new()
    {
        Action = WordOf(action, isUp, forGood),
        Path = action.Path,
        From = action.From,
        Size = action.Kind is SyncActionKind.MakeFolder or SyncActionKind.NoteFolder or SyncActionKind.DeleteFolder ? null : action.Size,
        Reason = action.Reason,
        State = "planned",
    };

    public override string? Line(TextStyle style) => State is "planned" || (style.IsLong && State is "done")
        ? $"{Action,-13}  {(Size is { } size ? style.Size(size) : "-"),10}  {(From is null ? "" : TextStyle.Shown(From) + " -> ")}{TextStyle.Shown(Path)}{(Reason is null ? "" : $"  ({Reason})")}"
        : null;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, SyncJson.Default.SyncResult);

    private static string WordOf(SyncAction action, bool isUp, bool forGood) => action.Kind switch
    {
        SyncActionKind.Transfer => isUp ? "upload" : "download",
        SyncActionKind.Move => "move",
        SyncActionKind.Copy => "copy",
        SyncActionKind.Note => "note",
        SyncActionKind.Delete => forGood && !action.IsInTheWay ? "delete" : "trash",
        SyncActionKind.MakeFolder => "make_folder",
        SyncActionKind.NoteFolder => "note_folder",
        _ => "remove_folder",
    };
}

/// <summary>What was found of one path (<c>check</c>).</summary>
internal sealed record CheckResult : Result
{
    /// <summary><c>=</c>, <c>-</c>, <c>+</c>, <c>*</c>, <c>!</c>.</summary>
    public required string Symbol { get; init; }

    public required string Path { get; init; }

    /// <summary><c>same</c>, <c>missing_in_source</c>, <c>missing_in_destination</c>, <c>different</c>, <c>error</c>.</summary>
    public required string State { get; init; }

    public string? Reason { get; init; }

    public override string? Line(TextStyle style) => $"{Symbol} {TextStyle.Shown(Path)}";

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, SyncJson.Default.CheckResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = false)]
[JsonSerializable(typeof(SyncResult))]
[JsonSerializable(typeof(CheckResult))]
internal sealed partial class SyncJson : JsonSerializerContext;
