using System.Net;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Keys;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Access;

/// <summary>E-mail address and password: the one place where passwords are judged, and new ones digested.</summary>
/// <remarks>
/// An account that is unknown, has no password or another one: the same answer, after the same work. Few digests run at once, few more
/// wait for a turn, and whoever fails too often, or is tried too often, waits: neither processor nor memory can be exhausted from outside.
/// </remarks>
internal sealed class SignIn : IDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private readonly CatalogStore _catalog;
    private readonly AccountTable _accounts;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _room;
    private readonly int _mostWaiting;
    private readonly GrowingWait<Subject> _byAddress;
    private readonly GrowingWait<(Subject Address, Subject User)> _byPair;
    private readonly FailureBudget _byUser;
    private readonly RecentTable<(Subject Address, Subject User), object> _known;
    private int _waiting;

    // What an account without a password is compared with.
    private readonly Lazy<string> _nobodys = new(() => PasswordDigest.Of(Guid.NewGuid().ToString()));

    public SignIn(CatalogStore catalog, AccountTable accounts, ServerSettings settings, TimeProvider clock)
    {
        (_catalog, _accounts, _clock) = (catalog, accounts, clock);
        _room = new SemaphoreSlim(settings.Int(AccountSettings.SignInsAtOnce));
        _mostWaiting = settings.Int(AccountSettings.SignInsWaiting);
        var (window, tracked) = (settings.Seconds(AccountSettings.FailureSeconds), settings.Int(LimitSettings.Tracked));
        _byAddress = new GrowingWait<Subject>(settings.Int(AccountSettings.FailuresByAddress), FirstWait, window, tracked, clock);
        _byPair = new GrowingWait<(Subject, Subject)>(settings.Int(AccountSettings.FailuresByPair), FirstWait, window, tracked, clock);
        _byUser = new FailureBudget(settings.Int(AccountSettings.FailuresByAccount), window, tracked, clock);
        _known = new RecentTable<(Subject, Subject), object>(tracked);
    }

    /// <summary>The account behind an e-mail address and its password, where the password is all that is asked for.</summary>
    /// <param name="email">As it was typed.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Gives up waiting for a turn.</param>
    public async ValueTask<Outcome<Caller>> AuthenticateAsync(string email, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        var proved = await ProveAccountAsync(email, password, address, cancellationToken);
        if (proved.IsFault)
        {
            return proved.Fault;
        }

        var account = proved.Value.Of;
        if (account.HasTwoStep)
        {
            // The second step cannot be asked for here, so the first is worth nothing.
            return new Fault(KoCode.KeyNeeded);
        }

        return new Caller(account.Id, KeyId: 0, account.Email, account.Subscription.At(_clock.GetUtcNow()), Suspended: false)
        {
            Role = account.Role,
            Rights = KeyRights.All with { Scopes = RoleName.Cut(KeyScopes.All, account.Role) },
        };
    }

    /// <summary>The account and the digest of its password; nothing is said yet about a second step.</summary>
    /// <param name="email">As it was typed.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="address">Where the attempt comes from.</param>
    /// <param name="cancellationToken">Gives up waiting for a turn.</param>
    public async ValueTask<Outcome<Secret<Account>>> ProveAccountAsync(string email, string password, IPAddress? address, CancellationToken cancellationToken)
    {
        var proved = await ProveAsync(
            email, password, address,
            session => _accounts.FindPassword(session, email) is { } kept ? new Secret<Account>(kept.Account, kept.Digest) : null, cancellationToken);
        if (proved.IsFault)
        {
            return proved.Fault;
        }

        return proved.Value.Of.Suspended
            ? new Fault(KoCode.AccountSuspended)
            : proved.Value with { Digest = await RenewAsync(proved.Value.Of, proved.Value.Digest, password) };
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
        if (EarlyFault(here, user) is { } early)
        {
            return early;
        }

        return await TakeTurnAsync<Secret<T>>(
            async () =>
            {
                // Others who waited in the same queue may have used up what was left.
                if (EarlyFault(here, user) is { } late)
                {
                    return late;
                }

                var secret = await _catalog.ReadAsync(find, cancellationToken);
                if (await FitsAsync(password, secret?.Digest ?? _nobodys.Value) && secret is not null)
                {
                    Remember(here, user);
                    return secret;
                }

                _byAddress.Count(here);
                _byPair.Count((here, user));
                _byUser.Count(user);
                return new Fault(KoCode.WrongPassword);
            },
            cancellationToken);
    }

    /// <summary>The digest of a new password, made in the same turns as others are checked.</summary>
    public async ValueTask<Outcome<string>> DigestAsync(string? password, CancellationToken cancellationToken) =>
        PasswordDigest.FaultOf(password) is { } fault
            ? fault
            : await TakeTurnAsync<string>(async () => await Task.Run(() => PasswordDigest.Of(password!), CancellationToken.None), cancellationToken);

    public void Dispose() => _room.Dispose();

    private Fault? EarlyFault(Subject here, Subject user) =>
        (_byAddress.Wait(here) ?? _byPair.Wait((here, user)) ?? (Knows(here, user) ? null : _byUser.Wait(user))) is { } wait
            ? new Fault(KoCode.TooManySignIns) { RetryAfter = wait }
            : null;

    private async ValueTask<Outcome<T>> TakeTurnAsync<T>(Func<Task<Outcome<T>>> work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > _mostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new Fault(KoCode.TooManySignIns, "too many at once") { RetryAfter = FirstWait };
        }

        try
        {
            await _room.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await work();
        }
        finally
        {
            _room.Release();
        }
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
        _byPair.Forgive((address, user));
        lock (_known)
        {
            _known.Set((address, user), _known);
        }
    }

    private static async Task<bool> FitsAsync(string password, string digest) =>
        password.Length is > 0 and <= PasswordDigest.MaxLength && await Task.Run(() => PasswordDigest.Fits(password, digest), CancellationToken.None);

    /// <summary>A digest of cheaper times is made anew while the password is at hand; returns the one that is kept now.</summary>
    private async Task<string> RenewAsync(Account account, string kept, string password)
    {
        if (!PasswordDigest.IsOutdated(kept))
        {
            return kept;
        }

        var digest = await Task.Run(() => PasswordDigest.Of(password));
        await _catalog.WriteAsync(
            session =>
            {
                _accounts.SetPassword(session, account.Id, digest);
                return true;
            },
            CancellationToken.None);
        return digest;
    }
}

/// <summary>Something that a password opens.</summary>
/// <param name="Of">What.</param>
/// <param name="Digest">Of its password.</param>
internal sealed record Secret<T>(T Of, string Digest);
