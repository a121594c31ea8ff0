namespace Coffre.Client.Testing;

/// <summary>A clock on which waiting takes no time: the timer of a wait fires at once and moves the clock.</summary>
/// <remarks>Timers that limit something (those of a <see cref="CancellationTokenSource"/>) never fire: at once would be before the answer.</remarks>
public sealed class FakeClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _waits = [];
    private TimeSpan _now = TimeSpan.Zero;

    /// <summary>What was waited for, in order.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
            {
                return [.. _waits];
            }
        }
    }

    /// <summary>Sum of <see cref="Waits"/>.</summary>
    public TimeSpan Waited => Waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait);

    /// <summary>UTC, wherever the test runs.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now.Ticks;
        }
    }

    /// <summary>Begins at noon of June 1, 2026 (UTC).</summary>
    public override DateTimeOffset GetUtcNow() => Start.AddTicks(GetTimestamp());

    /// <summary>Lets time pass without anybody waiting.</summary>
    public void Advance(TimeSpan time)
    {
        lock (_gate)
        {
            _now += time;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (dueTime >= TimeSpan.Zero && state is not CancellationTokenSource)
        {
            lock (_gate)
            {
                _waits.Add(dueTime);
                _now += dueTime;
            }

            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new Spent();
    }

    private sealed class Spent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
