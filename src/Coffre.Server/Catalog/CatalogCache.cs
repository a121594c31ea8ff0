using System.Collections.Concurrent;

namespace Coffre.Server.Catalog;

/// <summary>Keeps what was read from the catalog for as long as the catalog is the same, and never longer than a second.</summary>
/// <remarks>The second is for what ends by itself, such as a key or a tier that expires.</remarks>
/// <param name="catalog">What it was read from.</param>
/// <param name="capacity">Most things that are kept; at one more, all are dropped.</param>
/// <param name="clock">Tells when the second is over.</param>
/// <param name="part">What it was read from, more narrowly.</param>
internal sealed class CatalogCache<TKey, TValue>(CatalogStore catalog, int capacity, TimeProvider clock, CatalogPart part = CatalogPart.Everything)
    where TKey : notnull
    where TValue : class
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private int _count;

    /// <summary>The version of what is kept: to be taken before it is read.</summary>
    public long Version => catalog.VersionOf(part);

    /// <summary>What is kept under the key and still holds, or null.</summary>
    public TValue? Find(TKey key) =>
        _entries.TryGetValue(key, out var entry) && entry.Version == Version && clock.GetElapsedTime(entry.ReadAt) < Life ? entry.Value : null;

    /// <summary>Keeps a value.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">What was read.</param>
    /// <param name="version"><see cref="Version"/>, taken before it was read.</param>
    public void Keep(TKey key, TValue value, long version)
    {
        if (!_entries.ContainsKey(key) && Interlocked.Increment(ref _count) > capacity)
        {
            _entries.Clear();
            Volatile.Write(ref _count, 1);
        }

        _entries[key] = new Entry(value, version, clock.GetTimestamp());
    }

    private sealed record Entry(TValue Value, long Version, long ReadAt);
}
