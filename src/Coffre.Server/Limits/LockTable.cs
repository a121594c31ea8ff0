using Coffre.Protocol;
using Coffre.Server.Catalog;

namespace Coffre.Server.Limits;

/// <summary>The statements on locks.</summary>
internal sealed class LockTable(TimeProvider clock)
{
    public void Put(CatalogSession session, FloodLock flood) =>
        session.Execute(
            """
            insert into flood_lock (kind, subject, scope, code, locked_at, ends_at) values (@kind, @subject, @scope, @code, @now, @ends)
            on conflict (kind, subject, scope) do update set code = @code, locked_at = @now, ends_at = @ends
            """,
            ("@kind", flood.Subject.KindName), ("@subject", flood.Subject.ToText()), ("@scope", flood.Scope), ("@code", flood.Code.ToString()),
            ("@now", Moment.ToCatalog(clock.GetUtcNow())), ("@ends", Moment.ToCatalog(flood.EndsAt)));

    /// <summary>The locks that have not ended, those that end last first.</summary>
    public IReadOnlyList<FloodLock> List(CatalogSession session, int limit) =>
        [.. session.List(
            "select kind, subject, scope, code, ends_at from flood_lock where ends_at > @now order by ends_at desc limit @limit",
            row => new FloodLock(
                Subject.FromText(row.GetString(0), row.GetString(1)), row.GetString(2), Enum.Parse<KoCode>(row.GetString(3)),
                Moment.FromCatalog(row.GetInt64(4))),
            ("@now", Moment.ToCatalog(clock.GetUtcNow())), ("@limit", limit))];

    /// <summary>Whether this lock was neither lifted nor has ended.</summary>
    public bool Holds(CatalogSession session, FloodLock flood) =>
        session.Number(
            "select 1 from flood_lock where kind = @kind and subject = @subject and scope = @scope and ends_at > @now",
            ("@kind", flood.Subject.KindName), ("@subject", flood.Subject.ToText()), ("@scope", flood.Scope),
            ("@now", Moment.ToCatalog(clock.GetUtcNow()))) is not null;

    /// <summary>Lifts the locks on one subject, or all of them; returns how many.</summary>
    public int Lift(CatalogSession session, string? subject) =>
        session.Execute("delete from flood_lock where @subject is null or subject = @subject", ("@subject", subject));

    public int DeleteEnded(CatalogSession session) =>
        session.Execute("delete from flood_lock where ends_at <= @now", ("@now", Moment.ToCatalog(clock.GetUtcNow())));
}
