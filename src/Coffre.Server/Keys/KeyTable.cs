using System.Security.Cryptography;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;

namespace Coffre.Server.Keys;

/// <summary>The statements on API keys.</summary>
internal sealed class KeyTable(KeyDigest digest, IdSource ids, TimeProvider clock)
{
    private const string Columns =
        "account_id, id, name, hint, scopes, root_id, networks, calls_per_second, created_at, expires_at, revoked_at, replaces, grace_ms, "
        + "first_used_at, last_used_at, last_network, last_client";

    private const int MaxNetworks = 256;
    private const string Live = "revoked_at is null and (expires_at is null or expires_at > @now)";

    /// <summary>Makes a key; this is the only time that it is seen.</summary>
    public IssuedKey Issue(CatalogSession session, long accountId, NewKey wish)
    {
        var key = ApiKey.New();
        var row = new KeyRow(accountId, ids.Next(), wish.Name, key[^4..], wish.Rights, clock.GetUtcNow())
        {
            ExpiresAt = wish.ExpiresAt,
            Replaces = wish.Replaces,
            Grace = wish.Grace,
        };
        session.Execute(
            """
            insert into api_key (
                account_id, id, digest, name, hint, created_at, scopes, root_id, networks, calls_per_second, expires_at, replaces, grace_ms)
            values (@account, @id, @digest, @name, @hint, @now, @scopes, @root, @networks, @rate, @expires, @replaces, @grace)
            """,
            ("@account", accountId), ("@id", row.Id), ("@digest", digest.Of(key)), ("@name", row.Name), ("@hint", row.Hint),
            ("@now", Moment.ToCatalog(row.CreatedAt)), ("@scopes", (long)row.Rights.Scopes), ("@root", row.Rights.RootId),
            ("@networks", row.Rights.NetworksText), ("@rate", row.Rights.CallsPerSecond), ("@expires", Moment.ToCatalog(row.ExpiresAt)),
            ("@replaces", row.Replaces), ("@grace", (long?)row.Grace?.TotalMilliseconds));
        return new IssuedKey(row, key);
    }

    /// <summary>Who presents this key; null for an unknown, revoked or expired one, in the same time.</summary>
    public Caller? FindCaller(CatalogSession session, string key)
    {
        var wanted = digest.Of(key);
        var found = session.Find(
            """
            select k.account_id, k.id, a.email, a.suspended, a.tier, a.tier_until, a.role, k.scopes, k.root_id, k.networks, k.calls_per_second,
                k.digest, k.revoked_at, k.expires_at, k.first_used_at
            from api_key k join account a on a.id = k.account_id
            where k.digest = @digest
            """,
            ReadPresented, ("@digest", wanted));

        // An unknown key is compared all the same, with one that nobody can have.
        var isRight = CryptographicOperations.FixedTimeEquals(wanted, found?.Digest ?? new byte[wanted.Length]);
        return isRight & (found?.EndsAt > clock.GetUtcNow()) ? found!.Caller : null;
    }

    public KeyRow? Find(CatalogSession session, long accountId, long id) =>
        session.Find($"select {Columns} from api_key where account_id = @account and id = @id", Read, ("@account", accountId), ("@id", id));

    /// <summary>Keeps a key's text, sealed.</summary>
    public void SetSealed(CatalogSession session, KeyRow key, byte[] box) =>
        session.Execute(
            "update api_key set sealed = @box where account_id = @account and id = @id", ("@box", box), ("@account", key.AccountId), ("@id", key.Id));

    /// <summary>The live key of an account that it may see again, and its sealed text; null if it has none.</summary>
    public SealedKey? FindSealed(CatalogSession session, long accountId)
    {
        var id = session.Number(
            $"select id from api_key where account_id = @account and sealed is not null and {Live}", ("@account", accountId), ("@now", Now));
        return id is null ? null : new SealedKey(
            Find(session, accountId, id.Value)!,
            session.Find("select sealed from api_key where account_id = @account and id = @id", row => row.GetBytes(0), ("@account", accountId), ("@id", id))!);
    }

    /// <summary>Forgets the texts of keys that could be seen again; the keys go on.</summary>
    public int ForgetSealed(CatalogSession session) => session.Execute("update api_key set sealed = null where sealed is not null");

    /// <summary>Whether a key can be used now: it has not ended, and its account is not suspended.</summary>
    public bool IsGood(CatalogSession session, KeyName key) =>
        session.Number(
            $"select 1 from api_key k join account a on a.id = k.account_id where k.account_id = @account and k.id = @id and a.suspended = 0 and {Live}",
            ("@account", key.AccountId), ("@id", key.KeyId), ("@now", Now)) is not null;

    /// <summary>The key with this text, live or not.</summary>
    public KeyRow? FindByText(CatalogSession session, string key) =>
        session.Find($"select {Columns} from api_key where digest = @digest", Read, ("@digest", digest.Of(key)));

    /// <summary>Keys of an account, the newest first.</summary>
    /// <param name="session">The snapshot to look in.</param>
    /// <param name="accountId">Whose.</param>
    /// <param name="before">Only keys that are older than this one; null: from the newest on.</param>
    /// <param name="most">At most so many.</param>
    public IReadOnlyList<KeyRow> List(CatalogSession session, long accountId, long? before, int most) =>
        [.. session.List(
            $"select {Columns} from api_key where account_id = @account and id < @before order by id desc limit @most", Read,
            ("@account", accountId), ("@before", before ?? long.MaxValue), ("@most", most))];

    /// <summary>Keys of an account that can be used.</summary>
    public long CountLive(CatalogSession session, long accountId) =>
        session.Number($"select count(*) from api_key where account_id = @account and {Live}", ("@account", accountId), ("@now", Now)) ?? 0;

    public void Rename(CatalogSession session, KeyRow key, string name) =>
        session.Execute(
            "update api_key set name = @name where account_id = @account and id = @id",
            ("@name", name), ("@account", key.AccountId), ("@id", key.Id));

    /// <summary>Ends a key now; false if it had ended before.</summary>
    public bool Revoke(CatalogSession session, KeyRow key) =>
        session.Execute(
            $"update api_key set revoked_at = @now, sealed = null where account_id = @account and id = @id and {Live}",
            ("@now", Now), ("@account", key.AccountId), ("@id", key.Id)) == 1;

    /// <summary>Live keys that wait to take over from a key.</summary>
    public IReadOnlyList<KeyRow> ListPending(CatalogSession session, KeyRow key) =>
        [.. session.List(
            $"select {Columns} from api_key where account_id = @account and replaces = @id and first_used_at is null and {Live}", Read,
            ("@account", key.AccountId), ("@id", key.Id), ("@now", Now))];

    /// <summary>Writes down a use; true if it is the key's first. The first use of a key that replaces another sets that one's end.</summary>
    public bool Use(CatalogSession session, long accountId, long id, KeyUse use)
    {
        session.Execute(
            "update api_key set last_used_at = @at, last_network = @network, last_client = @client where account_id = @account and id = @id",
            ("@at", Moment.ToCatalog(use.At)), ("@network", use.Network), ("@client", use.Client), ("@account", accountId), ("@id", id));
        var isFirst = session.Execute(
            "update api_key set first_used_at = @now where account_id = @account and id = @id and first_used_at is null",
            ("@now", Now), ("@account", accountId), ("@id", id)) == 1;
        if (isFirst && Find(session, accountId, id) is { Replaces: { } old, Grace: { } grace })
        {
            session.Execute(
                "update api_key set expires_at = min(coalesce(expires_at, @end), @end) where account_id = @account and id = @id",
                ("@end", Moment.ToCatalog(clock.GetUtcNow() + grace)), ("@account", accountId), ("@id", old));
        }

        return isFirst;
    }

    /// <summary>Remembers a network that a key was used from; true if it is new. No key has more than a few hundred: of one that roams, later ones are not new.</summary>
    public bool AddNetwork(CatalogSession session, long accountId, long id, string network)
    {
        var known = session.Number(
            "select count(*) from (select 1 from key_network where account_id = @account and key_id = @id limit @most)",
            ("@account", accountId), ("@id", id), ("@most", MaxNetworks));
        return known < MaxNetworks && session.Execute(
            "insert into key_network (account_id, key_id, network) values (@account, @id, @network) on conflict do nothing",
            ("@account", accountId), ("@id", id), ("@network", network)) == 1;
    }

    private long Now => Moment.ToCatalog(clock.GetUtcNow());

    private Presented ReadPresented(CatalogRow row)
    {
        var role = RoleName.Parse(row.GetString(6));
        var scopes = RoleName.Cut((KeyScopes)row.GetInt32(7), role);
        var caller = new Caller(
            row.GetInt64(0), row.GetInt64(1), row.GetString(2), AccountTable.ReadSubscription(row, 4).At(clock.GetUtcNow()), row.GetInt64(3) != 0)
        {
            Role = role,
            Rights = new KeyRights(scopes, row.GetInt64(8), KeyRights.ReadNetworks(row.GetString(9)), row.IsDBNull(10) ? null : row.GetInt64(10)),
            IsFirstUse = row.IsDBNull(14),
        };
        var end = !row.IsDBNull(12) ? DateTimeOffset.MinValue : row.IsDBNull(13) ? DateTimeOffset.MaxValue : Moment.FromCatalog(row.GetInt64(13));
        return new Presented(caller, row.GetBytes(11), end);
    }

    private static KeyRow Read(CatalogRow row)
    {
        var rights = new KeyRights(
            (KeyScopes)row.GetInt32(4), row.GetInt64(5), KeyRights.ReadNetworks(row.GetString(6)), row.IsDBNull(7) ? null : row.GetInt64(7));
        return new KeyRow(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), rights, Moment.FromCatalog(row.GetInt64(8)))
        {
            ExpiresAt = MomentAt(row, 9),
            RevokedAt = MomentAt(row, 10),
            Replaces = row.IsDBNull(11) ? null : row.GetInt64(11),
            Grace = row.IsDBNull(12) ? null : TimeSpan.FromMilliseconds(row.GetInt64(12)),
            FirstUsedAt = MomentAt(row, 13),
            LastUse = MomentAt(row, 14) is { } at ? new KeyUse(at, row.GetString(15), row.GetString(16)) : null,
        };
    }

    private static DateTimeOffset? MomentAt(CatalogRow row, int column) => row.IsDBNull(column) ? null : Moment.FromCatalog(row.GetInt64(column));

    private sealed record Presented(Caller Caller, byte[] Digest, DateTimeOffset EndsAt);
}
