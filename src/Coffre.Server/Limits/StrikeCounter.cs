namespace Coffre.Server.Limits;

/// <summary>Counts refusals by address.</summary>
/// <param name="limit">Strikes that make it too many; 0 counts nothing.</param>
/// <param name="window">The time in which they count.</param>
/// <param name="capacity">How many addresses are remembered.</param>
internal sealed class StrikeCounter(long limit, TimeSpan window, int capacity, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly RecentTable<Subject, Strikes> _strikes = new(capacity);

    /// <summary>Counts one more; true if it was one too many, and begins anew.</summary>
    public bool Add(Subject subject)
    {
        if (limit == 0)
        {
            return false;
        }

        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var strikes = _strikes.Find(subject);
            if (strikes is null || clock.GetElapsedTime(strikes.Since, now) > window)
            {
                strikes = new Strikes { Since = now };
                _strikes.Set(subject, strikes);
            }

            strikes.Count++;
            if (strikes.Count < limit)
            {
                return false;
            }

            strikes.Count = 0;
            return true;
        }
    }

    private sealed class Strikes
    {
        public long Since { get; init; }

        public long Count { get; set; }
    }
}
