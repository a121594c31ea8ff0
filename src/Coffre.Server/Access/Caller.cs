using Coffre.Server.Accounts;

namespace Coffre.Server.Access;

/// <summary>The account and key behind a request. The tier is what it is now: one that has ended is the free one.</summary>
internal sealed record Caller(long AccountId, long KeyId, string Email, Tier Tier, bool Suspended);
