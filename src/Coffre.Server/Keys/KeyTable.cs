using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;

namespace Coffre.Server.Keys;

/// <summary>The statements on API keys.</summary>
internal sealed class KeyTable(KeyDigest digest, IdSource ids, TimeProvider clock)
{
    /// <summary>Makes a key; this is the only time that it is seen.</summary>
    public string Issue(CatalogSession session, long accountId, string name)
    {
        var key = ApiKey.New();
        session.Execute(
            "insert into api_key (account_id, id, digest, name, hint, created_at) values (@account, @id, @digest, @name, @hint, @now)",
            ("@account", accountId), ("@id", ids.Next()), ("@digest", digest.Of(key)), ("@name", name),
            ("@hint", key[^4..]), ("@now", Moment.ToCatalog(clock.GetUtcNow())));
        return key;
    }

    /// <summary>Who presents this key; null for an unknown or revoked one, in the same time.</summary>
    public Caller? FindCaller(CatalogSession session, string key) =>
        session.Find(
            """
            select k.account_id, k.id, a.email, a.suspended, a.tier, a.tier_until
            from api_key k join account a on a.id = k.account_id
            where k.digest = @digest and k.revoked_at is null
            """,
            row => new Caller(row.GetInt64(0), row.GetInt64(1), row.GetString(2), AccountTable.ReadSubscription(row, 4).At(clock.GetUtcNow()), row.GetInt64(3) != 0),
            ("@digest", digest.Of(key)));
}
