using System.Collections.Concurrent;

namespace Coffre.Storage.Local.Segments;

/// <summary>The segments of a store, what lies where in them, and the tombstones.</summary>
internal sealed class SegmentShelf(BlobPaths paths, DiskBlobStoreOptions options)
{
    private readonly IDiskCalls _calls = options.Calls;
    private readonly ConcurrentDictionary<int, Segment> _segments = new();
    private int _lastNumber;

    public BlobPlaces Places { get; } = new();

    /// <summary>Paths of segments of which nothing could be read at the start. Nobody touches them.</summary>
    public List<string> Unreadable { get; } = [];

    public string Folder => paths.Segments;

    /// <summary>Told of each segment that was removed.</summary>
    public Action<int>? Removed { get; set; }

    public IEnumerable<Segment> Segments => _segments.Values;

    public bool Has(int segment) => _segments.ContainsKey(segment);

    public string PathOf(int segment) => paths.Segment(segment);

    /// <summary>A segment that no other process of this store had: numbers are never used again.</summary>
    public Segment NewSegment() => new(Interlocked.Increment(ref _lastNumber)) { Entries = [] };

    public void Add(Segment segment)
    {
        _segments[segment.Number] = segment;
        _lastNumber = Math.Max(_lastNumber, segment.Number);
    }

    /// <summary>A number whose file cannot be used; the next one is higher.</summary>
    public void PassOver(int number) => _lastNumber = Math.Max(_lastNumber, number);

    /// <summary>From here on the record is found. Of a blob that was purged while it was moved, the new record is purged as well.</summary>
    public void Publish(Segment segment, NewRecord record, long offset)
    {
        var head = record.Head;
        BlobPlace place;
        lock (segment.Gate)
        {
            place = new BlobPlace(head.Ticks, segment.Number, (uint)offset, head.Length, segment.Entries!.Count);
            segment.Entries.Add(new IndexEntry(head.Id, head.Ticks, place.Offset, head.Length, IsPurged: false));
            segment.Tail = offset + place.RecordSize;
        }

        if (record.MovedFrom is not { } from)
        {
            Places.Set(head.Id, place);
        }
        else if (Places.TryMove(head.Id, from, place))
        {
            CountDead(from);
        }
        else
        {
            EntombIfPossible(place);
        }
    }

    /// <summary>Removes a blob; false if there is none.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="segment">Where its bytes stay until that is rewritten; null if it is gone already.</param>
    public bool Purge(BlobId id, out Segment? segment)
    {
        segment = null;
        if (!Places.TryRemove(id, out var place))
        {
            return false;
        }

        try
        {
            segment = Find(place.Segment);
            Entomb(place);
            return true;
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            Places.Set(id, place);
            throw;
        }
    }

    /// <summary>Writes the tombstone of a record that nothing leads to any more.</summary>
    public void Entomb(BlobPlace place)
    {
        if (Find(place.Segment) is not { } segment)
        {
            return;
        }

        lock (segment.Gate)
        {
            MarkRecord(place.Segment, place.Offset);
            if (segment.Entries is { } entries)
            {
                entries[place.Entry] = entries[place.Entry] with { IsPurged = true };
            }
            else
            {
                Mark(paths.SegmentIndex(place.Segment), SegmentIndexFile.TombstoneOf(place.Entry));
            }

            segment.Dead += place.RecordSize;
        }
    }

    /// <summary>Writes a tombstone into the segment itself. Does nothing if the segment is gone.</summary>
    public void MarkRecord(int number, long offset) => Mark(paths.Segment(number), offset + SegmentFormat.TombstoneAt);

    /// <summary>Writes the records of a sealed segment down beside it; from here on they take no memory.</summary>
    public void WriteIndex(Segment segment)
    {
        lock (segment.Gate)
        {
            if (segment.Entries is not { } entries)
            {
                return;
            }

            var (draft, place) = (paths.SegmentIndexDraft(segment.Number), paths.SegmentIndex(segment.Number));
            _calls.Delete(draft);
            using (var file = _calls.CreateFile(draft))
            {
                _calls.Write(file, SegmentIndexFile.Write(segment, entries), 0);
                if (options.Durability == Durability.Strict)
                {
                    _calls.SyncFile(file);
                }
            }

            _calls.Rename(draft, place);
            segment.Entries = null;
        }
    }

    /// <summary>The records of a sealed segment.</summary>
    public IReadOnlyList<IndexEntry>? ReadIndex(Segment segment)
    {
        lock (segment.Gate)
        {
            return segment.Entries is { } entries ? [.. entries] : ReadIndexFile(segment);
        }
    }

    /// <summary>Reads the index file of a segment; null if there is none that can be used.</summary>
    public List<IndexEntry>? ReadIndexFile(Segment segment)
    {
        var path = paths.SegmentIndex(segment.Number);
        return File.Exists(path) ? SegmentIndexFile.Read(File.ReadAllBytes(path), segment) : null;
    }

    /// <summary>Removes a segment that nothing leads to. Whoever reads in it reads on.</summary>
    public void Remove(Segment segment)
    {
        lock (segment.Gate)
        {
            _calls.Delete(paths.Segment(segment.Number));
            _calls.Delete(paths.SegmentIndex(segment.Number));
            _segments.TryRemove(segment.Number, out _);
        }

        Removed?.Invoke(segment.Number);
    }

    private void EntombIfPossible(BlobPlace place)
    {
        try
        {
            Entomb(place);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            // Nothing leads to it; after the next start it is an orphan, for the sweep.
        }
    }

    private Segment? Find(int number) => _segments.GetValueOrDefault(number);

    private void CountDead(BlobPlace place)
    {
        if (Find(place.Segment) is { } segment)
        {
            lock (segment.Gate)
            {
                segment.Dead += place.RecordSize;
            }
        }
    }

    private void Mark(string path, long offset)
    {
        using var file = _calls.OpenForWriting(path);
        if (file is not null)
        {
            _calls.Write(file, SegmentFormat.Tombstone, offset);
        }
    }
}
