using Coffre.Protocol;
using Coffre.Protocol.Api;

namespace Coffre.Server.Keys;

/// <summary>Keys as the native API tells them.</summary>
internal static class KeyViews
{
    public static NewKeyAnswer ToAnswer(IssuedKey issued, DateTimeOffset now) => new() { Key = ToView(issued.Row, now), Secret = issued.Secret };

    public static KeyView ToView(KeyRow key, DateTimeOffset now) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Hint = key.Masked,
        Scopes = KeyScopeNames.Of(key.Rights.Scopes),
        RootFolderId = key.Rights.RootId,
        Networks = [.. key.Rights.Networks.Select(network => network.ToString())],
        CallsPerSecond = key.Rights.CallsPerSecond,
        State = key.StateAt(now).ToString().ToLowerInvariant(),
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.ExpiresAt,
        RevokedAt = key.RevokedAt,
        Replaces = key.Replaces,
        GraceSeconds = (long?)key.Grace?.TotalSeconds,
        FirstUsedAt = key.FirstUsedAt,
        LastUsed = key.LastUse is { } use ? new KeyUseView { At = use.At, Network = use.Network, Client = use.Client } : null,
    };
}
