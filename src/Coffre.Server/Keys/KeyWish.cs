using System.Net;
using Coffre.Protocol;

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
