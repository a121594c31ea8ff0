using Coffre.Server.Catalog;

namespace Coffre.Server.Audit;

/// <summary>The statements on the audit log. There is none that changes or deletes.</summary>
/// <param name="secret">Of the chain.</param>
/// <param name="clock">When things happen.</param>
internal sealed class AuditTable(AuditSecret secret, TimeProvider clock)
{
    private const string Columns = "no, account_id, body, mac";

    /// <summary>Adds an entry, in the transaction of what it tells of.</summary>
    public void Add(CatalogSession session, AuditEvent happened)
    {
        var last = Last(session);
        var entry = AuditEntry.Make(happened, clock.GetUtcNow(), (last?.No ?? 0) + 1, last?.Mac ?? AuditEntry.NoMac, secret.Bytes);
        session.Execute(
            "insert into audit (no, account_id, body, mac) values (@no, @account, @body, @mac)",
            ("@no", entry.No), ("@account", entry.AccountId), ("@body", entry.Body), ("@mac", entry.Mac));
    }

    public AuditEntry? Last(CatalogSession session) =>
        session.Find($"select {Columns} from audit order by no desc limit 1", Read);

    /// <summary>Entries that concern an account, the newest first.</summary>
    /// <param name="session">The snapshot to look in.</param>
    /// <param name="accountId">Which account; null: all entries.</param>
    /// <param name="before">Only older ones; null: from the newest on.</param>
    /// <param name="most">At most so many.</param>
    public IReadOnlyList<AuditEntry> List(CatalogSession session, long? accountId, long? before, int most) =>
        [.. accountId is null
            ? session.List(
                $"select {Columns} from audit where no < @before order by no desc limit @most", Read,
                ("@before", before ?? long.MaxValue), ("@most", most))
            : session.List(
                $"select {Columns} from audit where account_id = @account and no < @before order by no desc limit @most", Read,
                ("@account", accountId), ("@before", before ?? long.MaxValue), ("@most", most))];

    /// <summary>All entries, the oldest first.</summary>
    public IEnumerable<AuditEntry> ReadAll(CatalogSession session) => session.List($"select {Columns} from audit order by no", Read);

    private static AuditEntry Read(CatalogRow row) =>
        new(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetInt64(1), row.GetString(2), row.GetBytes(3));
}

/// <summary>The secret of the audit log's chain: without it nobody can write entries that fit.</summary>
internal sealed record AuditSecret(byte[] Bytes);
