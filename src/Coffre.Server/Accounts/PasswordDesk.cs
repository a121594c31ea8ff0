using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Mail;
using Coffre.Server.Sessions;

namespace Coffre.Server.Accounts;

/// <summary>Changes passwords: by the old one, by a mail, by the operator. A new password ends the sessions that the old one opened.</summary>
internal sealed class PasswordDesk(
    CatalogStore catalog, SignIn signIn, AccountTable accounts, SessionTable sessions, LetterTable letters, LetterDesk wishes, AuditTable audit, MailOutbox mail)
{
    /// <summary>By the old one; the session that asks stays.</summary>
    public async ValueTask<Outcome<bool>> ChangeAsync(Caller caller, string? old, string? wanted, Origin origin, CancellationToken cancellationToken)
    {
        if (PasswordDigest.FaultOf(wanted) is { } fault)
        {
            return fault;
        }

        var proved = await signIn.ProveAccountAsync(caller.Email, old ?? "", origin.Address, cancellationToken);
        if (proved.IsFault)
        {
            return proved.Fault;
        }

        var digest = await signIn.DigestAsync(wanted, cancellationToken);
        return digest.IsFault
            ? digest.Fault
            : await SetAsync(
                digest.Value, caller.SessionId, Actor.Of(origin.Address, caller), AccountEvents.PasswordChanged,
                session => accounts.FindPassword(session, caller.Email)?.Digest == proved.Value.Digest ? caller.AccountId : new Fault(KoCode.WrongPassword));
    }

    /// <summary>Asks for a mail that lets set another one; answers alike whether there is such an account.</summary>
    public Outcome<bool> AskReset(string? email, Origin origin)
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

        return wishes.Ask(origin.Address, address.Value, session => WriteReset(session, address.Value, origin)) is { } fault ? fault : true;
    }

    /// <summary>By what the mail carried.</summary>
    public async ValueTask<Outcome<bool>> ResetAsync(string? token, string? wanted, Origin origin, CancellationToken cancellationToken)
    {
        if (PasswordDigest.FaultOf(wanted) is { } fault)
        {
            return fault;
        }

        // No digest is made for whoever has no letter.
        if (await catalog.ReadAsync(session => letters.Find(session, token, Letter.Reset), cancellationToken) is null)
        {
            return new Fault(KoCode.LetterNotValid);
        }

        var digest = await signIn.DigestAsync(wanted, cancellationToken);
        return digest.IsFault
            ? digest.Fault
            : await SetAsync(
                digest.Value, stays: 0, origin.Stranger, AccountEvents.PasswordReset,
                session => letters.Take(session, token, Letter.Reset) is { AccountId: { } id } && accounts.Find(session, id) is { Suspended: false }
                    ? id
                    : new Fault(KoCode.LetterNotValid));
    }

    /// <summary>By an operator, or an admin who makes the account; null takes the password away.</summary>
    public async ValueTask<Outcome<bool>> SetByOperatorAsync(long accountId, string? wanted, CancellationToken cancellationToken)
    {
        var digest = (string?)null;
        if (wanted is not null)
        {
            var made = await signIn.DigestAsync(wanted, cancellationToken);
            if (made.IsFault)
            {
                return made.Fault;
            }

            digest = made.Value;
        }

        return await SetAsync(digest, stays: 0, Actor.Operator, digest is null ? AccountEvents.PasswordRemoved : AccountEvents.PasswordSet, _ => accountId);
    }

    private async ValueTask<Outcome<bool>> SetAsync(string? digest, long stays, Actor actor, string happened, Func<CatalogSession, Outcome<long>> find)
    {
        var set = await catalog.WriteAsync<Outcome<bool>>(
            session =>
            {
                var found = find(session);
                if (found.IsFault)
                {
                    return found.Fault;
                }

                var id = found.Value;
                accounts.SetPassword(session, id, digest);
                letters.DeleteOf(session, id);
                var ended = sessions.DeleteAll(session, id, but: stays);
                audit.Add(session, new AuditEvent(happened, actor, id) { Detail = new JsonObject { ["sessions_ended"] = ended } });
                mail.AddSecurity(
                    session, id, digest is null ? "Your password was removed" : "Your password was changed",
                    $"{(digest is null ? "The password of your account was removed" : "Your account has another password")} from now on, and {(stays == 0 ? "all sessions" : "all sessions but the one that did it")} were ended. API keys go on working. If that was not you, tell the operator of the server now.");
                return true;
            },
            CancellationToken.None);
        mail.Raise();
        return set;
    }

    private void WriteReset(CatalogSession session, string email, Origin origin)
    {
        if (accounts.FindByEmail(session, email) is not { Suspended: false, IsGuest: false } account)
        {
            return;
        }

        var token = letters.Issue(session, new Letter(Letter.Reset, account.Id, account.Email), LetterDesk.Life);
        audit.Add(session, new AuditEvent(AccountEvents.ResetAsked, origin.Stranger, account.Id));
        mail.AddSecurityTo(
            session, account.Id, account.Email, "Set another password",
            $"Somebody asked for another password for your account. Whoever has this code may set one within 30 minutes, once:\n\n{token}\n\nIf that was not you, leave this mail alone: nothing was changed.");
    }
}
