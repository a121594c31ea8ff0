using Coffre.Client.Testing;

namespace Coffre.Tests.Client;

/// <summary>A <see cref="FakeClock"/> on which limits run out too, as soon as waits have moved it past them.</summary>
internal sealed class LimitClock(FakeClock clock) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Deadline> _deadlines = [];

    public override TimeZoneInfo LocalTimeZone => clock.LocalTimeZone;

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (state is CancellationTokenSource)
        {
            var deadline = new Deadline(clock, () => callback(state));
            deadline.Change(dueTime, period);
            lock (_gate)
            {
                _deadlines.Add(deadline);
            }

            return deadline;
        }

        var timer = clock.CreateTimer(callback, state, dueTime, period);
        Deadline[] all;
        lock (_gate)
        {
            all = [.. _deadlines];
        }

        Array.ForEach(all, deadline => deadline.FireIfOver());
        return timer;
    }

    private sealed class Deadline(FakeClock clock, Action fire) : ITimer
    {
        private DateTimeOffset? _end;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _end = dueTime < TimeSpan.Zero ? null : clock.GetUtcNow() + dueTime;
            return true;
        }

        public void FireIfOver()
        {
            if (_end <= clock.GetUtcNow())
            {
                _end = null;
                fire();
            }
        }

        public void Dispose() => _end = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
