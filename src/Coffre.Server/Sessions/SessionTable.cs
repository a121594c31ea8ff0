using System.Security.Cryptography;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Folders;
using Coffre.Server.Keys;
using Coffre.Server.Settings;

namespace Coffre.Server.Sessions;

/// <summary>The statements on sessions.</summary>
internal sealed class SessionTable(KeyDigest digest, IdSource ids, ServerSettings settings, TimeProvider clock)
{
    /// <summary>How long after a password was typed the session may do what wants one.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private const string Columns = "account_id, id, created_at, ends_at, fresh_until, last_used_at, last_network, last_client";
    private readonly TimeSpan _idle = settings.Seconds(SessionSettings.IdleSeconds);
    private readonly TimeSpan _most = settings.Seconds(SessionSettings.MostSeconds);
    private readonly long _perAccount = settings.Number(SessionSettings.PerAccount);

    /// <summary>When a session ends if it is not used before.</summary>
    public DateTimeOffset EndOf(SessionRow row) => row.LastUse.At + _idle < row.EndsAt ? row.LastUse.At + _idle : row.EndsAt;

    /// <summary>Starts a session; this is the only time that its token is seen. Ended ones go, and the least recent ones beyond the limit.</summary>
    public IssuedSession Issue(CatalogSession session, long accountId, KeyUse from)
    {
        var now = clock.GetUtcNow();
        var token = SecretText.New(SecretText.Session);
        var row = new SessionRow(accountId, ids.Next(), now, now + _most, now + Freshness, from);
        session.Execute(
            "delete from session where account_id = @account and (ends_at <= @now or last_used_at <= @idle)",
            ("@account", accountId), ("@now", Moment.ToCatalog(now)), ("@idle", Moment.ToCatalog(now - _idle)));
        session.Execute(
            """
            delete from session where account_id = @account and id in (
                select id from session where account_id = @account order by last_used_at desc, id desc limit -1 offset @most)
            """,
            ("@account", accountId), ("@most", _perAccount - 1));
        session.Execute(
            $"insert into session ({Columns}, digest) values (@account, @id, @now, @ends, @fresh, @used, @network, @client, @digest)",
            ("@account", accountId), ("@id", row.Id), ("@now", Moment.ToCatalog(now)), ("@ends", Moment.ToCatalog(row.EndsAt)),
            ("@fresh", Moment.ToCatalog(row.FreshUntil)), ("@used", Moment.ToCatalog(from.At)), ("@network", from.Network), ("@client", from.Client),
            ("@digest", digest.Of(token)));
        return new IssuedSession(row, token);
    }

    /// <summary>Who presents this token; null for one that is unknown or has ended. The rights are those that the account's role has now.</summary>
    public Caller? FindCaller(CatalogSession session, string token)
    {
        var wanted = digest.Of(token);
        var found = session.Find(
            """
            select s.account_id, s.id, a.email, a.suspended, a.tier, a.tier_until, a.role, s.fresh_until, s.last_used_at, s.ends_at, s.digest
            from session s join account a on a.id = s.account_id
            where s.digest = @digest
            """,
            ReadPresented, ("@digest", wanted));
        var isRight = CryptographicOperations.FixedTimeEquals(wanted, found?.Digest ?? new byte[wanted.Length]);
        return isRight & (found?.EndsAt > clock.GetUtcNow()) ? found!.Caller : null;
    }

    public SessionRow? Find(CatalogSession session, long accountId, long id) =>
        session.Find($"select {Columns} from session where account_id = @account and id = @id", Read, ("@account", accountId), ("@id", id));

    /// <summary>Live sessions of an account, the newest first.</summary>
    /// <param name="session">The snapshot to look in.</param>
    /// <param name="accountId">Whose.</param>
    /// <param name="before">Only older ones than this; null: from the newest on.</param>
    /// <param name="most">At most so many.</param>
    public IReadOnlyList<SessionRow> List(CatalogSession session, long accountId, long? before, int most)
    {
        var now = clock.GetUtcNow();
        return
        [
            .. session.List(
                $"""
                select {Columns} from session
                where account_id = @account and id < @before and ends_at > @now and last_used_at > @idle
                order by id desc limit @most
                """,
                Read, ("@account", accountId), ("@before", before ?? long.MaxValue), ("@now", Moment.ToCatalog(now)),
                ("@idle", Moment.ToCatalog(now - _idle)), ("@most", most)),
        ];
    }

    public void Use(CatalogSession session, long accountId, long id, KeyUse use) =>
        session.Execute(
            "update session set last_used_at = @at, last_network = @network, last_client = @client where account_id = @account and id = @id",
            ("@at", Moment.ToCatalog(use.At)), ("@network", use.Network), ("@client", use.Client), ("@account", accountId), ("@id", id));

    /// <summary>The password was typed again.</summary>
    public void Freshen(CatalogSession session, long accountId, long id) =>
        session.Execute(
            "update session set fresh_until = @fresh where account_id = @account and id = @id",
            ("@fresh", Moment.ToCatalog(clock.GetUtcNow() + Freshness)), ("@account", accountId), ("@id", id));

    public bool Delete(CatalogSession session, long accountId, long id) =>
        session.Execute("delete from session where account_id = @account and id = @id", ("@account", accountId), ("@id", id)) == 1;

    /// <summary>Ends an account's sessions, and its sign-ins that wait for a code; returns how many sessions.</summary>
    /// <param name="session">The writer's.</param>
    /// <param name="accountId">Whose.</param>
    /// <param name="but">The one that stays; 0: none.</param>
    public int DeleteAll(CatalogSession session, long accountId, long but = 0)
    {
        session.Execute("delete from sign_in_challenge where account_id = @account", ("@account", accountId));
        return session.Execute("delete from session where account_id = @account and id <> @but", ("@account", accountId), ("@but", but));
    }

    private Presented ReadPresented(CatalogRow row)
    {
        var (role, lastUsed, end) = (RoleName.Parse(row.GetString(6)), Moment.FromCatalog(row.GetInt64(8)), Moment.FromCatalog(row.GetInt64(9)));
        var caller = new Caller(
            row.GetInt64(0), KeyId: 0, row.GetString(2), AccountTable.ReadSubscription(row, 4).At(clock.GetUtcNow()), row.GetInt64(3) != 0)
        {
            Role = role,
            Rights = new KeyRights(RoleName.Cut(KeyScopes.All, role), Folder.RootId, [], null),
            SessionId = row.GetInt64(1),
            IsFresh = Moment.FromCatalog(row.GetInt64(7)) > clock.GetUtcNow(),
            LastUsedAt = lastUsed,
        };
        return new Presented(caller, row.GetBytes(10), lastUsed + _idle < end ? lastUsed + _idle : end);
    }

    private static SessionRow Read(CatalogRow row) => new(
        row.GetInt64(0), row.GetInt64(1), Moment.FromCatalog(row.GetInt64(2)), Moment.FromCatalog(row.GetInt64(3)), Moment.FromCatalog(row.GetInt64(4)),
        new KeyUse(Moment.FromCatalog(row.GetInt64(5)), row.GetString(6), row.GetString(7)));

    private sealed record Presented(Caller Caller, byte[] Digest, DateTimeOffset EndsAt);
}
