using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Door;
using Coffre.Server.Settings;

namespace Coffre.Server.Limits;

/// <summary>The rules on how often one may ask. A rule that is broken locks (<c>Limits:LockSeconds</c>) or just refuses the one call.</summary>
internal sealed class FloodGate
{
    private readonly LockBook _locks;
    private readonly TierRights _rights;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lock;
    private readonly RateCounter _addresses;
    private readonly RateCounter _keys;
    private readonly IntervalRule _infoByAddress;
    private readonly IntervalRule _infoByUser;
    private readonly IntervalRule _folders;
    private readonly IntervalRule _wholeAccounts;
    private readonly bool _tells;

    public FloodGate(LockBook locks, TierRights rights, ServerSettings settings, TimeProvider clock)
    {
        (_locks, _rights, _clock) = (locks, rights, clock);
        var tracked = settings.Int(LimitSettings.Tracked);
        _lock = settings.Seconds(LimitSettings.LockSeconds);
        _addresses = new RateCounter(settings.Number(LimitSettings.AddressRate), settings.Number(LimitSettings.AddressBurst), tracked, clock);
        _keys = new RateCounter(settings.Number(LimitSettings.KeyRate), settings.Number(LimitSettings.KeyBurst), tracked, clock);
        _infoByAddress = Interval(LimitSettings.InfoAddressSeconds);
        _infoByUser = Interval(LimitSettings.InfoAccountSeconds);
        _folders = Interval(LimitSettings.FolderSeconds);
        _wholeAccounts = Interval(LimitSettings.WholeSeconds);
        _tells = settings.Flag(LimitSettings.Headers);

        IntervalRule Interval(Setting setting) => new(settings.Seconds(setting), tracked, clock);
    }

    /// <summary>The rules on addresses: before it is known who asks.</summary>
    public async ValueTask<Fault?> AdmitAddressAsync(HttpContext http)
    {
        var subject = Subject.Of(http.Connection.RemoteIpAddress);
        var call = http.Request.Path.Value ?? "";
        if (await LockedAsync(subject, call, http.RequestAborted) is { } locked)
        {
            return locked;
        }

        if (_addresses.IsOn)
        {
            var verdict = _addresses.Take(subject);
            Tell(http.Response, verdict);
            if (!verdict.IsGranted)
            {
                return await RefuseAsync(new FloodLock(subject, FloodLock.Everything, KoCode.FloodIp, default), verdict.Wait, http.RequestAborted);
            }
        }

        return call == V1Paths.UserInfo && _infoByAddress.Take(subject) is { } early
            ? await RefuseAsync(new FloodLock(subject, call, KoCode.FloodInfo, default), early, http.RequestAborted)
            : null;
    }

    /// <summary>The rules on keys, accounts and tiers.</summary>
    public async ValueTask<Fault?> AdmitCallerAsync(HttpContext http, Caller caller)
    {
        var (user, key, call) = (Subject.User(caller.AccountId), Subject.KeyOf(caller), http.Request.Path.Value ?? "");
        if (await LockedAsync(user, call, http.RequestAborted) is { } lockedUser)
        {
            return lockedUser;
        }

        if (await LockedAsync(key, call, http.RequestAborted) is { } lockedKey)
        {
            return lockedKey;
        }

        var own = caller.Rights.CallsPerSecond;
        if (_keys.IsOn || own is not null)
        {
            var verdict = _keys.Take(key, own);
            Tell(http.Response, verdict);
            if (!verdict.IsGranted)
            {
                return await RefuseAsync(new FloodLock(key, FloodLock.Everything, KoCode.FloodKey, default), verdict.Wait, http.RequestAborted);
            }
        }

        if (call == V1Paths.UserInfo)
        {
            return _infoByUser.Take(user) is { } early
                ? await RefuseAsync(new FloodLock(user, call, KoCode.FloodUser, default), early, http.RequestAborted)
                : null;
        }

        // Keys and accounts are looked after in every tier.
        return call == V1Paths.UploadServer || ProblemWriter.IsFor(http.Request) ? null : _rights.CallFault(caller.Tier);
    }

    /// <summary>The rules on listings.</summary>
    /// <param name="http">The call.</param>
    /// <param name="caller">Who lists.</param>
    /// <param name="ownerId">Whose folder.</param>
    /// <param name="folderId">The folder; -1 for all files of the account.</param>
    public async ValueTask<Fault?> AdmitListingAsync(HttpContext http, Caller caller, long ownerId, long folderId)
    {
        var call = http.Request.Path.Value ?? "";
        var isWhole = folderId < 0;

        // file/ls and folder/ls of one folder are two listings: the low bit tells them apart.
        var listed = new Subject(SubjectKind.Folder, ownerId, (folderId << 1) | (call == V1Paths.FileLs ? 1L : 0L));
        return (isWhole ? _wholeAccounts : _folders).Take(listed) is { } early
            ? await RefuseAsync(new FloodLock(Subject.User(caller.AccountId), call, KoCode.FloodUser, default), early, http.RequestAborted)
            : null;
    }

    /// <summary>Refuses; where locks are on, locks too.</summary>
    /// <param name="flood">What the lock would be; its end is set here.</param>
    /// <param name="wait">Until the same call could succeed.</param>
    private async ValueTask<Fault> RefuseAsync(FloodLock flood, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (_lock == TimeSpan.Zero)
        {
            return new Fault(KoCode.TooManyRequests) { RetryAfter = wait };
        }

        await _locks.PutAsync(flood with { EndsAt = _clock.GetUtcNow() + _lock }, cancellationToken);
        return new Fault(flood.Code) { RetryAfter = wait > _lock ? wait : _lock };
    }

    private async ValueTask<Fault?> LockedAsync(Subject subject, string call, CancellationToken cancellationToken) =>
        await _locks.FindAsync(subject, call, cancellationToken) is { } flood
            ? new Fault(flood.Code) { RetryAfter = flood.EndsAt - _clock.GetUtcNow() }
            : null;

    private void Tell(HttpResponse response, RateVerdict verdict)
    {
        if (_tells)
        {
            RateHeaders.Write(response, verdict);
        }
    }
}
