namespace Coffre.Server.Limits;

/// <summary>How often somebody may fail within a time; then nothing more is tried until that time is over.</summary>
/// <param name="limit">Failures, 1 or more.</param>
/// <param name="window">The time, from the first failure on.</param>
/// <param name="capacity">How many subjects are remembered.</param>
internal sealed class FailureBudget(int limit, TimeSpan window, int capacity, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly RecentTable<Subject, Failures> _failures = new(capacity);

    /// <summary>How long to wait; null if an attempt may be made.</summary>
    public TimeSpan? Wait(Subject subject)
    {
        lock (_gate)
        {
            return _failures.Find(subject) is { } failures && failures.Count >= limit && window - clock.GetElapsedTime(failures.Since) is { Ticks: > 0 } left
                ? left
                : null;
        }
    }

    public void Count(Subject subject)
    {
        lock (_gate)
        {
            if (_failures.Find(subject) is not { } failures || clock.GetElapsedTime(failures.Since) >= window)
            {
                failures = new Failures(clock.GetTimestamp());
                _failures.Set(subject, failures);
            }

            failures.Count++;
        }
    }

    private sealed class Failures(long since)
    {
        public long Since { get; } = since;

        public int Count { get; set; }
    }
}
