namespace Coffre.Server.Limits;

/// <summary>Waits that double with each failure, once some were free: a person who mistypes hardly notices, who guesses comes nowhere.</summary>
/// <param name="free">Failures without a wait, 1 or more.</param>
/// <param name="first">The wait after these.</param>
/// <param name="longest">Where it stops to grow; so long after a wait was over, all is forgotten.</param>
/// <param name="capacity">How many are remembered.</param>
/// <param name="clock">Measures the waits.</param>
internal sealed class GrowingWait<TKey>(int free, TimeSpan first, TimeSpan longest, int capacity, TimeProvider clock)
    where TKey : struct, IEquatable<TKey>
{
    private const int MaxDoublings = 30;
    private readonly Lock _gate = new();
    private readonly RecentTable<TKey, Failures> _failures = new(capacity);

    /// <summary>How long to wait; null if an attempt may be made.</summary>
    public TimeSpan? Wait(TKey key)
    {
        lock (_gate)
        {
            return _failures.Find(key) is { } failures && failures.Wait - clock.GetElapsedTime(failures.Last) is { Ticks: > 0 } left ? left : null;
        }
    }

    public void Count(TKey key)
    {
        lock (_gate)
        {
            var old = _failures.Find(key);
            var count = old is null || clock.GetElapsedTime(old.Last) >= old.Wait + longest ? 1 : old.Count + 1;
            var wait = count < free ? TimeSpan.Zero : first * (1L << Math.Min(count - free, MaxDoublings));
            _failures.Set(key, new Failures(count, clock.GetTimestamp(), wait < longest ? wait : longest));
        }
    }

    /// <summary>It was proved who asks: what was mistyped before counts no more.</summary>
    public void Forgive(TKey key)
    {
        lock (_gate)
        {
            if (_failures.Find(key) is not null)
            {
                _failures.Set(key, new Failures(0, clock.GetTimestamp(), TimeSpan.Zero));
            }
        }
    }

    private sealed record Failures(int Count, long Last, TimeSpan Wait);
}
