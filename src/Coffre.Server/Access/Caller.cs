using Coffre.Server.Accounts;

namespace Coffre.Server.Access;

/// <summary>The account and key behind a request.</summary>
internal sealed record Caller(long AccountId, long KeyId, string Email, Tier Tier, bool Suspended);
