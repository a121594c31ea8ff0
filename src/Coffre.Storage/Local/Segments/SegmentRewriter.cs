using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local.Segments;

/// <summary>Gives the room of purged blobs back: what is left of a mostly dead segment is appended to the open one, and the segment removed.</summary>
/// <remarks>
/// Readers go on meanwhile. Who has opened a blob reads from the old file, which the system keeps until it is closed; who opens one finds
/// the new place once the bytes there are on the device. One segment at a time, in pieces, so that uploads pass between them.
/// </remarks>
internal sealed class SegmentRewriter(SegmentShelf shelf, SegmentLog log, IDiskCalls calls) : IDisposable
{
    private const int PieceBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly Queue<Segment> _waiting = new();
    private readonly HashSet<int> _known = [];
    private Task _work = Task.CompletedTask;
    private volatile bool _stopped;

    /// <summary>Ends when nothing is left to rewrite at this moment.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
            {
                return _work;
            }
        }
    }

    /// <summary>Rewrites the segment, in the background, if it is worth it.</summary>
    public void Consider(Segment segment)
    {
        if (!segment.IsMostlyDead || _stopped)
        {
            return;
        }

        lock (_gate)
        {
            if (_known.Add(segment.Number))
            {
                _waiting.Enqueue(segment);
                if (_work.IsCompleted)
                {
                    _work = Task.Run(RunAsync);
                }
            }
        }
    }

    /// <summary>Stops after the piece that is being moved.</summary>
    public void Dispose()
    {
        _stopped = true;
        Idle.GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        while (Next() is { } segment)
        {
            try
            {
                await RewriteAsync(segment);
            }
            catch (Exception exception) when (DiskTrouble.Threw(exception) || exception is ObjectDisposedException or StorageException)
            {
                // It stays as it is; the next purge in it tries again.
            }
            finally
            {
                lock (_gate)
                {
                    _known.Remove(segment.Number);
                }
            }
        }
    }

    private Segment? Next()
    {
        lock (_gate)
        {
            if (!_stopped && _waiting.TryDequeue(out var segment))
            {
                return segment;
            }

            // Under the lock: who comes from now on begins anew.
            _work = Task.CompletedTask;
            return null;
        }
    }

    private async Task RewriteAsync(Segment segment)
    {
        if (shelf.ReadIndex(segment) is not { } entries || !await MoveAllAsync(segment, entries))
        {
            return;
        }

        shelf.Remove(segment);
    }

    /// <summary>False if something could not be moved: then the segment is needed as it is.</summary>
    private async Task<bool> MoveAllAsync(Segment segment, IReadOnlyList<IndexEntry> entries)
    {
        using var file = calls.OpenForReading(shelf.PathOf(segment.Number));
        if (file is null)
        {
            return false;
        }

        for (var next = 0; next < entries.Count && !segment.IsDamaged && !_stopped;)
        {
            next = await MovePieceAsync(file, segment, entries, next);
        }

        return !segment.IsDamaged && !_stopped;
    }

    /// <summary>Moves some of the blobs that still lie in the segment; returns the entry to go on with.</summary>
    private async Task<int> MovePieceAsync(SafeFileHandle file, Segment segment, IReadOnlyList<IndexEntry> entries, int next)
    {
        var moves = new List<(byte[] Buffer, Task Done)>();
        try
        {
            for (var bytes = 0L; next < entries.Count && bytes < PieceBytes && !segment.IsDamaged; next++)
            {
                if (PlaceOf(segment, entries[next], next) is { } place)
                {
                    var buffer = ArrayPool<byte>.Shared.Rent(SegmentFormat.RecordHeadSize + place.Length);
                    moves.Add((buffer, Move(file, segment, entries[next].Id, place, buffer)));
                    bytes += place.RecordSize;
                }
            }

            await Task.WhenAll(moves.Select(static move => move.Done));
            return next;
        }
        finally
        {
            foreach (var (buffer, done) in moves)
            {
                await done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>The entry's place, if the blob lies there; null if it was purged or moved.</summary>
    private BlobPlace? PlaceOf(Segment segment, IndexEntry entry, int number)
    {
        var place = new BlobPlace(entry.Ticks, segment.Number, entry.Offset, entry.Length, number);
        return shelf.Places.TryFind(entry.Id, out var found) && found == place ? place : null;
    }

    private Task Move(SafeFileHandle file, Segment segment, BlobId id, BlobPlace place, byte[] buffer)
    {
        var record = buffer.AsMemory(0, SegmentFormat.RecordHeadSize + place.Length);
        if (!SegmentScan.IsWhole(file, place.Offset, record.Span))
        {
            // It stays where scrub finds it.
            segment.IsDamaged = true;
            return Task.CompletedTask;
        }

        if (SegmentFormat.IsPurged(record.Span))
        {
            // By a command that worked beside this process.
            shelf.Places.TryRemove(id, out _);
            return Task.CompletedTask;
        }

        var head = new RecordHead(id, place.Ticks, place.Length);
        var checksum = SegmentFormat.ChecksumOf(record.Span).ToArray();
        return log.AppendAsync(new NewRecord(head, record[SegmentFormat.RecordHeadSize..], checksum) { MovedFrom = place });
    }
}
