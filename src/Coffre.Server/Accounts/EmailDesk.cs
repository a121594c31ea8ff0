using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Mail;
using Coffre.Server.Sessions;

namespace Coffre.Server.Accounts;

/// <summary>Changes e-mail addresses: the new one must be read by whoever asks, and the old one is told.</summary>
internal sealed class EmailDesk(
    CatalogStore catalog, SignIn signIn, AccountTable accounts, LetterTable letters, LetterDesk wishes, AuditTable audit, MailOutbox mail)
{
    /// <summary>Asks for a mail to the new address; answers alike whether it is somebody's here.</summary>
    public async ValueTask<Outcome<bool>> AskAsync(Caller caller, string? email, string? password, Origin origin, CancellationToken cancellationToken)
    {
        if (!mail.IsOn)
        {
            return new Fault(KoCode.MailOff);
        }

        var address = EmailAddress.Read(email);
        if (address.IsFault)
        {
            return address.Fault;
        }

        var proved = await signIn.ProveAccountAsync(caller.Email, password ?? "", origin.Address, cancellationToken);
        if (proved.IsFault)
        {
            return proved.Fault;
        }

        var actor = Actor.Of(origin.Address, caller);
        return wishes.Ask(origin.Address, address.Value, session => WriteLetter(session, caller.AccountId, address.Value, actor)) is { } fault ? fault : true;
    }

    /// <summary>The new address was proved.</summary>
    public async ValueTask<Outcome<bool>> ConfirmAsync(string? token, Origin origin, CancellationToken cancellationToken)
    {
        var changed = await catalog.WriteAsync<Outcome<bool>>(
            session => letters.Take(session, token, Letter.NewEmail) is { AccountId: { } id } letter && accounts.Find(session, id) is { Suspended: false } account
                && accounts.FindByEmail(session, letter.Email) is null
                ? Change(session, account, letter.Email, origin.Stranger)
                : new Fault(KoCode.LetterNotValid),
            cancellationToken);
        mail.Raise();
        return changed;
    }

    /// <summary>By an operator: at once.</summary>
    public async ValueTask<Outcome<bool>> ChangeByOperatorAsync(long accountId, string email, CancellationToken cancellationToken)
    {
        var address = EmailAddress.Read(email);
        if (address.IsFault)
        {
            return address.Fault;
        }

        return await catalog.WriteAsync<Outcome<bool>>(
            session =>
            {
                var account = accounts.Find(session, accountId)!;
                if (account.IsGuest)
                {
                    return new Fault(KoCode.NotAllowed, "the guests' account stays as it is");
                }

                return accounts.FindByEmail(session, address.Value) is { } other && other.Id != accountId
                    ? new Fault(KoCode.EmailTaken)
                    : Change(session, account, address.Value, Actor.Operator);
            },
            cancellationToken);
    }

    private bool Change(CatalogSession session, Account account, string email, Actor actor)
    {
        accounts.SetEmail(session, account.Id, email);

        // What was sent to the old address would open the account to whoever reads it.
        letters.DeleteOf(session, account.Id);
        audit.Add(session, new AuditEvent(AccountEvents.EmailChanged, actor, account.Id));
        mail.AddSecurityTo(
            session, account.Id, account.Email, "Your account has another e-mail address",
            "Your account has another e-mail address from now on, and nothing is sent to this one any more. If that was not you, tell the operator of the server now.");
        return true;
    }

    private void WriteLetter(CatalogSession session, long accountId, string email, Actor actor)
    {
        audit.Add(session, new AuditEvent(AccountEvents.EmailAsked, actor, accountId));
        if (accounts.FindByEmail(session, email) is not null)
        {
            return;
        }

        var token = letters.Issue(session, new Letter(Letter.NewEmail, accountId, email), LetterDesk.Life);
        mail.AddSecurityTo(
            session, accountId, email, "Confirm your e-mail address",
            $"Somebody wants this to be the e-mail address of an account. This code confirms it within 30 minutes, once:\n\n{token}\n\nIf that was not you, leave this mail alone: nothing was changed.");
    }
}
