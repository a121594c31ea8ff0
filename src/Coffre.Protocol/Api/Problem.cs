namespace Coffre.Protocol.Api;

/// <summary>A refusal of the native API: <c>application/problem+json</c> of RFC 9457.</summary>
public sealed record Problem
{
    public const string MediaType = "application/problem+json";

    /// <summary>What kind of problem; <c>about:blank</c>: what its status says. <see cref="Code"/> is what a program looks at.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>One English sentence, the same for every problem of this code.</summary>
    public string Title { get; init; } = "";

    /// <summary>The HTTP status.</summary>
    public int Status { get; init; }

    /// <summary>What is particular to this one; never a secret.</summary>
    public string? Detail { get; init; }

    /// <summary>The stable word for it, such as <c>not_authenticated</c>.</summary>
    public string Code { get; init; } = "";

    /// <summary>The number that the server's log has for this request.</summary>
    public string? RequestId { get; init; }
}
