using Coffre.Server.Catalog;

namespace Coffre.Server.Accounts;

/// <summary>The statements that take an account away: what goes at once, and what goes in batches because there may be millions of it.</summary>
/// <remarks>The row itself stays without anything of a person: its number must never be given to another account.</remarks>
internal sealed class DeletionTable(TimeProvider clock)
{
    /// <summary>What ends the account, with the moment of it: bounded work, whatever it holds.</summary>
    private static readonly string[] Endings =
    [
        """
        update account set email = 'deleted:' || id, email_key = 'DELETED:' || id, password = null, totp_secret = null, totp_waiting = null,
            suspended = 1, role = 'member', tier = 'free', tier_until = null, preferences = '{}', deleted_at = @now
        where id = @id
        """,
        "update api_key set revoked_at = @now where account_id = @id and revoked_at is null",
        "update voucher set revoked_at = @now where holder_id = @id and used_at is null and revoked_at is null",
        "update invitation set revoked_at = @now where made_by = @id and used_at is null and revoked_at is null",
    ];

    /// <summary>What goes with it at once.</summary>
    private static readonly string[] Burial =
    [
        "delete from recovery_code where account_id = @id",
        "delete from letter where account_id = @id",
        "delete from folder_share where account_id = @id",
        "delete from folder_share where member_id = @id",
        "delete from ftp_user where account_id = @id",
        "update api_key set sealed = null where account_id = @id and sealed is not null",
    ];

    /// <summary>What goes afterwards, some rows at a time. Each returns to its place as long as it finds any.</summary>
    private static readonly string[] Remains =
    [
        "delete from remote_request where account_id = @id and id in (select id from remote_request where account_id = @id limit @most)",
        """
        delete from folder_link where link in (
            select l.link from folder f join folder_link l on l.link = f.share_link where f.account_id = @id limit @most)
        """,
        "delete from folder where account_id = @id and id in (select id from folder where account_id = @id limit @most)",
        "delete from change where account_id = @id and no in (select no from change where account_id = @id limit @most)",
        "delete from mail where id in (select id from mail where account_id = @id limit @most)",
        "delete from key_network where (account_id, key_id, network) in (select account_id, key_id, network from key_network where account_id = @id limit @most)",
        "delete from api_key where account_id = @id and id in (select id from api_key where account_id = @id limit @most)",
    ];

    public static int RemainKinds => Remains.Length;

    /// <summary>Ends the account now.</summary>
    public void Bury(CatalogSession session, long id)
    {
        foreach (var statement in Endings)
        {
            session.Execute(statement, ("@id", id), ("@now", Moment.ToCatalog(clock.GetUtcNow())));
        }

        foreach (var statement in Burial)
        {
            session.Execute(statement, ("@id", id));
        }
    }

    /// <summary>Takes some rows of one kind away; returns how many.</summary>
    public int DeleteSome(CatalogSession session, int kind, long id, int most) => session.Execute(Remains[kind], ("@id", id), ("@most", most));

    /// <summary>Nothing is left.</summary>
    public void Purged(CatalogSession session, long id) =>
        session.Execute(
            "update account set purged_at = @now, used_bytes = 0 where id = @id", ("@id", id), ("@now", Moment.ToCatalog(clock.GetUtcNow())));

    /// <summary>Deleted accounts of which something is left, also what came in after they were purged.</summary>
    public IReadOnlyList<long> ListUnpurged(CatalogSession session) =>
    [
        .. session.List(
            """
            select id from account a where deleted_at is not null
                and (purged_at is null or exists (select 1 from file f where f.account_id = a.id) or exists (select 1 from ftp_file f where f.account_id = a.id))
            order by id
            """,
            row => new Boxed(row.GetInt64(0))).Select(boxed => boxed.Id),
    ];

    /// <summary>What there is of an account.</summary>
    public DeletionCounts Count(CatalogSession session, long id, DateTimeOffset now) => new()
    {
        Files = Number(session, "select count(*) from file where account_id = @id", id) + Number(session, "select count(*) from ftp_file where account_id = @id", id),
        Bytes = Number(session, "select used_bytes from account where id = @id", id),
        Folders = Number(session, "select count(*) from folder where account_id = @id", id),
        Pages = Number(session, "select count(*) from folder where account_id = @id and share_link is not null", id),
        Shares = Number(session, "select count(*) from folder_share where account_id = @id", id) + Number(session, "select count(*) from folder_share where member_id = @id", id),
        Keys = session.Number(
            "select count(*) from api_key where account_id = @id and revoked_at is null and (expires_at is null or expires_at > @now)",
            ("@id", id), ("@now", Moment.ToCatalog(now))) ?? 0,
        Sessions = Number(session, "select count(*) from session where account_id = @id", id),
        FtpUsers = Number(session, "select count(*) from ftp_user where account_id = @id", id),
        RemoteUploads = Number(session, "select count(*) from remote_url where state in ('waiting', 'running') and account_id = @id", id),
    };

    private static long Number(CatalogSession session, string sql, long id) => session.Number(sql, ("@id", id)) ?? 0;

    private sealed record Boxed(long Id);
}

/// <summary>What goes with an account.</summary>
internal sealed record DeletionCounts
{
    public long Files { get; init; }

    public long Bytes { get; init; }

    public long Folders { get; init; }

    public long Pages { get; init; }

    public long Shares { get; init; }

    public long Keys { get; init; }

    public long Sessions { get; init; }

    public long FtpUsers { get; init; }

    public long RemoteUploads { get; init; }
}
