using Coffre.Server.Catalog;

namespace Coffre.Server.Mail;

/// <summary>The statements on mails.</summary>
internal sealed class MailTable(TimeProvider clock)
{
    public void Insert(CatalogSession session, long accountId, string recipient, string subject, string body) =>
        session.Execute(
            """
            insert into mail (account_id, recipient, subject, body, created_at, due_at) values (@account, @recipient, @subject, @body, @now, @now)
            """,
            ("@account", accountId), ("@recipient", recipient), ("@subject", subject), ("@body", body), ("@now", Now));

    /// <summary>Mails of an account, sent or not, since a moment.</summary>
    public long CountSince(CatalogSession session, long accountId, DateTimeOffset since) =>
        session.Number(
            "select count(*) from mail where account_id = @account and created_at > @since",
            ("@account", accountId), ("@since", Moment.ToCatalog(since))) ?? 0;

    /// <summary>Mails whose time has come.</summary>
    public IReadOnlyList<OutgoingMail> ListDue(CatalogSession session, int most) =>
        [.. session.List(
            "select id, recipient, subject, body, tries from mail where sent_at is null and due_at <= @now order by due_at limit @most", Read,
            ("@now", Now), ("@most", most))];

    /// <summary>When the next mail is due; null if none waits.</summary>
    public DateTimeOffset? NextDue(CatalogSession session) =>
        session.Number("select min(due_at) from mail where sent_at is null") is { } due ? Moment.FromCatalog(due) : null;

    /// <summary>It counts for a while yet; its text, which may hold a code, is not kept.</summary>
    public void Sent(CatalogSession session, OutgoingMail mail) =>
        session.Execute("update mail set sent_at = @now, subject = '', body = '' where id = @id", ("@now", Now), ("@id", mail.Id));

    public void Postpone(CatalogSession session, OutgoingMail mail, TimeSpan wait) =>
        session.Execute(
            "update mail set tries = tries + 1, due_at = @due where id = @id", ("@due", Moment.ToCatalog(clock.GetUtcNow() + wait)), ("@id", mail.Id));

    public void Drop(CatalogSession session, OutgoingMail mail) => session.Execute("delete from mail where id = @id", ("@id", mail.Id));

    /// <summary>Sent mails are kept for as long as they count.</summary>
    public int DeleteSent(CatalogSession session, DateTimeOffset before) =>
        session.Execute("delete from mail where sent_at is not null and created_at < @before", ("@before", Moment.ToCatalog(before)));

    private long Now => Moment.ToCatalog(clock.GetUtcNow());

    private static OutgoingMail Read(CatalogRow row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4));
}

/// <summary>One mail on its way.</summary>
internal sealed record OutgoingMail(long Id, string Recipient, string Subject, string Body, int Tries);
