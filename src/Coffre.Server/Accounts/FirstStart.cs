using System.Text.Json.Nodes;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;
using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>Makes the owner's account and its key in a new catalog.</summary>
internal sealed class FirstStart(CatalogStore catalog, AccountTable accounts, KeyTable keys, AccountKeyDesk accountKeys, AuditTable audit, ServerSettings settings)
{
    /// <summary>Before the first request: reservations of a process that died are given back, and what nobody owns has its account.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) =>
        catalog.WriteAsync(
            session =>
            {
                accounts.DropReservations(session);
                accountKeys.Prepare(session);
                if (accounts.FindByEmail(session, Account.GuestEmail) is null)
                {
                    accounts.Insert(session, Account.GuestEmail, Tier.Free, settings.Bytes(AccountSettings.DefaultQuota));
                }

                return true;
            },
            cancellationToken);

    /// <summary>The owner's key if this is the first start; otherwise null.</summary>
    public Task<string?> RunAsync(CancellationToken cancellationToken) =>
        catalog.WriteAsync(
            session =>
            {
                // Accounts that an operator made before the first start are reason enough to make none of our own.
                if (accounts.List(session).Any(account => account.Email != Account.GuestEmail))
                {
                    return null;
                }

                var owner = accounts.Insert(session, Account.OwnerEmail, Tier.Premium, settings.Bytes(AccountSettings.DefaultQuota), Role.Owner);
                var issued = keys.Issue(session, owner, new NewKey("first key", KeyRights.All));
                audit.Add(session, new AuditEvent(AccountEvents.Made, Actor.Server, owner) { Detail = new JsonObject { ["role"] = RoleName.Of(Role.Owner) } });
                audit.Add(session, new AuditEvent(AuditEvents.KeyMade, Actor.Server, owner) { Detail = KeyDesk.Describe(issued.Row) });
                return issued.Secret;
            },
            cancellationToken);
}
