namespace Coffre.Server.Catalog;

/// <summary>Makes the ids of folders, files and keys: numbers below 2^53 that grow with time.</summary>
/// <remarks>41 bits of milliseconds since 2024, 12 bits of counter that begin at a random place, so that two nodes seldom meet.</remarks>
internal sealed class IdSource(TimeProvider clock)
{
    private const int CounterBits = 12;
    private static readonly DateTimeOffset Epoch = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Lock _lock = new();
    private long _last;

    public long Next()
    {
        var now = (long)(clock.GetUtcNow() - Epoch).TotalMilliseconds << CounterBits;
        lock (_lock)
        {
            _last = now > _last ? now + Random.Shared.Next(1 << (CounterBits - 1)) : _last + 1;
            return _last;
        }
    }
}
