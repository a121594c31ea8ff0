namespace Coffre.Server.Limits;

/// <summary>One call within so much time, for each subject.</summary>
internal sealed class IntervalRule(TimeSpan interval, int capacity, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly RecentTable<Subject, Last> _last = new(capacity);

    /// <summary>Takes the call; otherwise says how long it is too early.</summary>
    /// <returns>Null if the call may go on.</returns>
    public TimeSpan? Take(Subject subject)
    {
        if (interval == TimeSpan.Zero)
        {
            return null;
        }

        lock (_gate)
        {
            var now = clock.GetTimestamp();
            if (_last.Find(subject) is { } last && interval - clock.GetElapsedTime(last.At, now) is { Ticks: > 0 } early)
            {
                return early;
            }

            _last.Set(subject, new Last(now));
            return null;
        }
    }

    private sealed record Last(long At);
}
