using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary>What every v1 body may carry.</summary>
public abstract record V1Request
{
    /// <summary>1 asks for an indented answer.</summary>
    [JsonPropertyName("pretty")]
    public int? Pretty { get; init; }
}

/// <summary>A call that takes nothing.</summary>
public sealed record EmptyRequest : V1Request;

/// <summary>The envelope of answers: <c>OK</c>, <c>KO</c> with a message, or (on a few calls) no status at all.</summary>
public record V1Answer
{
    public const string Ok = "OK";
    public const string Ko = "KO";

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }
}
