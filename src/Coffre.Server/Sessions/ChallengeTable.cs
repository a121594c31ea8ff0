using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Server.Sessions;

/// <summary>The statements on sign-ins that wait for a code.</summary>
internal sealed class ChallengeTable(KeyDigest digest, AccountTable accounts, TimeProvider clock)
{
    /// <summary>Codes that one challenge may be tried with.</summary>
    public const int MaxTries = 5;

    private const int MaxWaiting = 10;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>Makes one; of an account only the newest few live.</summary>
    public IssuedChallenge Issue(CatalogSession session, long accountId)
    {
        var (token, ends) = (SecretText.New(SecretText.Challenge), clock.GetUtcNow() + Life);
        session.Execute("delete from sign_in_challenge where ends_at <= @now", ("@now", Moment.ToCatalog(clock.GetUtcNow())));
        session.Execute(
            """
            delete from sign_in_challenge where digest in (
                select digest from sign_in_challenge where account_id = @account order by ends_at desc limit -1 offset @most)
            """,
            ("@account", accountId), ("@most", MaxWaiting - 1));
        session.Execute(
            "insert into sign_in_challenge (digest, account_id, ends_at) values (@digest, @account, @ends)",
            ("@digest", digest.Of(token)), ("@account", accountId), ("@ends", Moment.ToCatalog(ends)));
        return new IssuedChallenge(token, ends);
    }

    /// <summary>The challenge with this text; null for one that is unknown, used, ended or was tried too often.</summary>
    public FoundChallenge? Find(CatalogSession session, string? token)
    {
        if (!SecretText.IsWellFormed(token, SecretText.Challenge))
        {
            return null;
        }

        var wanted = digest.Of(token);
        var found = session.Find(
            "select account_id, tries from sign_in_challenge where digest = @digest and ends_at > @now and tries < @most",
            row => new Waiting(row.GetInt64(0), row.GetInt64(1)),
            ("@digest", wanted), ("@now", Moment.ToCatalog(clock.GetUtcNow())), ("@most", MaxTries));
        return found is null ? null : new FoundChallenge(wanted, accounts.Find(session, found.AccountId)!, found.Tries);
    }

    public void CountTry(CatalogSession session, FoundChallenge challenge) =>
        session.Execute("update sign_in_challenge set tries = tries + 1 where digest = @digest", ("@digest", challenge.Digest));

    public void Delete(CatalogSession session, FoundChallenge challenge) =>
        session.Execute("delete from sign_in_challenge where digest = @digest", ("@digest", challenge.Digest));

    private sealed record Waiting(long AccountId, long Tries);
}
