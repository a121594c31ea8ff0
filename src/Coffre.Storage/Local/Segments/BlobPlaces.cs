using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Coffre.Storage.Local.Segments;

/// <summary>Where a small blob lies.</summary>
/// <param name="Ticks">When it was committed: ticks of 100 ns, UTC.</param>
/// <param name="Segment">The number of its segment.</param>
/// <param name="Offset">Where its record begins.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Entry">Which record of the segment it is, counted from 0: its line in the index file.</param>
internal readonly record struct BlobPlace(long Ticks, int Segment, uint Offset, int Length, int Entry)
{
    public long RecordSize => SegmentFormat.SizeOf(Length);

    /// <summary>Where its bytes begin.</summary>
    public long BytesAt => Offset + (long)SegmentFormat.RecordHeadSize;

    public BlobInfo ToInfo(BlobId id) => new(id, Length, new DateTimeOffset(Ticks, TimeSpan.Zero));
}

/// <summary>The places of all small blobs, in memory: built when the store is opened, from the segments.</summary>
/// <remarks>A blob takes 48 bytes and its share of the table: 55 to 110 bytes, as the table fills.</remarks>
internal sealed class BlobPlaces
{
    private const int ShardCount = 64;

    // One table for each value of the last bits of an id, so that lookups seldom wait for each other and no table is copied at once.
    private readonly Shard[] _shards = [.. Enumerable.Range(0, ShardCount).Select(_ => new Shard())];

    public int Count => _shards.Sum(static shard => shard.Count);

    public bool TryFind(BlobId id, out BlobPlace place) => ShardOf(id).TryFind(id, out place);

    /// <summary>Sets the place of a blob; returns the one that it had before.</summary>
    public BlobPlace? Set(BlobId id, BlobPlace place) => ShardOf(id).Set(id, place);

    /// <summary>Sets the place if the blob still lies where it lay.</summary>
    public bool TryMove(BlobId id, BlobPlace from, BlobPlace to) => ShardOf(id).TryMove(id, from, to);

    /// <summary>Forgets a blob; one caller only is told its place.</summary>
    public bool TryRemove(BlobId id, out BlobPlace place) => ShardOf(id).TryRemove(id, out place);

    /// <summary>All ids, in no order. What comes or goes meanwhile may or may not be among them.</summary>
    public IEnumerable<BlobId> Ids() => _shards.SelectMany(static shard => shard.Ids());

    private Shard ShardOf(BlobId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.WriteBytes(bytes);
        return _shards[bytes[15] % ShardCount];
    }

    [SuppressMessage("Performance", "CA1812", Justification = "It is made in the field above.")]
    private sealed class Shard
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<BlobId, BlobPlace> _places = [];

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _places.Count;
                }
            }
        }

        public bool TryFind(BlobId id, out BlobPlace place)
        {
            lock (_gate)
            {
                return _places.TryGetValue(id, out place);
            }
        }

        public BlobPlace? Set(BlobId id, BlobPlace place)
        {
            lock (_gate)
            {
                ref var kept = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, id, out var existed);
                var before = kept;
                kept = place;
                return existed ? before : null;
            }
        }

        public bool TryMove(BlobId id, BlobPlace from, BlobPlace to)
        {
            lock (_gate)
            {
                if (!_places.TryGetValue(id, out var place) || place != from)
                {
                    return false;
                }

                _places[id] = to;
                return true;
            }
        }

        public bool TryRemove(BlobId id, out BlobPlace place)
        {
            lock (_gate)
            {
                return _places.Remove(id, out place);
            }
        }

        public IReadOnlyList<BlobId> Ids()
        {
            lock (_gate)
            {
                return [.. _places.Keys];
            }
        }
    }
}
