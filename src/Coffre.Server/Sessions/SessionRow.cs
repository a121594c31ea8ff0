using Coffre.Server.Accounts;
using Coffre.Server.Keys;

namespace Coffre.Server.Sessions;

/// <summary>What is known of a session: all but its token.</summary>
/// <param name="AccountId">Who is signed in.</param>
/// <param name="Id">Its number.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="EndsAt">When it ends at the latest.</param>
/// <param name="FreshUntil">Until when the password counts as just typed.</param>
/// <param name="LastUse">Coarse, as of keys.</param>
internal sealed record SessionRow(long AccountId, long Id, DateTimeOffset CreatedAt, DateTimeOffset EndsAt, DateTimeOffset FreshUntil, KeyUse LastUse);

/// <summary>A session that was started, and its token, which is seen this once.</summary>
internal sealed record IssuedSession(SessionRow Row, string Token);

/// <summary>Where a first step led: to a session, or to a challenge.</summary>
/// <param name="Session">Null where a second step is wanted.</param>
/// <param name="Challenge">Null where none is.</param>
internal sealed record SignInResult(IssuedSession? Session, IssuedChallenge? Challenge);

/// <summary>The right to try a code, for a while. It is no session and is taken nowhere as one.</summary>
internal sealed record IssuedChallenge(string Token, DateTimeOffset EndsAt);

/// <summary>A challenge that was found again.</summary>
internal sealed record FoundChallenge(byte[] Digest, Account Account, long Tries);
