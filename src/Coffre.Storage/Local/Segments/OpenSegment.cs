using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local.Segments;

/// <summary>The segment that records are appended to. Used by one thread at a time.</summary>
/// <remarks>
/// Room is written with zeros before it is used, some megabytes at once: a sync that finds the file's length and blocks unchanged takes a
/// third of the time of one that has to write them down as well.
/// </remarks>
internal sealed class OpenSegment(IDiskCalls calls, Segment segment, SafeFileHandle file, ReadOnlyMemory<byte> marker, long room) : IDisposable
{
    /// <summary>How much room is made at once.</summary>
    public const int RoomStep = 4 << 20;

    private static readonly byte[] Zeros = new byte[256 * 1024];

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>((int)SegmentFormat.SizeOf(SegmentFormat.MostBytes) * 2);
    private int _filled;
    private long _written = segment.Tail;
    private long _room = room;

    public Segment Segment { get; } = segment;

    /// <summary>Where the next record goes.</summary>
    public long End => _written + _filled;

    /// <summary>Makes room up to <paramref name="end"/>, and some more, but not past <paramref name="limit"/>.</summary>
    /// <exception cref="IOException">The disk is full or broken; the segment is as it was.</exception>
    public void MakeRoom(long end, long limit)
    {
        if (end <= _room)
        {
            return;
        }

        var wanted = Math.Max(end, Math.Min(_room + RoomStep, limit));
        try
        {
            Zero(wanted);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception) && wanted > end)
        {
            // A disk that is nearly full still takes what fits.
            Zero(end);
        }
    }

    /// <summary>Takes a record into the buffer, which is written when it is full.</summary>
    public void Append(NewRecord record)
    {
        if (_filled + record.Size > _buffer.Length)
        {
            Flush();
        }

        var place = _buffer.AsSpan(_filled, (int)record.Size);
        SegmentFormat.WriteRecordHead(place, marker.Span, record.Head, record.Checksum.Span);
        record.Bytes.Span.CopyTo(place[SegmentFormat.RecordHeadSize..]);
        place[(SegmentFormat.RecordHeadSize + record.Head.Length)..].Clear();
        _filled += place.Length;
    }

    /// <summary>Writes what was taken.</summary>
    public void Flush()
    {
        calls.Write(file, _buffer.AsSpan(0, _filled), _written);
        _written += _filled;
        _filled = 0;
    }

    public void Sync() => calls.SyncData(file);

    /// <summary>Gives back the room that was not used.</summary>
    public void Trim() => calls.Trim(file, _written);

    public void Dispose() => file.Dispose();

    private void Zero(long end)
    {
        try
        {
            for (var at = _room; at < end; at += Zeros.Length)
            {
                calls.Write(file, Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, end - at)), at);
            }
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            calls.Trim(file, _room);
            throw;
        }

        _room = end;
    }
}
