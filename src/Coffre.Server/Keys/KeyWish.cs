using System.Net;
using Coffre.Protocol;
using Coffre.Server.Audit;

namespace Coffre.Server.Keys;

/// <summary>A key as somebody wants it.</summary>
/// <param name="Name">What it is for.</param>
internal sealed record KeyWish(string? Name)
{
    public KeyScopes Scopes { get; init; } = KeyScopes.All;

    /// <summary>The folder that is to stand for its root; null: the account's own.</summary>
    public long? RootFolderId { get; init; }

    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    public long? CallsPerSecond { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Who asks for a key.</summary>
/// <param name="Actor">For the audit log.</param>
/// <param name="Bounds">What the asker may do and until when; a key that it makes may do no more. Null: an operator, who may do anything.</param>
internal sealed record Asking(Actor Actor, KeyBounds? Bounds)
{
    public static Asking Operator { get; } = new(Actor.Operator, null);
}

/// <summary>What a key may do, and until when.</summary>
internal sealed record KeyBounds(KeyRights Rights, DateTimeOffset? EndsAt);
