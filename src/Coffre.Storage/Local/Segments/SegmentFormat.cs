using System.Buffers.Binary;
using System.Numerics;

namespace Coffre.Storage.Local.Segments;

/// <summary>The bytes of a segment: its head, the heads of its records, the mark of what was purged. Described in <c>docs/storage.md</c>.</summary>
/// <remarks>
/// Every record begins with a marker that is drawn for its segment and known to nobody outside: what a user uploads can hold anything, even
/// a whole segment, and is never taken for a record when a damaged place is passed over.
/// </remarks>
internal static class SegmentFormat
{
    public const int SegmentHeadSize = 64;
    public const int RecordHeadSize = 128;
    public const int MarkerSize = 16;

    /// <summary>Where in the head of a segment its marker stands.</summary>
    public const int MarkerAt = 16;

    /// <summary>Records begin at multiples of this, so that a tombstone never lies across two sectors.</summary>
    public const int Alignment = 16;

    /// <summary>Where in a record its tombstone is written.</summary>
    public const int TombstoneAt = 120;

    /// <summary>Most bytes of a blob in a record.</summary>
    public const int MostBytes = Block.Size;

    private const int HeadChecksumAt = 60;
    private const int IdAt = 16;
    private const int TicksAt = 32;
    private const int LengthAt = 40;
    private const int ChecksumAt = 48;
    private const int RecordChecksumAt = 116;
    private const int ChecksumSize = 64;

    private static ReadOnlySpan<byte> Magic => "COFFRSG1"u8;

    /// <summary>Written over zeros once the bytes may go. All other bytes of a segment are written once.</summary>
    public static ReadOnlySpan<byte> Tombstone => "PURGED\r\n"u8;

    /// <summary>What a record takes: head, bytes, and zeros up to the next multiple of <see cref="Alignment"/>.</summary>
    public static long SizeOf(int length) => RecordHeadSize + Align(length);

    public static long Align(long length) => (length + Alignment - 1) & ~(long)(Alignment - 1);

    public static void WriteSegmentHead(Span<byte> head, int number, ReadOnlySpan<byte> marker)
    {
        head[..SegmentHeadSize].Clear();
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], number);
        marker.CopyTo(head[MarkerAt..]);
        BinaryPrimitives.WriteUInt32LittleEndian(head[HeadChecksumAt..], Crc(head[..HeadChecksumAt]));
    }

    /// <summary>False for anything but the head of this segment.</summary>
    public static bool TryReadSegmentHead(ReadOnlySpan<byte> head, int number, Span<byte> marker)
    {
        if (!head.StartsWith(Magic)
            || BinaryPrimitives.ReadInt64LittleEndian(head[8..]) != number
            || BinaryPrimitives.ReadUInt32LittleEndian(head[HeadChecksumAt..]) != Crc(head[..HeadChecksumAt]))
        {
            return false;
        }

        head.Slice(MarkerAt, MarkerSize).CopyTo(marker);
        return true;
    }

    public static void WriteRecordHead(Span<byte> head, ReadOnlySpan<byte> marker, RecordHead record, ReadOnlySpan<byte> checksum)
    {
        head[..RecordHeadSize].Clear();
        marker.CopyTo(head);
        record.Id.WriteBytes(head[IdAt..]);
        BinaryPrimitives.WriteInt64LittleEndian(head[TicksAt..], record.Ticks);
        BinaryPrimitives.WriteInt32LittleEndian(head[LengthAt..], record.Length);
        checksum.CopyTo(head[ChecksumAt..]);
        BinaryPrimitives.WriteUInt32LittleEndian(head[RecordChecksumAt..], Crc(head[..RecordChecksumAt]));
    }

    /// <summary>False for anything but the head of a record of this segment.</summary>
    public static bool TryReadRecordHead(ReadOnlySpan<byte> head, ReadOnlySpan<byte> marker, out RecordHead record)
    {
        record = default;
        if (!head.StartsWith(marker) || BinaryPrimitives.ReadUInt32LittleEndian(head[RecordChecksumAt..]) != Crc(head[..RecordChecksumAt]))
        {
            return false;
        }

        record = new RecordHead(
            BlobId.FromBytes(head.Slice(IdAt, 16)), BinaryPrimitives.ReadInt64LittleEndian(head[TicksAt..]), BinaryPrimitives.ReadInt32LittleEndian(head[LengthAt..]));
        return record.Length is >= 0 and <= MostBytes;
    }

    /// <summary>The Whirlpool of the record's bytes.</summary>
    public static ReadOnlySpan<byte> ChecksumOf(ReadOnlySpan<byte> head) => head.Slice(ChecksumAt, ChecksumSize);

    public static bool IsPurged(ReadOnlySpan<byte> head) => head.Slice(TombstoneAt, Tombstone.Length).SequenceEqual(Tombstone);

    /// <summary>CRC-32C.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes, uint start = 0)
    {
        var crc = ~start;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}

/// <summary>What the head of a record says.</summary>
/// <param name="Id">Of the blob.</param>
/// <param name="Ticks">When it was committed: ticks of 100 ns, UTC.</param>
/// <param name="Length">Its bytes, 0 to <see cref="SegmentFormat.MostBytes"/>.</param>
internal readonly record struct RecordHead(BlobId Id, long Ticks, int Length);
