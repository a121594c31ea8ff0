namespace Coffre.Storage.Local.Segments;

/// <summary>Keeps the segments that are read most open: opening and closing one costs more than reading a small blob from it.</summary>
internal sealed class SegmentFiles(SegmentShelf shelf, IDiskCalls calls, int capacity) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Kept> _kept = [];
    private long _turn;
    private bool _stopped;

    /// <summary>Segments that are kept open now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>The segment's file, to be released by the caller; null if there is none.</summary>
    public SharedFile? Open(int segment)
    {
        lock (_gate)
        {
            if (_kept.TryGetValue(segment, out var kept))
            {
                kept.UsedAt = ++_turn;
                kept.File.Use();
                return kept.File;
            }
        }

        // Not under the lock: the disk may take its time.
        if (calls.OpenForReading(shelf.PathOf(segment)) is not { } handle)
        {
            return null;
        }

        var file = new SharedFile(handle);
        Keep(segment, file);
        return file;
    }

    /// <summary>The segment is gone: nobody opens it any more, and the system wants its room back.</summary>
    public void Forget(int segment)
    {
        lock (_gate)
        {
            if (_kept.Remove(segment, out var kept))
            {
                kept.File.Release();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var kept in _kept.Values)
            {
                kept.File.Release();
            }

            _kept.Clear();
        }
    }

    private void Keep(int segment, SharedFile file)
    {
        lock (_gate)
        {
            // One that was removed between its opening and now has been forgotten before: it would stay for good.
            if (_stopped || !shelf.Has(segment) || !_kept.TryAdd(segment, new Kept(file) { UsedAt = ++_turn }))
            {
                return;
            }

            file.Use();
            if (_kept.Count > capacity)
            {
                Forget(_kept.MinBy(static kept => kept.Value.UsedAt).Key);
            }
        }
    }

    private sealed class Kept(SharedFile file)
    {
        public SharedFile File => file;

        public long UsedAt { get; set; }
    }
}
