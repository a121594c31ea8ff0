using System.Security.Cryptography;

namespace Coffre.Storage.Local.Segments;

/// <summary>Appends records: one thread, which writes and syncs together whatever waits. Nobody waits for company.</summary>
internal sealed class SegmentLog(SegmentShelf shelf, DiskBlobStoreOptions options) : IDisposable
{
    private readonly object _gate = new();
    private readonly IDiskCalls _calls = options.Calls;
    private readonly bool _isStrict = options.Durability == Durability.Strict;
    private List<NewRecord> _waiting = [];
    private OpenSegment? _open;
    private Thread? _thread;
    private bool _isIdle;
    private bool _stopped;

    /// <summary>Told of each segment that nothing more is appended to. Called by the appending thread.</summary>
    public Action<Segment>? Sealed { get; set; }

    /// <summary>Goes on where the last process ended. Called before anything is appended.</summary>
    public void Continue(OpenSegment segment) => _open = segment;

    /// <summary>Returns once the record is on the device and can be found.</summary>
    public Task AppendAsync(NewRecord record)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            _waiting.Add(record);
            if (_thread is null)
            {
                _thread = new Thread(Serve) { IsBackground = true, Name = "coffre segments" };
                _thread.Start();
            }
            else if (_isIdle)
            {
                Monitor.Pulse(_gate);
            }
        }

        return record.Task;
    }

    /// <summary>Appends what waits, and ends.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _stopped = true;
            thread = _thread;
            Monitor.Pulse(_gate);
        }

        thread?.Join();
        _open?.Dispose();
    }

    private void Serve()
    {
        var group = new List<NewRecord>();
        while (Take(ref group))
        {
            Keep(group);
            group.Clear();
        }
    }

    private bool Take(ref List<NewRecord> group)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_stopped)
                {
                    return false;
                }

                _isIdle = true;
                Monitor.Wait(_gate);
                _isIdle = false;
            }

            (group, _waiting) = (_waiting, group);
            return true;
        }
    }

    private void Keep(List<NewRecord> group)
    {
        var kept = 0;
        try
        {
            while (kept < group.Count)
            {
                var open = OpenFor(group[kept]);
                var end = EndOfFit(open, group, kept);
                KeepIn(open, group[kept..end]);
                kept = end;
            }
        }
        catch (Exception exception)
        {
            RecordChunk.End(group[kept..], exception);
        }
    }

    /// <summary>The segment that takes the record: the open one, or a new one if that is full.</summary>
    private OpenSegment OpenFor(NewRecord record)
    {
        if (_open is { } open && open.End + record.Size <= options.SegmentLength)
        {
            return open;
        }

        if (_open is { } full)
        {
            TrimIfPossible(full);
            Retire(full);
        }

        return _open = Make();
    }

    private int EndOfFit(OpenSegment open, List<NewRecord> group, int first)
    {
        var end = open.End;
        var i = first;
        while (i < group.Count && (i == first || end + group[i].Size <= options.SegmentLength))
        {
            end += group[i++].Size;
        }

        try
        {
            open.MakeRoom(end, options.SegmentLength);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception) && !DiskTrouble.IsFull(exception))
        {
            // A bad place of the disk: the next group goes elsewhere.
            Retire(open);
            throw;
        }

        return i;
    }

    private void KeepIn(OpenSegment open, List<NewRecord> records)
    {
        var start = open.End;
        try
        {
            records.ForEach(open.Append);
            open.Flush();
            options.StepReached?.Invoke(CommitStep.AfterRecordWrite);
            var isMove = records.Exists(static record => record.MovedFrom is not null);
            if (isMove && !_isStrict)
            {
                // What is moved was kept long ago and goes where it came from: it is not among the last seconds that the relaxed mode may lose.
                _calls.SyncFolder(shelf.Folder);
            }

            if (_isStrict || isMove)
            {
                open.Sync();
                options.StepReached?.Invoke(CommitStep.AfterRecordSync);
            }
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            // What the kernel could not write it may have dropped: nothing more is built on this segment, and nothing of the group is kept.
            Abandon(open, records, start);
            throw;
        }

        foreach (var record in records)
        {
            shelf.Publish(open.Segment, record, start);
            start += record.Size;
        }

        RecordChunk.End(records);
    }

    private void Abandon(OpenSegment open, List<NewRecord> records, long start)
    {
        foreach (var record in records)
        {
            try
            {
                shelf.MarkRecord(open.Segment.Number, start);
            }
            catch (Exception exception) when (DiskTrouble.Threw(exception))
            {
                // Then it is an orphan, for the sweep.
            }

            start += record.Size;
        }

        Retire(open);
    }

    private static void TrimIfPossible(OpenSegment full)
    {
        try
        {
            full.Trim();
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            // The room stays, as zeros. That is no reason to keep nothing more.
        }
    }

    private void Retire(OpenSegment full)
    {
        full.Dispose();
        _open = null;
        full.Segment.IsSealed = true;
        try
        {
            shelf.WriteIndex(full.Segment);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            // The segment is read without it.
        }

        Sealed?.Invoke(full.Segment);
    }

    private OpenSegment Make()
    {
        var segment = shelf.NewSegment();
        var path = shelf.PathOf(segment.Number);
        var file = _calls.CreateFile(path);
        try
        {
            var marker = RandomNumberGenerator.GetBytes(SegmentFormat.MarkerSize);
            var head = new byte[SegmentFormat.SegmentHeadSize];
            SegmentFormat.WriteSegmentHead(head, segment.Number, marker);
            _calls.Write(file, head, 0);
            var open = new OpenSegment(_calls, segment, file, marker, head.Length);
            open.MakeRoom(head.Length + SegmentFormat.RecordHeadSize, options.SegmentLength);
            if (_isStrict)
            {
                // The folder's sync is good for the index of the segment before as well.
                _calls.SyncFile(file);
                _calls.SyncFolder(shelf.Folder);
            }

            shelf.Add(segment);
            return open;
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            file.Dispose();
            _calls.Delete(path);
            throw;
        }
    }
}
