using Coffre.Server.Accounts;
using Coffre.Server.Catalog;

namespace Coffre.Server.Vouchers;

/// <summary>The statements on vouchers.</summary>
internal sealed class VoucherTable(TimeProvider clock)
{
    private const string Columns =
        "code, tier, days, expires_at, used_at is null and revoked_at is null and (expires_at is null or expires_at > @now)";

    public Voucher Insert(CatalogSession session, long? holderId, Tier tier, int days, DateTimeOffset? expiresAt)
    {
        var voucher = new Voucher(Voucher.NewCode(), tier, days, expiresAt, IsOpen: true);
        session.Execute(
            "insert into voucher (code, holder_id, tier, days, made_at, expires_at) values (@code, @holder, @tier, @days, @now, @expires)",
            ("@code", voucher.Code), ("@holder", holderId), ("@tier", TierName.Of(tier)), ("@days", days), ("@now", Now),
            ("@expires", Moment.ToCatalog(expiresAt)));
        return voucher;
    }

    public Voucher? Find(CatalogSession session, string code) =>
        session.Find($"select {Columns} from voucher where code = @code", Read, ("@code", code), ("@now", Now));

    /// <summary>The open vouchers that an account may hand out.</summary>
    public IReadOnlyList<Voucher> ListOpen(CatalogSession session, long holderId, int limit) =>
        [.. session.List(
            $"select {Columns} from voucher where holder_id = @holder order by made_at, code", Read, ("@holder", holderId), ("@now", Now))
            .Where(voucher => voucher.IsOpen).Take(limit)];

    public IReadOnlyList<Voucher> List(CatalogSession session) =>
        [.. session.List($"select {Columns} from voucher order by made_at, code", Read, ("@now", Now))];

    /// <summary>Writes down who used it; false if it was no longer open.</summary>
    public bool Use(CatalogSession session, string code, long accountId) =>
        session.Execute(
            """
            update voucher set used_at = @now, used_by = @account
            where code = @code and used_at is null and revoked_at is null and (expires_at is null or expires_at > @now)
            """,
            ("@code", code), ("@account", accountId), ("@now", Now)) == 1;

    /// <summary>Ends the open voucher whose code begins so; returns how many.</summary>
    public int Revoke(CatalogSession session, string prefix) =>
        session.Execute(
            "update voucher set revoked_at = @now where substr(code, 1, @length) = @prefix and used_at is null and revoked_at is null",
            ("@prefix", prefix), ("@length", prefix.Length), ("@now", Now));

    private long Now => Moment.ToCatalog(clock.GetUtcNow());

    private static Voucher Read(CatalogRow row) => new(
        row.GetString(0), TierName.Parse(row.GetString(1)), row.GetInt32(2),
        row.IsDBNull(3) ? null : Moment.FromCatalog(row.GetInt64(3)), row.GetInt64(4) != 0);
}
