using System.Net;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Door;

namespace Coffre.Server.Ftp;

/// <summary>Who dropped in, and where its files go.</summary>
/// <param name="AccountId">Owner of what arrives.</param>
/// <param name="Tier">Of the account.</param>
/// <param name="HomeId">The folder that the drop zone shows as its root.</param>
/// <param name="Waits">Whether files wait for <c>ftp/process.cgi</c>.</param>
internal sealed record FtpGuest(long AccountId, Tier Tier, long HomeId, bool Waits)
{
    /// <summary>The name that was signed in with.</summary>
    public required string Name { get; init; }

    /// <summary>The digest of the password that was right.</summary>
    public required string Digest { get; init; }
}

/// <summary>Lets in who has an account's e-mail address and password, or an FTP user's name and password.</summary>
internal sealed class FtpLogin(CatalogStore catalog, FtpTable table, AccountTable accounts, SignIn signIn, Refusals refusals, TimeProvider clock)
{
    public async ValueTask<Outcome<FtpGuest>> OpenAsync(string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        var opened = await ProveAsync(name, password, address, cancellationToken);
        if (opened.IsFault)
        {
            refusals.Note(opened.Fault, Actor.Of(address, caller: null));
        }

        return opened;
    }

    private async ValueTask<Outcome<FtpGuest>> ProveAsync(string name, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        if (name.Contains('@', StringComparison.Ordinal))
        {
            var caller = await signIn.AuthenticateAsync(name, password, address, cancellationToken);
            return caller.IsFault ? caller.Fault : await AdmitAsync(name, caller.Value.AccountId, home: null, cancellationToken);
        }

        var proved = await signIn.ProveAsync(
            name, password, address, session => table.FindUser(session, name) is { } user ? new Secret<FtpUser>(user, user.Digest) : null, cancellationToken);
        return proved.IsFault ? proved.Fault : await AdmitAsync(name, proved.Value.Of.AccountId, proved.Value.Of.FolderId, cancellationToken);
    }

    /// <summary>Whether somebody who signed in might do so again: a session may last for days.</summary>
    public ValueTask<bool> IsStillGoodAsync(FtpGuest guest, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => !accounts.IsSuspended(session, guest.AccountId) && DigestOf(session, guest.Name) == guest.Digest, cancellationToken);

    private string? DigestOf(CatalogSession session, string name) =>
        !name.Contains('@', StringComparison.Ordinal) ? table.FindUser(session, name)?.Digest
        : accounts.FindPassword(session, name) is { Account.HasTwoStep: false } kept ? kept.Digest
        : null;

    private ValueTask<Outcome<FtpGuest>> AdmitAsync(string name, long accountId, long? home, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<FtpGuest>>(
            session =>
            {
                var account = accounts.Find(session, accountId)!;
                return account.Suspended || DigestOf(session, name) is not { } digest
                    ? new Fault(KoCode.AccountSuspended)
                    : new FtpGuest(accountId, account.Subscription.At(clock.GetUtcNow()), home ?? account.Preferences.FtpDid, account.Preferences.FtpMode == 1)
                    {
                        Name = name,
                        Digest = digest,
                    };
            },
            cancellationToken);
}
