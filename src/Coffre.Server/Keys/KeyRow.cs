using Coffre.Protocol;

namespace Coffre.Server.Keys;

/// <summary>What is known of a key: all but the key.</summary>
/// <param name="AccountId">Whose it is.</param>
/// <param name="Id">Its number.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Hint">Its last four characters.</param>
/// <param name="Rights">What it may do.</param>
/// <param name="CreatedAt">UTC.</param>
internal sealed record KeyRow(long AccountId, long Id, string Name, string Hint, KeyRights Rights, DateTimeOffset CreatedAt)
{
    /// <summary>From when it is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The key that its first use ends; null if it replaces none.</summary>
    public long? Replaces { get; init; }

    /// <summary>How long the old key lives on after the first use of this one.</summary>
    public TimeSpan? Grace { get; init; }

    public DateTimeOffset? FirstUsedAt { get; init; }

    public KeyUse? LastUse { get; init; }

    public string Masked => $"{ApiKey.Prefix}…{Hint}";

    /// <summary>Where it is in its life.</summary>
    public KeyState StateAt(DateTimeOffset now) => this switch
    {
        { RevokedAt: not null } => KeyState.Revoked,
        { ExpiresAt: { } end } when end <= now => KeyState.Expired,
        { Replaces: not null, FirstUsedAt: null } => KeyState.Pending,
        _ => KeyState.Active,
    };
}

internal enum KeyState
{
    Active,

    /// <summary>It replaces another and has not been used yet. It can be.</summary>
    Pending,
    Expired,
    Revoked,
}

/// <summary>When, from where and by what a key was used: coarse, so that it is no log of a person's ways.</summary>
/// <param name="At">UTC, to the minute.</param>
/// <param name="Network">Its first 24 bits (IPv4) or 48 (IPv6), in CIDR form.</param>
/// <param name="Client">The family of the program: <c>rclone</c>, <c>curl</c>.</param>
internal sealed record KeyUse(DateTimeOffset At, string Network, string Client);

/// <summary>A key that is to be made.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Rights">What it may do.</param>
/// <param name="ExpiresAt">From when it is refused; null: never.</param>
internal sealed record NewKey(string Name, KeyRights Rights, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>The key that it takes over from at its first use.</summary>
    public long? Replaces { get; init; }

    /// <summary>How long that one lives on from then.</summary>
    public TimeSpan? Grace { get; init; }
}

/// <summary>A key that was made, and its text, which is seen this once.</summary>
internal sealed record IssuedKey(KeyRow Row, string Secret);

/// <summary>What a key is called where it is not shown: whose it is, and its number.</summary>
internal readonly record struct KeyName(long AccountId, long KeyId);

/// <summary>A key that may be seen again, and its text as it is kept.</summary>
internal sealed record SealedKey(KeyRow Row, byte[] Box);
