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
    private readonly GrantedRate _rate;
    private readonly BudgetWait _wait;

    private DateTimeOffset _pausedUntil;
    private long _lookedAround;

    public RequestBudget(CoffreClientOptions options, ServiceAddress address)
    {
        _options = options;
        _isOneFichier = address.IsOneFichier;
        _rate = new GrantedRate(options, _isOneFichier);
        _wait = new BudgetWait(options);
        _identity = new Lazy<string>(() => AccountIdentity.Of(options.StateFolder, address.Base, options.ApiKey));
        _file = new BudgetFile(options.StateFolder, address.Base, options.TimeProvider);
    }

    /// <summary>Whether calls are dear here: the published limits hold.</summary>
    public bool IsTight => _rate.IsTight;

    private string Account => _identity.Value;

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
        if (!_rate.IsKnown || IsTight || _rate.Interval > TimeSpan.Zero || _pausedUntil > _options.TimeProvider.GetUtcNow())
        {
            return await EnterAloneAsync(ask, cancellationToken).ConfigureAwait(false);
        }

        if (_rate.Restraint is var restraint && restraint > TimeSpan.Zero)
        {
            await Task.Delay(restraint, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
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
        if (_rate.Hear(told))
        {
            await _file.ChangeAsync(state => GrantedRate.Tell(state, told), cancellationToken).ConfigureAwait(false);
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

        if (fact?.Published is true)
        {
            _rate.RefusedAsPublished();
        }

        var held = BudgetLock.Of(trouble, fact, ask, Account, now + pause);

        // Whoever ran into it says so itself.
        _wait.IsTold(held.Until);
        _pausedUntil = held.Until;
        await _file.ChangeAsync(
            state =>
            {
                state.Locks.Add(held);
                _rate.TellPublished(state);
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
        if (!_rate.IsKnown)
        {
            // An earlier run may know this service.
            await _file.ChangeAsync(_rate.Recall, cancellationToken).ConfigureAwait(false);
        }

        return _rate.RestOfFolders;
    }

    /// <summary>Whether a call need not rest first: no lock and no rule holds it back now.</summary>
    public async ValueTask<bool> IsFreeAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        var now = _options.TimeProvider.GetUtcNow();
        return await _file.ChangeAsync(state => _rate.Recall(state) && state.FindHindrance(ask, Account, now, _rate.Limits) is null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What holds at this moment; nothing is asked.</summary>
    public async ValueTask<BudgetReport> ReportAsync(CancellationToken cancellationToken)
    {
        var now = _options.TimeProvider.GetUtcNow();
        return await _file.ChangeAsync(
            state =>
            {
                _rate.Recall(state);
                var held = state.Locks.Where(held => held.Until > now && (held.Account is null || string.Equals(held.Account, Account, StringComparison.Ordinal)));
                return new BudgetReport(
                    [.. held.OrderBy(held => held.Until).Select(held => new BudgetHold(held.Message, held.Ko, held.Error, held.Until, held.Path))],
                    _rate.IsKnown ? IsTight : null,
                    state.Floods.Count(flood => flood > now - TimeSpan.FromHours(1)));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits, and says every second how long it will still take.</summary>
    public Task PauseAsync(string reason, int? ko, TimeSpan pause, CancellationToken cancellationToken) => _wait.PauseAsync(reason, ko, pause, cancellationToken);

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
        if (IsTight || !_rate.IsKnown || time.GetElapsedTime(last) < Tick || Interlocked.CompareExchange(ref _lookedAround, time.GetTimestamp(), last) != last)
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
                    keepsTurn = !ask.IsTransfer && (IsTight || !_rate.IsKnown);
                    return new BudgetTurn(this, ask, waited, keepsTurn);
                }

                if (_rate.IsKnown || !held.IsOwnRule)
                {
                    waited += held.Until - now;
                    _wait.MustBePatient(held, held.Until - now, waited);
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
        _rate.Recall(state);
        return state.FindHindrance(ask, Account, now, _rate.Limits) is { } held
            ? (held, default)
            : (null, state.Take(ask, Account, now, _rate.Interval, _rate.Limits));
    }

    private async Task WaitForAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        var now = _options.TimeProvider.GetUtcNow();
        var held = await _file.ChangeAsync(state => state.FindHindrance(ask, Account, now, _rate.Limits), cancellationToken).ConfigureAwait(false);
        if (held is null)
        {
            return;
        }

        if (!_rate.IsKnown && held.IsOwnRule)
        {
            // Another process has asked the same of a service that nobody knows yet: its answer will tell whether the rule holds.
            await Task.Delay(Glance, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
            return;
        }

        await _wait.OutlastAsync(held, now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The answer is there.</summary>
    internal async ValueTask LeaveAsync(BudgetAsk ask)
    {
        try
        {
            // The service counts from when it saw the call, which is later than when we sent it.
            if (_rate.Limits is { } limits && ask.Marks(Account, limits).Any())
            {
                var now = _options.TimeProvider.GetUtcNow();
                await _file.ChangeAsync(
                    state =>
                    {
                        if (_rate.IsKnown)
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
