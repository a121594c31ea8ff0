using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Uploads;

/// <summary>The statements on upload tickets and reports.</summary>
internal sealed class UploadTable(TimeProvider clock)
{
    public void Insert(CatalogSession session, UploadTicket ticket) =>
        session.Execute(
            "insert into upload (id, account_id, created_at, expires_at) values (@id, @account, @now, @expires)",
            ("@id", ticket.Id), ("@account", ticket.AccountId), ("@now", Moment.ToCatalog(clock.GetUtcNow())),
            ("@expires", Moment.ToCatalog(ticket.ExpiresAt)));

    /// <summary>The ticket, unless it has expired.</summary>
    public UploadTicket? Find(CatalogSession session, string id) =>
        session.Find(
            "select id, account_id, expires_at, finished_at from upload where id = @id and expires_at > @now",
            Read, ("@id", id), ("@now", Moment.ToCatalog(clock.GetUtcNow())));

    /// <summary>Turns the ticket into a report; false if another upload was faster.</summary>
    /// <remarks>A ticket that ended, and was swept, while its upload was on its way is as good as it was when the upload began.</remarks>
    public bool Finish(CatalogSession session, UploadTicket ticket, DateTimeOffset reportExpiresAt, bool isIncoming) =>
        session.Execute(
            """
            insert into upload (id, account_id, created_at, expires_at, finished_at, incoming) values (@id, @account, @now, @expires, @now, @incoming)
            on conflict (id) do update set finished_at = excluded.finished_at, expires_at = excluded.expires_at, incoming = excluded.incoming
            where upload.finished_at is null
            """,
            ("@id", ticket.Id), ("@account", ticket.AccountId), ("@now", Moment.ToCatalog(clock.GetUtcNow())),
            ("@expires", Moment.ToCatalog(reportExpiresAt)), ("@incoming", isIncoming ? 1 : 0)) == 1;

    /// <summary>Whether the files went into the incoming folder of a member that the uploader is not.</summary>
    public bool IsIncoming(CatalogSession session, string id) =>
        session.Number("select incoming from upload where id = @id", ("@id", id)) == 1;

    public void AddFile(CatalogSession session, string id, int sequence, UploadedFile file) =>
        session.Execute(
            """
            insert into upload_file (upload_no, seq, name, link, length, checksum, removal_code, domain, no_ssl)
            values ((select no from upload where id = @id), @seq, @name, @link, @length, @checksum, @removal, @domain, @nossl)
            """,
            ("@id", id), ("@seq", sequence), ("@name", file.Name), ("@link", file.PublicLink.Id), ("@length", file.Length),
            ("@checksum", file.Checksum), ("@removal", file.RemovalCode),
            ("@domain", file.PublicLink.Domain), ("@nossl", file.PublicLink.IsPlain ? 1 : 0));

    public IReadOnlyList<UploadedFile> ListFiles(CatalogSession session, string id) =>
        [.. session.List(
            """
            select name, link, length, checksum, removal_code, domain, no_ssl
            from upload_file where upload_no = (select no from upload where id = @id) order by seq
            """,
            row => new UploadedFile(
                row.GetString(0), new PublicLink(row.GetString(1), row.GetInt32(5), row.GetInt64(6) != 0), row.GetInt64(2), row.GetBytes(3), row.IsDBNull(4) ? null : row.GetString(4)),
            ("@id", id))];

    /// <summary>Tickets that still wait for their upload.</summary>
    public long CountOpen(CatalogSession session) =>
        session.Number(
            "select count(*) from upload where finished_at is null and expires_at > @now",
            ("@now", Moment.ToCatalog(clock.GetUtcNow()))) ?? 0;

    /// <summary>Removes what has expired; returns how many.</summary>
    public int DeleteExpired(CatalogSession session) =>
        session.Execute("delete from upload where expires_at <= @now", ("@now", Moment.ToCatalog(clock.GetUtcNow())));

    private static UploadTicket Read(CatalogRow row) => new(
        row.GetString(0),
        row.IsDBNull(1) ? null : row.GetInt64(1),
        Moment.FromCatalog(row.GetInt64(2)),
        row.IsDBNull(3) ? null : Moment.FromCatalog(row.GetInt64(3)));
}
