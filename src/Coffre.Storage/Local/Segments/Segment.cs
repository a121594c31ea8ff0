namespace Coffre.Storage.Local.Segments;

/// <summary>One line of a segment's index: a record, and whether its blob was purged.</summary>
internal readonly record struct IndexEntry(BlobId Id, long Ticks, uint Offset, int Length, bool IsPurged);

/// <summary>What is known of one segment while the store is open.</summary>
internal sealed class Segment(int number)
{
    public int Number { get; } = number;

    /// <summary>Held while tombstones, the index file or the end of the segment are written.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Where its last record ends.</summary>
    public long Tail { get; set; } = SegmentFormat.SegmentHeadSize;

    /// <summary>Bytes of records whose blobs are gone or lie elsewhere.</summary>
    public long Dead { get; set; }

    /// <summary>Whether nothing is appended any more.</summary>
    public bool IsSealed { get; set; }

    /// <summary>Whether some of it could not be read. Such a segment is kept as it is.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Its records in order, as long as they are in no index file.</summary>
    public List<IndexEntry>? Entries { get; set; }

    /// <summary>At least half of it is dead: moving the rest elsewhere gives more room than it takes.</summary>
    public bool IsMostlyDead => IsSealed && !IsDamaged && Dead * 2 >= Tail - SegmentFormat.SegmentHeadSize;
}
