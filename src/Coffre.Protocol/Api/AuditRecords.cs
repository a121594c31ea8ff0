using System.Text.Json;

namespace Coffre.Protocol.Api;

/// <summary>One entry of the audit log.</summary>
public sealed record AuditView
{
    /// <summary>Its place in the log, from 1 on, without gaps over all accounts.</summary>
    public long No { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>What happened, e.g. <c>key.made</c>.</summary>
    public string Event { get; init; } = "";

    /// <summary>Whose account it concerns; null: none.</summary>
    public long? AccountId { get; init; }

    /// <summary><c>key</c>, <c>session</c>, <c>operator</c>, <c>stranger</c> or <c>server</c>.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The account behind the key or session.</summary>
    public long? ActorAccountId { get; init; }

    /// <summary>The number of the key or session.</summary>
    public long? ActorId { get; init; }

    /// <summary>The address that it came from; null: this machine's command line.</summary>
    public string? Address { get; init; }

    /// <summary>What is particular to the event.</summary>
    public JsonElement? Detail { get; init; }
}
