using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Mail;
using Coffre.Server.Sessions;
using Coffre.Server.Settings;

namespace Coffre.Server.SignUps;

/// <summary>Lets strangers make an account for themselves, as far as the operator allows it. Whoever does is a member, whatever the settings say.</summary>
/// <remarks>
/// Where mail is on, the address is proved first and the password comes with the proof: otherwise a stranger could choose the password of
/// an account that somebody else then confirms. Answers are alike whether the address has an account already.
/// </remarks>
internal sealed class SignUpDesk(
    CatalogStore catalog, SignIn signIn, AccountTable accounts, InvitationTable invitations, LetterTable letters, LetterDesk wishes, AuditTable audit, MailOutbox mail,
    ServerSettings settings, TimeProvider clock)
{
    private readonly Tier _tier = TierName.Parse(settings.Text(SignUpSettings.NewTier));
    private readonly long _quota = settings.Bytes(SignUpSettings.Quota);

    /// <summary>One of the words of <see cref="SignUpSettings"/>.</summary>
    public string Mode { get; } = settings.Text(SignUpSettings.Mode).ToLowerInvariant();

    public bool ConfirmsByMail => mail.IsOn;

    /// <summary>Asks for an account; returns whether a mail comes first.</summary>
    public async ValueTask<Outcome<bool>> AskAsync(string? email, string? password, string? invitation, Origin origin, CancellationToken cancellationToken)
    {
        if (Mode == SignUpSettings.Off)
        {
            return new Fault(KoCode.SignUpOff);
        }

        var address = EmailAddress.Read(email);
        if (address.IsFault)
        {
            return address.Fault;
        }

        if (address.Value.EndsWith("@localhost", StringComparison.OrdinalIgnoreCase))
        {
            // Such a name is the server's own: the operator's commands take one for the owner.
            return new Fault(KoCode.BadParameter, "email is an address that mail reaches");
        }

        var invited = await FindInvitationAsync(invitation, address.Value, cancellationToken);
        if (invited.IsFault)
        {
            // Whoever tries invitations is counted as who asks for mails.
            return wishes.AdmitFault(origin.Address) ?? invited.Fault;
        }

        // An invitation that was sent to the address has proved it.
        if (mail.IsOn && invited.Value?.Email is null)
        {
            return password is not null
                ? new Fault(KoCode.BadParameter, "the password comes with what the mail carries")
                : wishes.Ask(origin.Address, address.Value, session => WriteLetter(session, address.Value, invited.Value?.Id)) is { } fault ? fault : true;
        }

        if (wishes.AdmitFault(origin.Address) is { } tooMany)
        {
            return tooMany;
        }

        var digest = await signIn.DigestAsync(password, cancellationToken);
        if (digest.IsFault)
        {
            return digest.Fault;
        }

        return await catalog.WriteAsync<Outcome<bool>>(
            session =>
            {
                if (invited.Value is { } used && invitations.Find(session, used.Id)?.IsFor(address.Value, clock.GetUtcNow()) != true)
                {
                    return new Fault(KoCode.InvitationNotValid);
                }

                if (accounts.FindByEmail(session, address.Value) is null)
                {
                    Make(session, address.Value, digest.Value, invited.Value?.Id, origin);
                }

                return false;
            },
            cancellationToken);
    }

    /// <summary>The address was proved, and here is the password.</summary>
    public async ValueTask<Outcome<bool>> ConfirmAsync(string? token, string? password, Origin origin, CancellationToken cancellationToken)
    {
        if (PasswordDigest.FaultOf(password) is { } fault)
        {
            return fault;
        }

        // No digest is made for whoever has no letter.
        if (Mode == SignUpSettings.Off || await catalog.ReadAsync(session => letters.Find(session, token, Letter.SignUp), cancellationToken) is null)
        {
            return new Fault(KoCode.LetterNotValid);
        }

        var digest = await signIn.DigestAsync(password, cancellationToken);
        if (digest.IsFault)
        {
            return digest.Fault;
        }

        return await catalog.WriteAsync<Outcome<bool>>(
            session =>
            {
                if (letters.Take(session, token, Letter.SignUp) is not { } letter || accounts.FindByEmail(session, letter.Email) is not null)
                {
                    return new Fault(KoCode.LetterNotValid);
                }

                if (letter.InvitationId is { } used && invitations.Find(session, used)?.IsFor(letter.Email, clock.GetUtcNow()) != true)
                {
                    return new Fault(KoCode.InvitationNotValid);
                }

                Make(session, letter.Email, digest.Value, letter.InvitationId, origin);
                return true;
            },
            cancellationToken);
    }

    private async ValueTask<Outcome<Invitation?>> FindInvitationAsync(string? text, string email, CancellationToken cancellationToken)
    {
        if (text is null)
        {
            return Mode == SignUpSettings.ByInvitation ? new Fault(KoCode.InvitationNotValid) : (Invitation?)null;
        }

        var found = await catalog.ReadAsync(session => invitations.FindByText(session, text), cancellationToken);
        return found?.IsFor(email, clock.GetUtcNow()) == true ? found : new Fault(KoCode.InvitationNotValid);
    }

    private void Make(CatalogSession session, string email, string digest, long? invitationId, Origin origin)
    {
        var id = accounts.Insert(session, email, _tier, _quota);
        accounts.SetPassword(session, id, digest);
        if (invitationId is { } used)
        {
            invitations.Use(session, used, id);
        }

        audit.Add(session, new AuditEvent(AccountEvents.SignedUp, origin.Stranger, id)
        {
            Detail = invitationId is null ? null : new JsonObject { ["invitation_id"] = invitationId },
        });
    }

    private void WriteLetter(CatalogSession session, string email, long? invitationId)
    {
        // The guests' account stands for those who have none yet.
        var sender = accounts.FindByEmail(session, Account.GuestEmail)!.Id;
        if (accounts.FindByEmail(session, email) is not null)
        {
            mail.AddSecurityTo(
                session, sender, email, "You have an account already",
                "Somebody asked for a new account with this address, which has one. If that was you: sign in, or ask for another password. If not, leave this mail alone: nothing was changed.");
            return;
        }

        var token = letters.Issue(session, new Letter(Letter.SignUp, null, email, invitationId), LetterDesk.Life);
        mail.AddSecurityTo(
            session, sender, email, "Confirm your e-mail address",
            $"Somebody asked for a new account with this address. Whoever has this code may choose its password within 30 minutes, once:\n\n{token}\n\nIf that was not you, leave this mail alone: there is no account.");
    }
}
