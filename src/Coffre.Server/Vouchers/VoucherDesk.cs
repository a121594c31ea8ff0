using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Vouchers;

/// <summary>Shows vouchers to those who hand them out, and redeems them.</summary>
internal sealed class VoucherDesk(CatalogStore catalog, VoucherTable vouchers, AccountTable accounts, AuditTable audit, TimeProvider clock)
{
    private const int MostListed = 10_000;

    public ValueTask<IReadOnlyList<Voucher>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => vouchers.ListOpen(session, caller.AccountId, MostListed), cancellationToken);

    /// <summary>The voucher, if it can still be used.</summary>
    public ValueTask<Outcome<Voucher>> CheckAsync(string? code, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => FindOpen(session, code), cancellationToken);

    /// <summary>Extends the subscription of an account.</summary>
    /// <param name="caller">Who redeems.</param>
    /// <param name="code">The voucher.</param>
    /// <param name="email">Whose subscription; null or empty: the caller's.</param>
    /// <param name="actor">For the audit log.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    public Task<Outcome<Subscription>> UseAsync(Caller caller, string? code, string? email, Actor actor, CancellationToken cancellationToken) =>
        catalog.WriteAsync<Outcome<Subscription>>(
            session =>
            {
                var found = FindOpen(session, code);
                if (found.IsFault)
                {
                    return found.Fault;
                }

                if (accounts.FindByEmail(session, string.IsNullOrWhiteSpace(email) ? caller.Email : email) is not { } account)
                {
                    return new Fault(KoCode.BadParameter, "user_email: there is no such account");
                }

                if (found.Value.Extend(account.Subscription, clock.GetUtcNow()) is not { } extended)
                {
                    return new Fault(KoCode.VoucherOfNoUse, $"it has {TierName.Of(account.Subscription.Tier)}{(account.Subscription.Until is null ? " without an end" : " now")}");
                }

                vouchers.Use(session, found.Value.Code, account.Id);
                accounts.Subscribe(session, account.Id, extended);
                audit.Add(session, new AuditEvent(AccountEvents.Changed, actor, account.Id) { Detail = new JsonObject { ["tier"] = TierName.Of(extended.Tier), ["by"] = "voucher" } });
                return extended;
            },
            cancellationToken);

    private Outcome<Voucher> FindOpen(CatalogSession session, string? code)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            return new Fault(KoCode.MissingParameter, "voucher");
        }

        return vouchers.Find(session, code.Trim()) switch
        {
            null => new Fault(KoCode.NoSuchVoucher),
            { IsOpen: false } => new Fault(KoCode.VoucherUsed),
            var voucher => voucher,
        };
    }
}
