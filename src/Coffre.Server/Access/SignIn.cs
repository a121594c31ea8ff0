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
    private readonly RecentTable<(Subject Address, Subject User), object> _known;

    // What an account without a password is compared with.
    private readonly Lazy<string> _nobodys = new(() => PasswordDigest.Of(Guid.NewGuid().ToString()));

    public SignIn(CatalogStore catalog, AccountTable accounts, ServerSettings settings, TimeProvider clock)
    {
        (_catalog, _accounts, _clock) = (catalog, accounts, clock);
        _room = new SemaphoreSlim(settings.Int(AccountSettings.SignInsAtOnce));
        _window = settings.Seconds(AccountSettings.FailureSeconds);
        var tracked = settings.Int(LimitSettings.Tracked);
        _byAddress = new FailureBudget(settings.Int(AccountSettings.FailuresByAddress), _window, tracked, clock);
        _known = new RecentTable<(Subject, Subject), object>(tracked);
        _byUser = new FailureBudget(settings.Int(AccountSettings.FailuresByAccount), _window, tracked, clock);
    }

    /// <summary>The account behind an e-mail address and its password.</summary>
    /// <param name="email">As it was typed.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Gives up waiting for a turn.</param>
    public async ValueTask<Outcome<Caller>> AuthenticateAsync(string email, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        var proved = await ProveAsync(
            email, password, address,
            session => _accounts.FindPassword(session, email) is { } kept ? new Secret<Account>(kept.Account, kept.Digest) : null, cancellationToken);
        if (proved.IsFault)
        {
            return proved.Fault;
        }

        var account = proved.Value.Of;
        if (account.Suspended)
        {
            return new Fault(KoCode.AccountSuspended);
        }

        await RenewAsync(account, proved.Value.Digest, password);
        return new Caller(account.Id, KeyId: 0, account.Email, account.Subscription.At(_clock.GetUtcNow()), Suspended: false);
    }

    /// <summary>Whatever a name and a password stand for.</summary>
    /// <param name="name">The name that is claimed.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="find">Looks up what the name stands for; null if it stands for nothing.</param>
    /// <param name="cancellationToken">Gives up waiting for a turn.</param>
    public async ValueTask<Outcome<Secret<T>>> ProveAsync<T>(
        string name, string password, IPAddress? address, Func<CatalogSession, Secret<T>?> find, CancellationToken cancellationToken)
    {
        var (here, user) = (Subject.Of(address), Subject.Named(name.Trim().ToUpperInvariant()));
        if ((_byAddress.Wait(here) ?? (Knows(here, user) ? null : _byUser.Wait(user))) is { } wait)
        {
            return new Fault(KoCode.TooManySignIns) { RetryAfter = wait };
        }

        var secret = await _catalog.ReadAsync(find, cancellationToken);
        if (await FitsAsync(password, secret?.Digest ?? _nobodys.Value, cancellationToken) && secret is not null)
        {
            Remember(here, user);
            return secret;
        }

        _byAddress.Count(here);
        _byUser.Count(user);
        return new Fault(KoCode.WrongPassword);
    }

    /// <summary>Where somebody has signed in before, strangers who try the name elsewhere do not lock it out.</summary>
    private bool Knows(Subject address, Subject user)
    {
        lock (_known)
        {
            return _known.Find((address, user)) is not null;
        }
    }

    private void Remember(Subject address, Subject user)
    {
        lock (_known)
        {
            _known.Set((address, user), address);
        }
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
    private async Task RenewAsync(Account account, string kept, string password)
    {
        if (!PasswordDigest.IsOutdated(kept))
        {
            return;
        }

        var digest = await Task.Run(() => PasswordDigest.Of(password));
        await _catalog.WriteAsync(
            session =>
            {
                _accounts.SetPassword(session, account.Id, digest);
                return true;
            },
            CancellationToken.None);
    }
}

/// <summary>Something that a password opens.</summary>
/// <param name="Of">What.</param>
/// <param name="Digest">Of its password.</param>
internal sealed record Secret<T>(T Of, string Digest);
