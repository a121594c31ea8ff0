using System.Text.Json.Serialization;

namespace Coffre.Cli.Remote;

/// <summary>The URLs of one <c>remote add</c>, as they are kept on disk: enough to wait for them after a restart.</summary>
/// <remarks>URLs are kept as they are shown, without passwords and tokens, and headers not at all: what a retry needs, the service tells.</remarks>
internal sealed record RemoteBatch
{
    public required string Id { get; init; }

    /// <summary>Host of the service.</summary>
    public required string Service { get; init; }

    public required string Profile { get; init; }

    public required long FolderId { get; init; }

    /// <summary>The same for people.</summary>
    public required string Folder { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset Updated { get; init; }

    /// <summary>Whether headers go with the URLs: a retry needs them again.</summary>
    public bool HasHeaders { get; init; }

    /// <summary>Whether it was asked for elsewhere: nothing of it is asked for again.</summary>
    public bool IsForeign { get; init; }

    public required IReadOnlyList<RemoteItem> Items { get; init; }

    [JsonIgnore]
    public bool IsOpen => Items.Any(item => item.IsOpen);
}

/// <summary>One URL of a batch.</summary>
internal sealed record RemoteItem
{
    public const string Planned = "planned";
    public const string Requested = "requested";
    public const string Done = "done";
    public const string Failed = "failed";

    /// <summary>The URL as it may be shown.</summary>
    public required string Url { get; init; }

    /// <summary>What the file shall be called; null: as the source calls it.</summary>
    public string? Name { get; init; }

    public string State { get; init; } = Planned;

    /// <summary>The request that carries it now.</summary>
    public long? RequestId { get; init; }

    /// <summary>Where it stands in that request.</summary>
    public int Position { get; init; }

    /// <summary>The request that carried it first.</summary>
    public long? FirstRequestId { get; init; }

    /// <summary>How often it was asked for.</summary>
    public int Tries { get; init; }

    public string? Link { get; init; }

    public string? Message { get; init; }

    [JsonIgnore]
    public bool IsOpen => State is Planned or Requested;

    [JsonIgnore]
    public bool HasFailed => State is Failed;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RemoteBatch))]
internal sealed partial class RemoteJson : JsonSerializerContext;
