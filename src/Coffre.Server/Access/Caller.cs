using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Door;
using Coffre.Server.Keys;

namespace Coffre.Server.Access;

/// <summary>The account and key behind a request. The tier is what it is now: one that has ended is the free one.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="KeyId">The key; 0 for whoever signed in with a password, or has a session.</param>
/// <param name="Email">The account's e-mail address.</param>
/// <param name="Tier">The account's tier.</param>
/// <param name="Suspended">Whether the account is.</param>
internal sealed record Caller(long AccountId, long KeyId, string Email, Tier Tier, bool Suspended)
{
    /// <summary>What the key may do, cut down to what the account's role may do.</summary>
    public KeyRights Rights { get; init; } = KeyRights.All;

    /// <summary>The key; null for whoever signed in with a password.</summary>
    public KeyName? Key => KeyId == 0 ? null : new KeyName(AccountId, KeyId);

    /// <summary>The account's role, as it is now.</summary>
    public Role Role { get; init; } = Role.Member;

    /// <summary>The session that stands in the place of a key; 0: none.</summary>
    public long SessionId { get; init; }

    /// <summary>Whether the session's password was typed just now.</summary>
    public bool IsFresh { get; init; }

    /// <summary>When the session was used before, to the minute.</summary>
    public DateTimeOffset LastUsedAt { get; init; }

    /// <summary>The number of the key or session.</summary>
    public long CredentialId => SessionId == 0 ? KeyId : SessionId;

    /// <summary>Whether the key was never used before.</summary>
    public bool IsFirstUse { get; init; }

    /// <summary>In whose name it acts, and how far down.</summary>
    public Reach Reach => new(AccountId, Rights.RootId);

    public bool May(KeyScopes scope) => Rights.Scopes.HasFlag(scope);

    /// <summary>Null if the key may; otherwise why not.</summary>
    public Fault? FaultWithout(KeyScopes scope) =>
        May(scope) ? null : new Fault(KoCode.NotAllowed, $"this key may not be used for it: it lacks {string.Join(" and ", KeyScopeNames.Of(scope & ~Rights.Scopes))}");
}
