using System.Net;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Access;

/// <summary>E-mail address and password, for the clients that have no key: the one place where passwords are judged.</summary>
/// <remarks>
/// An account that is unknown, has no password or another one: the same answer, after the same work. Few digests run at once, and whoever
/// fails too often, or is tried too often, waits: neither processor nor memory can be exhausted from outside.
/// </remarks>
internal sealed class SignIn : IDisposable
{
    private readonly CatalogStore _catalog;
    private readonly AccountTable _accounts;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _room;
    private readonly TimeSpan _window;
    private readonly FailureBudget _byAddress;
    private readonly FailureBudget _byUser;

    // What an account without a password is compared with.
    private readonly Lazy<string> _nobodys = new(() => PasswordDigest.Of(Guid.NewGuid().ToString()));

    public SignIn(CatalogStore catalog, AccountTable accounts, ServerSettings settings, TimeProvider clock)
    {
        (_catalog, _accounts, _clock) = (catalog, accounts, clock);
        _room = new SemaphoreSlim(settings.Int(AccountSettings.SignInsAtOnce));
        _window = settings.Seconds(AccountSettings.FailureSeconds);
        var tracked = settings.Int(LimitSettings.Tracked);
        _byAddress = new FailureBudget(settings.Int(AccountSettings.FailuresByAddress), _window, tracked, clock);
        _byUser = new FailureBudget(settings.Int(AccountSettings.FailuresByAccount), _window, tracked, clock);
    }

    /// <summary>The account behind an e-mail address and its password.</summary>
    /// <param name="email">As it was typed.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Gives up waiting for a turn.</param>
    public async ValueTask<Outcome<Caller>> AuthenticateAsync(string email, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        var (here, user) = (Subject.Of(address), Subject.Named(email.Trim().ToUpperInvariant()));
        if ((_byAddress.Wait(here) ?? _byUser.Wait(user)) is { } wait)
        {
            return new Fault(KoCode.TooManySignIns) { RetryAfter = wait };
        }

        var kept = await _catalog.ReadAsync(session => _accounts.FindPassword(session, email), cancellationToken);
        if (!await FitsAsync(password, kept?.Digest ?? _nobodys.Value, cancellationToken) || kept is null)
        {
            _byAddress.Count(here);
            _byUser.Count(user);
            return new Fault(KoCode.WrongPassword);
        }

        if (kept.Account.Suspended)
        {
            return new Fault(KoCode.AccountSuspended);
        }

        await RenewAsync(kept, password);
        return new Caller(kept.Account.Id, KeyId: 0, kept.Account.Email, kept.Account.Subscription.At(_clock.GetUtcNow()), Suspended: false);
    }

    public void Dispose() => _room.Dispose();

    private async Task<bool> FitsAsync(string password, string digest, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        try
        {
            return password.Length is > 0 and <= PasswordDigest.MaxLength && await Task.Run(() => PasswordDigest.Fits(password, digest), CancellationToken.None);
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>A digest of cheaper times is made anew while the password is at hand.</summary>
    private async Task RenewAsync(KeptPassword kept, string password)
    {
        if (!PasswordDigest.IsOutdated(kept.Digest))
        {
            return;
        }

        var digest = await Task.Run(() => PasswordDigest.Of(password));
        await _catalog.WriteAsync(
            session =>
            {
                _accounts.SetPassword(session, kept.Account.Id, digest);
                return true;
            },
            CancellationToken.None);
    }
}
