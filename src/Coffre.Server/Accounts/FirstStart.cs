using Coffre.Server.Catalog;
using Coffre.Server.Keys;
using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>Makes the owner's account and its key in a new catalog.</summary>
internal sealed class FirstStart(CatalogStore catalog, AccountTable accounts, KeyTable keys, ServerSettings settings)
{
    /// <summary>Before the first request: reservations of a process that died are given back.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        catalog.WriteAsync(
            session =>
            {
                accounts.DropReservations(session);
                return true;
            },
            cancellationToken);

    /// <summary>The owner's key if this is the first start; otherwise null.</summary>
    public Task<string?> RunAsync(CancellationToken cancellationToken) =>
        catalog.WriteAsync(
            session =>
            {
                if (accounts.Any(session))
                {
                    return null;
                }

                accounts.Insert(session, Account.GuestEmail, Tier.Free, settings.Bytes(AccountSettings.DefaultQuota));
                var owner = accounts.Insert(session, Account.OwnerEmail, Tier.Premium, settings.Bytes(AccountSettings.DefaultQuota));
                return keys.Issue(session, owner, "first key");
            },
            cancellationToken);
}
