using System.Text.Json.Serialization;

namespace Coffre.Protocol.Api;

/// <summary>All that is told of a key; the key itself is seen once, when it is made.</summary>
public sealed record KeyView
{
    /// <summary>Its number, below 2^53.</summary>
    public long Id { get; init; }

    /// <summary>What it is for: 1 to 100 characters.</summary>
    public string Name { get; init; } = "";

    /// <summary>The prefix and the last four characters: <c>cof_…ab12</c>.</summary>
    public string Hint { get; init; } = "";

    /// <summary>What it may be used for; see <see cref="KeyScopeNames"/>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The folder that stands for its root; 0: the account's own.</summary>
    public long RootFolderId { get; init; }

    /// <summary>Where it may be used from, in CIDR form; empty: anywhere.</summary>
    public IReadOnlyList<string> Networks { get; init; } = [];

    /// <summary>Its own rate; null: that of all keys.</summary>
    public long? CallsPerSecond { get; init; }

    /// <summary><c>active</c>, <c>pending</c> (it replaces another and was not used yet; it can be), <c>expired</c> or <c>revoked</c>.</summary>
    public string State { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when it is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The key that its first use ends.</summary>
    public long? Replaces { get; init; }

    /// <summary>How long that one lives on from then, in seconds.</summary>
    public long? GraceSeconds { get; init; }

    public DateTimeOffset? FirstUsedAt { get; init; }

    /// <summary>The last use, coarsely; null: none.</summary>
    public KeyUseView? LastUsed { get; init; }
}

/// <summary>When, from where and by what a key was used last.</summary>
public sealed record KeyUseView
{
    /// <summary>To the minute.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>24 bits of an IPv4 address, 48 of an IPv6 one.</summary>
    public string Network { get; init; } = "";

    /// <summary>The family of the program: <c>rclone</c>, <c>curl</c>.</summary>
    public string Client { get; init; } = "";
}

/// <summary><c>POST /api/keys</c>. What is left out is as the caller has it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewKeyRequest
{
    /// <summary>What it is for: 1 to 100 characters.</summary>
    public string? Name { get; init; }

    public IReadOnlyList<string>? Scopes { get; init; }

    public long? RootFolderId { get; init; }

    /// <summary>In CIDR form, at most 50.</summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>1 to 1,000,000.</summary>
    public long? CallsPerSecond { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary><c>PATCH /api/keys/{id}</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record KeyChange
{
    public string? Name { get; init; }
}

/// <summary><c>POST /api/keys/{id}/rotate</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RotateRequest
{
    /// <summary>How long the old key lives on after the first use of the new one: 0 to 604,800; a day if absent.</summary>
    public long? GraceSeconds { get; init; }
}

/// <summary>A key that was made.</summary>
public sealed record NewKeyAnswer
{
    public KeyView Key { get; init; } = new();

    /// <summary>The key. It is shown this once and kept nowhere in this form.</summary>
    public string Secret { get; init; } = "";
}

/// <summary><c>POST /api/keys/revoke</c>: whoever holds a key may end it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RevokeKeysRequest
{
    public const int MaxKeys = 1000;

    /// <summary>Whole keys, 1 to 1,000.</summary>
    public IReadOnlyList<string>? Keys { get; init; }
}

public sealed record RevokeKeysAnswer
{
    /// <summary>How many of them were live, and are not any more.</summary>
    public int Revoked { get; init; }
}
