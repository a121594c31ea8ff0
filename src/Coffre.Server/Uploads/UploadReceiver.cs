using System.Net;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Uploads;

/// <summary>Whose the files of an upload will be.</summary>
/// <param name="Reach">In whose account, and how far down.</param>
/// <param name="Tier">Of the uploader; null for a guest.</param>
/// <param name="Kind">How it came to be that account's.</param>
internal sealed record UploadReceiver(Reach Reach, Tier? Tier, ReceiverKind Kind)
{
    public long AccountId => Reach.AccountId;
}

internal enum ReceiverKind
{
    /// <summary>The uploader's own account.</summary>
    Own,

    /// <summary>Nobody's: uploaded without an account.</summary>
    Guest,

    /// <summary>A member's incoming folder, filled by somebody without an account.</summary>
    Incoming,
}

/// <summary>Finds the receiver by key, by the form's login, by the member that the form names.</summary>
internal sealed class ReceiverFinder(CatalogStore catalog, AccountTable accounts, SignIn signIn, ServerSettings settings)
{
    private readonly bool _anonymous = settings.Flag(SettingList.Anonymous);
    private readonly bool _incoming = settings.Flag(UploadSettings.Incoming);

    /// <param name="caller">Who the request's header tells of; null for nobody.</param>
    /// <param name="form">Its fields so far.</param>
    /// <param name="address">Where the request comes from.</param>
    /// <param name="cancellationToken">The client hung up.</param>
    public async ValueTask<Outcome<UploadReceiver>> FindAsync(Caller? caller, UploadForm form, IPAddress? address, CancellationToken cancellationToken)
    {
        if (caller is null && form is { User: { } user, AccountPassword: { } password })
        {
            var signedIn = await signIn.AuthenticateAsync(user, password, address, cancellationToken);
            if (signedIn.IsFault)
            {
                return signedIn.Fault;
            }

            caller = signedIn.Value;
        }

        if (caller is not null)
        {
            return caller.FaultWithout(KeyScopes.Write) is { } lack ? lack : new UploadReceiver(caller.Reach, caller.Tier, ReceiverKind.Own);
        }

        if (_incoming && form.User is { } member)
        {
            // The same words as for a wrong password: who is a member is nobody's business.
            var found = await catalog.ReadAsync(session => accounts.FindByEmail(session, member), cancellationToken);
            return found is { Suspended: false } && found.Email != Account.GuestEmail
                ? new UploadReceiver(new Reach(found.Id), Tier: null, ReceiverKind.Incoming)
                : new Fault(KoCode.WrongPassword);
        }

        if (!_anonymous)
        {
            return new Fault(KoCode.NotAuthenticated, form.User is null ? null : "user and pass must stand before the files");
        }

        var guest = await catalog.ReadAsync(session => accounts.FindByEmail(session, Account.GuestEmail), cancellationToken);
        return new UploadReceiver(new Reach(guest!.Id), Tier: null, ReceiverKind.Guest);
    }
}
