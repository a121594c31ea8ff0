using System.Globalization;
using Coffre.Client.Calls;

namespace Coffre.Client.Budget;

/// <summary>Says when a request may go out, so that the service never has a reason to lock us.</summary>
/// <remarks>
/// <para>1fichier.com, and a server that states its rate to be as low, are asked within the published limits: one call at a time, evenly
/// spaced, each folder, the whole account and the account's facts no oftener than allowed. A server that grants more is asked at
/// full speed. Which it is, its answers say (<c>RateLimit-Policy</c>); until the first of them it is asked as if it granted little, by all
/// processes together.</para>
/// <para>A lock pauses all that share the budget: every client and process of this user on this machine. Whoever goes at full speed looks
/// once a second whether another has met one.</para>
/// </remarks>
internal sealed class RequestBudget : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly CoffreClientOptions _options;
    private readonly bool _isOneFichier;
    private readonly Lazy<string> _identity;
    private readonly BudgetFile _file;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly PublishedLimits _published = ServiceFacts.Known.Published;

    // Null until an answer, or an earlier run, told.
    private volatile RatePolicy? _policy;
    private volatile bool _isPublished;
    private volatile bool _isKnown;
    private DateTimeOffset _announced;
    private DateTimeOffset _pausedUntil;
    private long _lookedAround;

    public RequestBudget(CoffreClientOptions options, ServiceAddress address)
    {
        _options = options;
        _isOneFichier = address.IsOneFichier;
        _isPublished = _isOneFichier;
        _isKnown = _isOneFichier;
        _identity = new Lazy<string>(() => AccountIdentity.Of(options.StateFolder, address.Base, options.ApiKey));
        _file = new BudgetFile(options.StateFolder, address.Base, options.TimeProvider);
    }

    /// <summary>Whether calls are dear here: the published limits hold.</summary>
    public bool IsTight => _isPublished || _policy is { IsGenerous: false };

    private string Account => _identity.Value;

    private PublishedLimits? Limits => IsTight || !_isKnown ? _published : null;

    private TimeSpan Interval => _options.MinInterval
        ?? (Limits is null ? TimeSpan.Zero : Longer(TimeSpan.FromMilliseconds(_published.MillisecondsBetweenCalls), _isOneFichier ? null : _policy?.Interval));

    /// <summary>Waits until the request may go out.</summary>
    /// <returns>To be disposed when its answer is there.</returns>
    /// <exception cref="CoffreException">It would take longer than the caller's patience; nothing was asked.</exception>
    public async ValueTask<BudgetTurn> EnterAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        // A coffre-server counts calls only, and grants what they lead to.
        if (ask.IsTransfer && !_isOneFichier)
        {
            return default;
        }

        await LookAroundAsync(cancellationToken).ConfigureAwait(false);
        if (!_isKnown || IsTight || Interval > TimeSpan.Zero || _pausedUntil > _options.TimeProvider.GetUtcNow())
        {
            return await EnterAloneAsync(ask, cancellationToken).ConfigureAwait(false);
        }

        if (_policy is { IsShort: true } policy)
        {
            await Task.Delay(policy.Interval, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        return default;
    }

    /// <summary>Learns from the headers of an answer.</summary>
    public async ValueTask ObserveAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        if (_isOneFichier)
        {
            return;
        }

        var told = RatePolicy.Of(answer.Headers);
        var isNews = !_isKnown || (told is not null && (told.Calls != _policy?.Calls || told.Seconds != _policy.Seconds));
        _policy = told ?? _policy;
        _isPublished &= told is not { IsGenerous: true };
        _isKnown = true;
        if (isNews)
        {
            await _file.ChangeAsync(
                state =>
                {
                    state.Policy = told is null ? null : told with { Left = null };
                    state.IsSilent = told is null;
                    return state.IsPublished &= told is not { IsGenerous: true };
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Learns from a refusal: a lock holds for all, a number of plain refusals leads to one.</summary>
    public async ValueTask LearnAsync(CoffreException trouble, BudgetAsk ask, CancellationToken cancellationToken)
    {
        var now = _options.TimeProvider.GetUtcNow();
        var isLock = trouble.Error is CoffreError.Flooded or CoffreError.Locked or CoffreError.OtherLocation;
        if (!isLock)
        {
            if (IsTight && (int?)trouble.Status is 401 or 403 or 404 or 410)
            {
                await _file.ChangeAsync(state => { state.Strikes.Add(now); return true; }, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        var fact = ServiceFacts.Known.Find(trouble.Message, trouble.Ko);
        if ((trouble.RetryAfter ?? (fact?.PauseSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null)) is not { } pause)
        {
            return;
        }

        _isPublished |= fact?.Published is true;
        var held = new BudgetLock(now + pause, trouble.Message, trouble.Error)
        {
            Ko = trouble.Ko,
            Account = fact?.Whose is "account" ? Account : null,

            // The facts of the account and its tokens have locks of their own, which leave other calls alone.
            Path = ask.Path is Protocol.V1.V1Paths.UserInfo or Protocol.V1.V1Paths.DownloadToken ? ask.Path : null,
        };

        // Whoever ran into it says so itself.
        _announced = _pausedUntil = held.Until;
        await _file.ChangeAsync(
            state =>
            {
                state.Locks.Add(held);
                state.IsPublished |= _isPublished;
                if (fact?.Published is true)
                {
                    state.Floods.Add(now);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How long a folder has to rest between two listings; zero where it need not.</summary>
    public async ValueTask<TimeSpan> RestOfFoldersAsync(CancellationToken cancellationToken)
    {
        if (!_isKnown)
        {
            // An earlier run may know this service.
            await _file.ChangeAsync(Recall, cancellationToken).ConfigureAwait(false);
        }

        return TimeSpan.FromSeconds(IsTight ? _published.FolderSeconds : 0);
    }

    /// <summary>Whether a call need not rest first: no lock and no rule holds it back now.</summary>
    public async ValueTask<bool> IsFreeAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        var now = _options.TimeProvider.GetUtcNow();
        return await _file.ChangeAsync(state => Recall(state) && state.FindHindrance(ask, Account, now, Limits) is null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What holds at this moment; nothing is asked.</summary>
    public async ValueTask<BudgetReport> ReportAsync(CancellationToken cancellationToken)
    {
        var now = _options.TimeProvider.GetUtcNow();
        return await _file.ChangeAsync(
            state =>
            {
                Recall(state);
                var held = state.Locks.Where(held => held.Until > now && (held.Account is null || string.Equals(held.Account, Account, StringComparison.Ordinal)));
                return new BudgetReport(
                    [.. held.OrderBy(held => held.Until).Select(held => new BudgetHold(held.Message, held.Ko, held.Error, held.Until, held.Path))],
                    _isKnown ? IsTight : null,
                    state.Floods.Count(flood => flood > now - TimeSpan.FromHours(1)));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits, and says every second how long it will still take.</summary>
    public async Task PauseAsync(string reason, int? ko, TimeSpan pause, CancellationToken cancellationToken)
    {
        if (_options.OnWait is not { } tell)
        {
            await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return;
        }

        for (var left = pause; left > TimeSpan.Zero; left -= Tick)
        {
            tell(new WaitNotice(reason, ko, left));
            await Task.Delay(left < Tick ? left : Tick, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }

        tell(new WaitNotice(reason, ko, TimeSpan.Zero));
    }

    public void Dispose()
    {
        _oneAtATime.Dispose();
        _file.Dispose();
    }

    /// <summary>Sees, once a second, the locks that others have met meanwhile: at full speed the shared state is not read else.</summary>
    private async ValueTask LookAroundAsync(CancellationToken cancellationToken)
    {
        var last = Volatile.Read(ref _lookedAround);
        var time = _options.TimeProvider;
        if (IsTight || !_isKnown || time.GetElapsedTime(last) < Tick || Interlocked.CompareExchange(ref _lookedAround, time.GetTimestamp(), last) != last)
        {
            return;
        }

        var now = time.GetUtcNow();
        _pausedUntil = await _file.ReadAsync(
            state => state.Locks.Where(held => held.Until > now && (held.Account is null || string.Equals(held.Account, Account, StringComparison.Ordinal)))
                .Select(held => held.Until).Append(_pausedUntil).Max(),
            cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<BudgetTurn> EnterAloneAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        var time = _options.TimeProvider;
        var waited = TimeSpan.Zero;
        while (true)
        {
            await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
            var keepsTurn = false;
            try
            {
                var now = time.GetUtcNow();
                var (held, turn) = await _file.ChangeAsync(state => Take(state, ask, now), cancellationToken).ConfigureAwait(false);
                if (held is null)
                {
                    if (turn > now)
                    {
                        await Task.Delay(turn - now, time, cancellationToken).ConfigureAwait(false);
                        waited += turn - now;
                    }

                    // Bytes may flow for hours: others need not wait for their end. A service that grants plenty needs no order.
                    keepsTurn = !ask.IsTransfer && (IsTight || !_isKnown);
                    return new BudgetTurn(this, ask, waited, keepsTurn);
                }

                if (_isKnown || !held.IsOwnRule)
                {
                    waited += held.Until - now;
                    MustBePatient(held, held.Until - now, waited);
                }
            }
            finally
            {
                if (!keepsTurn)
                {
                    _oneAtATime.Release();
                }
            }

            await WaitForAsync(ask, cancellationToken).ConfigureAwait(false);
        }
    }

    private (BudgetLock? Held, DateTimeOffset Turn) Take(BudgetState state, BudgetAsk ask, DateTimeOffset now)
    {
        Recall(state);
        return state.FindHindrance(ask, Account, now, Limits) is { } held
            ? (held, default)
            : (null, state.Take(ask, Account, now, Interval, Limits));
    }

    private bool Recall(BudgetState state)
    {
        if (!_isKnown && (state.Policy is not null || state.IsPublished || state.IsSilent))
        {
            _policy = state.Policy;
            _isPublished = state.IsPublished;
            _isKnown = true;
        }

        return _isKnown;
    }

    private void MustBePatient(BudgetLock held, TimeSpan left, TimeSpan waited)
    {
        if (waited > _options.FloodPatience)
        {
            throw new CoffreException(held.Error, string.Create(
                CultureInfo.InvariantCulture, $"{held.Message} Nothing was asked: it takes {left.TotalSeconds:0} s more."))
            {
                Ko = held.Ko,
                RetryAfter = left,
                Advice = string.Create(CultureInfo.InvariantCulture, $"run the same command again in {Math.Ceiling(left.TotalMinutes):0} min"),
            };
        }
    }

    private async Task WaitForAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        var now = _options.TimeProvider.GetUtcNow();
        var held = await _file.ChangeAsync(state => state.FindHindrance(ask, Account, now, Limits), cancellationToken).ConfigureAwait(false);
        if (held is null)
        {
            return;
        }

        if (!_isKnown && held.IsOwnRule)
        {
            // Another process has asked the same of a service that nobody knows yet: its answer will tell whether the rule holds.
            await Task.Delay(Glance, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (held.IsOwnRule || held.Until > _announced)
        {
            _announced = held.IsOwnRule ? _announced : held.Until;
            _options.OnNotice?.Invoke(string.Create(
                CultureInfo.InvariantCulture, $"{held.Message} Waiting {(held.Until - now).TotalSeconds:0} s before the next request."));
        }

        await PauseAsync(held.Message, held.Ko, held.Until - now, cancellationToken).ConfigureAwait(false);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan? other) => other > one ? other.Value : one;

    /// <summary>The answer is there.</summary>
    internal async ValueTask LeaveAsync(BudgetAsk ask)
    {
        try
        {
            // The service counts from when it saw the call, which is later than when we sent it.
            if (Limits is { } limits && ask.Marks(Account, limits).Any())
            {
                var now = _options.TimeProvider.GetUtcNow();
                await _file.ChangeAsync(
                    state =>
                    {
                        if (_isKnown)
                        {
                            state.Mark(ask, Account, now, limits);
                        }
                        else
                        {
                            state.Unmark(ask, Account, limits);
                        }

                        return true;
                    },
                    CancellationToken.None).ConfigureAwait(false);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}

/// <summary>A request is on its way.</summary>
internal readonly struct BudgetTurn(RequestBudget budget, BudgetAsk ask, TimeSpan waited, bool keepsTurn) : IAsyncDisposable
{
    /// <summary>How long it had to wait.</summary>
    public TimeSpan Waited => waited;

    public ValueTask DisposeAsync() => keepsTurn ? budget.LeaveAsync(ask) : ValueTask.CompletedTask;
}
