using System.Text.Json.Nodes;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Mail;

namespace Coffre.Server.SignUps;

/// <summary>Makes invitations and takes them back.</summary>
internal sealed class InvitationDesk(CatalogStore catalog, InvitationTable table, AccountTable accounts, AuditTable audit, MailOutbox mail)
{
    public const int DefaultDays = 7;
    private const int MaxDays = 90;

    /// <summary>Makes one; where it is for an address and mail is on, it is sent there too.</summary>
    /// <param name="email">Whom it is for; null: whoever has it.</param>
    /// <param name="days">How long it is good for.</param>
    /// <param name="actor">Who invites.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    public async ValueTask<Outcome<IssuedInvitation>> MakeAsync(string? email, int days, Actor actor, CancellationToken cancellationToken)
    {
        if (days is < 1 or > MaxDays)
        {
            return new Fault(KoCode.BadParameter, $"an invitation is good for 1 to {MaxDays} days");
        }

        var address = (string?)null;
        if (email is not null)
        {
            var read = EmailAddress.Read(email);
            if (read.IsFault)
            {
                return read.Fault;
            }

            address = read.Value;
        }

        var made = await catalog.WriteAsync<Outcome<IssuedInvitation>>(
            session =>
            {
                if (address is not null && accounts.FindByEmail(session, address) is not null)
                {
                    return new Fault(KoCode.EmailTaken);
                }

                var issued = table.Issue(session, address, actor.AccountId, TimeSpan.FromDays(days));
                audit.Add(session, new AuditEvent(AccountEvents.Invited, actor, actor.AccountId)
                {
                    Detail = new JsonObject { ["invitation_id"] = issued.Invitation.Id, ["days"] = days },
                });
                if (address is not null)
                {
                    Send(session, actor, address, issued.Secret, days);
                }

                return issued;
            },
            cancellationToken);
        mail.Raise();
        return made;
    }

    public ValueTask<IReadOnlyList<Invitation>> ListAsync(long? before, int most, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => table.List(session, before, most), cancellationToken);

    public async ValueTask<Outcome<Invitation>> RevokeAsync(long id, Actor actor, CancellationToken cancellationToken) =>
        await catalog.WriteAsync<Outcome<Invitation>>(
            session =>
            {
                if (table.Find(session, id) is null)
                {
                    return new Fault(KoCode.NotFound);
                }

                if (table.Revoke(session, id))
                {
                    audit.Add(session, new AuditEvent(AccountEvents.InvitationRevoked, actor, actor.AccountId) { Detail = new JsonObject { ["invitation_id"] = id } });
                }

                return table.Find(session, id)!;
            },
            cancellationToken);

    private void Send(CatalogSession session, Actor actor, string address, string secret, int days)
    {
        if ((actor.AccountId ?? accounts.FindByEmail(session, Account.GuestEmail)?.Id) is { } sender)
        {
            mail.AddSecurityTo(
                session, sender, address, "You are invited",
                $"You are invited to have an account here. Whoever has this code may sign up with this address within {days} days, once:\n\n{secret}\n");
        }
    }
}
