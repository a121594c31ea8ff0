using System.Globalization;
using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Mail;
using Coffre.Server.Sessions;
using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>Deletes accounts, and says before what goes with one.</summary>
/// <remarks>
/// In one transaction the account ends: no key, session, FTP user or share of it works, no link gives its files, its e-mail address is
/// free. What it held goes behind that, by the <see cref="AccountPurger"/>: names first, then the bytes, by the sweep.
/// </remarks>
internal sealed class DeletionDesk(
    CatalogStore catalog, SignIn signIn, AccountTable accounts, DeletionTable table, SessionTable sessions, AuditTable audit, MailOutbox mail, AccountPurger purger,
    TimeProvider clock)
{
    /// <summary>What would go; nothing is changed.</summary>
    public ValueTask<Outcome<DeletionCounts>> StateAsync(long id, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<DeletionCounts>>(
            session => accounts.Find(session, id) is { IsDeleted: false } ? table.Count(session, id, clock.GetUtcNow()) : new Fault(KoCode.NotFound), cancellationToken);

    /// <summary>By the account itself, with its password typed once more.</summary>
    public async ValueTask<Outcome<DeletionCounts>> DeleteOwnAsync(Caller caller, string? password, Origin origin, CancellationToken cancellationToken)
    {
        var proved = await signIn.ProveAccountAsync(caller.Email, password ?? "", origin.Address, cancellationToken);
        return proved.IsFault
            ? proved.Fault
            : await DeleteAsync(caller.AccountId, new Authority(Actor.Of(origin.Address, caller), caller.Role), cancellationToken);
    }

    public async ValueTask<Outcome<DeletionCounts>> DeleteAsync(long id, Authority by, CancellationToken cancellationToken)
    {
        var deleted = await catalog.WriteAsync<Outcome<DeletionCounts>>(
            session =>
            {
                if (accounts.Find(session, id) is not { IsDeleted: false } account)
                {
                    return new Fault(KoCode.NotFound);
                }

                if ((by.FaultOn(account) ?? FaultOn(session, account)) is { } fault)
                {
                    return fault;
                }

                return Bury(session, account, by.Actor);
            },
            cancellationToken);
        mail.Raise();
        purger.Raise();
        return deleted;
    }

    /// <summary>A statement in words.</summary>
    public static string Describe(DeletionCounts counts) => string.Create(
        CultureInfo.InvariantCulture,
        $"{counts.Files} files ({ByteCount.Format(counts.Bytes)}) in {counts.Folders} folders are removed for good, their links are dead at once, and so are {counts.Pages} public pages. {counts.Shares} shares are withdrawn, {counts.Keys} API keys, {counts.Sessions} sessions and {counts.FtpUsers} FTP users end, and {counts.RemoteUploads} remote uploads are given up. The e-mail address is free again. The audit log keeps numbers, not the address. There is no way back.");

    private Fault? FaultOn(CatalogSession session, Account account) =>
        account.IsGuest ? new Fault(KoCode.NotAllowed, "the guests' account stays") : RosterDesk.LastOwnerFault(session, accounts, account);

    private DeletionCounts Bury(CatalogSession session, Account account, Actor actor)
    {
        // Counts of millions of files take their time: not on the writer. The usage is at hand.
        var ended = sessions.DeleteAll(session, account.Id);
        table.Bury(session, account.Id);
        audit.Add(session, new AuditEvent(AccountEvents.Deleted, actor, account.Id)
        {
            Detail = new JsonObject { ["bytes"] = account.UsedBytes, ["sessions_ended"] = ended },
        });
        mail.AddSecurityTo(
            session, accounts.FindByEmail(session, Account.GuestEmail)?.Id ?? account.Id, account.Email, "Your account was deleted",
            "Your account was deleted, and its files with it. If that was not you, tell the operator of the server.");
        return new DeletionCounts { Bytes = account.UsedBytes, Sessions = ended };
    }
}
