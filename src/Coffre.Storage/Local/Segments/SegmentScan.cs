using System.Buffers;
using Coffre.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local.Segments;

/// <summary>Reads a segment without its index: every record that is whole, whatever lies between them.</summary>
/// <remarks>
/// The power may have failed while the last group was written: of that, any part may be there. So the bytes of each record are compared with
/// their checksum, and what is not whole is passed over. Nothing is cut off or overwritten.
/// </remarks>
internal sealed class SegmentScan
{
    private const int SearchWindow = 256 * 1024;

    private readonly SafeFileHandle _file;
    private readonly byte[] _marker = new byte[SegmentFormat.MarkerSize];
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(SegmentFormat.RecordHeadSize + SegmentFormat.MostBytes);
    private readonly Whirlpool _whirlpool = new();
    private readonly long _length;

    private SegmentScan(SafeFileHandle file)
    {
        _file = file;
        _length = RandomAccess.GetLength(file);
    }

    /// <summary>The records in order.</summary>
    public List<IndexEntry> Entries { get; } = [];

    /// <summary>The marker of the segment's records.</summary>
    public ReadOnlyMemory<byte> Marker => _marker;

    /// <summary>Where the last whole record ends.</summary>
    public long Tail { get; private set; } = SegmentFormat.SegmentHeadSize;

    /// <summary>Whether anything but zeros lies between or behind the records.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Whether nothing was ever written: the process died while it made the file.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Whether there is something in it that cannot be told apart: its head and its first record are damaged, and with them every copy of its marker that can be trusted.</summary>
    public bool IsUnreadable { get; private set; }

    public static SegmentScan Read(SafeFileHandle file, int number)
    {
        var scan = new SegmentScan(file);
        try
        {
            scan.Read(number);
            return scan;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scan._buffer);
        }
    }

    /// <summary>Reads one record and compares it with its checksum.</summary>
    /// <param name="file">The segment.</param>
    /// <param name="offset">Where the record begins.</param>
    /// <param name="buffer">Takes head and bytes; as long as both.</param>
    public static bool IsWhole(SafeFileHandle file, long offset, Span<byte> buffer)
    {
        if (Fill(file, buffer, offset) < buffer.Length)
        {
            return false;
        }

        Span<byte> found = stackalloc byte[Whirlpool.HashSizeInBytes];
        Whirlpool.HashData(buffer[SegmentFormat.RecordHeadSize..], found);
        return found.SequenceEqual(SegmentFormat.ChecksumOf(buffer));
    }

    private void Read(int number)
    {
        var head = _buffer.AsSpan(0, SegmentFormat.SegmentHeadSize);
        if (Fill(_file, head, 0) < head.Length || !SegmentFormat.TryReadSegmentHead(head, number, _marker))
        {
            if (!FindMarker())
            {
                IsEmpty = Search(0) < 0 && !IsDamaged;
                IsUnreadable = !IsEmpty;
                return;
            }

            IsDamaged = true;
        }

        var offset = (long)SegmentFormat.SegmentHeadSize;
        while (offset >= 0 && offset < _length)
        {
            offset = ReadRecord(offset) ?? Search(offset);
        }
    }

    /// <summary>Learns the marker of a segment whose head is damaged.</summary>
    /// <remarks>
    /// From the two places that no user's bytes can reach: the head itself, if some record bears what stands there, and the first record. A
    /// record anywhere else may be a forged one inside a user's file, with a marker of its own.
    /// </remarks>
    private bool FindMarker() =>
        IsMarker(SegmentFormat.SegmentHeadSize, SegmentFormat.SegmentHeadSize) || IsMarker(SegmentFormat.MarkerAt, 0);

    /// <summary>Whether a record at or behind <paramref name="start"/> bears what stands at <paramref name="place"/>; then that is the marker.</summary>
    private bool IsMarker(long place, long start)
    {
        if (Fill(_file, _marker, place) == _marker.Length && _marker.AsSpan().ContainsAnyExcept((byte)0))
        {
            for (var at = start; at >= 0; at = start == place ? -1 : Search(at))
            {
                var head = _buffer.AsSpan(0, SegmentFormat.RecordHeadSize);
                if (Fill(_file, head, at) == head.Length && SegmentFormat.TryReadRecordHead(head, _marker, out _))
                {
                    return true;
                }
            }
        }

        _marker.AsSpan().Clear();
        return false;
    }

    /// <summary>Where the next record should begin; null where there is no head of a record.</summary>
    private long? ReadRecord(long offset)
    {
        var head = _buffer.AsSpan(0, SegmentFormat.RecordHeadSize);
        if (Fill(_file, head, offset) < head.Length || !SegmentFormat.TryReadRecordHead(head, _marker, out var record))
        {
            return null;
        }

        var next = offset + SegmentFormat.SizeOf(record.Length);
        var isPurged = SegmentFormat.IsPurged(head);
        if (next > _length || (!isPurged && !HasItsBytes(offset, record.Length)))
        {
            IsDamaged = true;
            return next > _length ? null : next;
        }

        Entries.Add(new IndexEntry(record.Id, record.Ticks, (uint)offset, record.Length, isPurged));
        Tail = next;
        return next;
    }

    private bool HasItsBytes(long offset, int length)
    {
        var bytes = _buffer.AsSpan(SegmentFormat.RecordHeadSize, length);
        if (Fill(_file, bytes, offset + SegmentFormat.RecordHeadSize) < length)
        {
            return false;
        }

        Span<byte> found = stackalloc byte[Whirlpool.HashSizeInBytes];
        _whirlpool.Append(bytes);
        _whirlpool.GetHashAndReset(found);
        return found.SequenceEqual(SegmentFormat.ChecksumOf(_buffer));
    }

    /// <summary>The next place behind <paramref name="offset"/> where a record may begin, or -1. Zeros are room, all else is damage.</summary>
    private long Search(long offset)
    {
        var window = _buffer.AsSpan(0, SearchWindow);
        var marker = _marker.AsSpan();
        var hasMarker = marker.ContainsAnyExcept((byte)0);

        // A head that did not stand its check begins with the marker, too.
        for (var at = offset; at < _length;)
        {
            var read = window[..Fill(_file, window, at)];
            for (var i = 0; i < read.Length; i += SegmentFormat.Alignment)
            {
                var piece = read.Slice(i, Math.Min(SegmentFormat.Alignment, read.Length - i));
                if (!piece.ContainsAnyExcept((byte)0))
                {
                    continue;
                }

                if (hasMarker && at + i > offset && piece.SequenceEqual(marker))
                {
                    return at + i;
                }

                IsDamaged = true;
            }

            if (read.Length < window.Length)
            {
                return -1;
            }

            at += read.Length;
        }

        return -1;
    }

    private static int Fill(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var filled = 0;
        int read;
        while (filled < buffer.Length && (read = RandomAccess.Read(file, buffer[filled..], offset + filled)) > 0)
        {
            filled += read;
        }

        return filled;
    }
}
