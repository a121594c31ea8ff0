using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Sessions;
using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>Looks after the accounts of a server: makes and changes them, for owners, admins and the operator.</summary>
internal sealed class RosterDesk(
    CatalogStore catalog, SignIn signIn, AccountTable accounts, SessionTable sessions, TwoStepTable twoStep, AuditTable audit, ServerSettings settings)
{
    public const long MaxQuota = 1L << 50;

    public ValueTask<IReadOnlyList<Account>> ListAsync(long? after, int most, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => accounts.ListPage(session, after, most), cancellationToken);

    public ValueTask<Outcome<Account>> FindAsync(long id, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => Find(session, id), cancellationToken);

    public async ValueTask<Outcome<Account>> MakeAsync(AccountWish wish, Authority by, CancellationToken cancellationToken)
    {
        var email = EmailAddress.Read(wish.Email);
        if (email.IsFault)
        {
            return email.Fault;
        }

        if ((by.FaultGiving(wish.Role) ?? QuotaFault(wish.QuotaBytes)) is { } fault)
        {
            return fault;
        }

        var digest = (string?)null;
        if (wish.Password is not null)
        {
            var made = await signIn.DigestAsync(wish.Password, cancellationToken);
            if (made.IsFault)
            {
                return made.Fault;
            }

            digest = made.Value;
        }

        return await catalog.WriteAsync<Outcome<Account>>(
            session => accounts.FindByEmail(session, email.Value) is not null ? new Fault(KoCode.EmailTaken) : Insert(session, wish with { Email = email.Value }, digest, by),
            cancellationToken);
    }

    /// <summary>Changes what is wished for. Suspending ends the sessions; keys, FTP and links are refused by the account's state.</summary>
    public async ValueTask<Outcome<Account>> ChangeAsync(long id, AccountUpdate update, Authority by, CancellationToken cancellationToken)
    {
        if ((update.IsEmpty ? new Fault(KoCode.NothingChanged) : by.FaultGiving(update.Role) ?? QuotaFault(update.QuotaBytes)) is { } fault)
        {
            return fault;
        }

        return await catalog.WriteAsync<Outcome<Account>>(
            session =>
            {
                var found = Find(session, id);
                if (found.IsFault)
                {
                    return found.Fault;
                }

                if (ChangeFault(session, found.Value, update, by) is { } refusal)
                {
                    return refusal;
                }

                Apply(session, found.Value, update, by.Actor);
                return accounts.Find(session, id)!;
            },
            cancellationToken);
    }

    /// <summary>Turns sign-in in two steps off for somebody who lost the app and the codes; all sessions end.</summary>
    public async ValueTask<Outcome<bool>> DropTwoStepAsync(long id, CancellationToken cancellationToken) =>
        await catalog.WriteAsync<Outcome<bool>>(
            session =>
            {
                if (!accounts.Find(session, id)!.HasTwoStep)
                {
                    return new Fault(KoCode.TwoStepOff);
                }

                twoStep.Disable(session, id);
                sessions.DeleteAll(session, id);
                audit.Add(session, new AuditEvent(AccountEvents.TwoStepOff, Actor.Operator, id));
                return true;
            },
            cancellationToken);

    /// <summary>Why the server would be left without an owner who can act; null if it would not.</summary>
    public static Fault? LastOwnerFault(CatalogSession session, AccountTable accounts, Account account) =>
        account is { Role: Role.Owner, Suspended: false } && accounts.CountOwners(session) <= 1 ? new Fault(KoCode.LastOwner) : null;

    private Account Insert(CatalogSession session, AccountWish wish, string? digest, Authority by)
    {
        var subscription = wish.Subscription ?? new Subscription(Tier.Premium, null);
        var id = accounts.Insert(session, wish.Email!, subscription.Tier, wish.QuotaBytes ?? settings.Bytes(AccountSettings.DefaultQuota), wish.Role);
        accounts.Subscribe(session, id, subscription);
        if (digest is not null)
        {
            accounts.SetPassword(session, id, digest);
        }

        audit.Add(session, new AuditEvent(AccountEvents.Made, by.Actor, id) { Detail = new JsonObject { ["role"] = RoleName.Of(wish.Role) } });
        return accounts.Find(session, id)!;
    }

    private Fault? ChangeFault(CatalogSession session, Account account, AccountUpdate update, Authority by)
    {
        if (by.FaultOn(account) is { } above)
        {
            return above;
        }

        if (account.IsGuest && update.Role is not null and not Role.Member)
        {
            return new Fault(KoCode.NotAllowed, "the guests' account stays as it is");
        }

        var losesOwner = update.Suspended == true || (update.Role is { } role && role != Role.Owner);
        return losesOwner ? LastOwnerFault(session, accounts, account) : null;
    }

    private void Apply(CatalogSession session, Account account, AccountUpdate update, Actor actor)
    {
        accounts.Update(session, account.Id, update.QuotaBytes ?? account.QuotaBytes, update.Suspended ?? account.Suspended);
        accounts.Subscribe(session, account.Id, update.Subscription ?? account.Subscription);
        accounts.SetRole(session, account.Id, update.Role ?? account.Role);
        if (update.Role is { } role && role != account.Role)
        {
            audit.Add(session, new AuditEvent(AccountEvents.RoleChanged, actor, account.Id)
            {
                Detail = new JsonObject { ["from"] = RoleName.Of(account.Role), ["to"] = RoleName.Of(role) },
            });
        }

        if (update.Suspended is { } suspended && suspended != account.Suspended)
        {
            var ended = suspended ? sessions.DeleteAll(session, account.Id) : 0;
            audit.Add(session, new AuditEvent(suspended ? AccountEvents.Suspended : AccountEvents.Resumed, actor, account.Id)
            {
                Detail = suspended ? new JsonObject { ["sessions_ended"] = ended } : null,
            });
        }

        if (update.Subscription is not null || update.QuotaBytes is not null)
        {
            var detail = new JsonObject();
            if (update.Subscription is { } subscription)
            {
                detail["tier"] = TierName.Of(subscription.Tier);
            }

            if (update.QuotaBytes is { } quota)
            {
                detail["quota_bytes"] = quota;
            }

            audit.Add(session, new AuditEvent(AccountEvents.Changed, actor, account.Id) { Detail = detail });
        }
    }

    private Outcome<Account> Find(CatalogSession session, long id) =>
        accounts.Find(session, id) is { IsDeleted: false } account ? account : new Fault(KoCode.NotFound);

    private static Fault? QuotaFault(long? quota) => quota is < 0 or > MaxQuota ? new Fault(KoCode.BadParameter, $"quota_bytes is 0 to {MaxQuota}") : null;
}
