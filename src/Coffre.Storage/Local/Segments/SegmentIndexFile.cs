using System.Buffers.Binary;

namespace Coffre.Storage.Local.Segments;

/// <summary>The records of a sealed segment in a file beside it, so that opening the store need not read the segment.</summary>
/// <remarks>Only a convenience: one that is missing or damaged is made again from the segment.</remarks>
internal static class SegmentIndexFile
{
    private const int HeadSize = 40;
    private const int EntrySize = 40;
    private const int EntryTombstoneAt = 32;
    private const int DamagedAt = 28;
    private const int ChecksumAt = 32;

    private static ReadOnlySpan<byte> Magic => "COFFRIX1"u8;

    /// <summary>Where the tombstone of an entry is written; it is not covered by the checksum.</summary>
    public static long TombstoneOf(int entry) => HeadSize + ((long)entry * EntrySize) + EntryTombstoneAt;

    public static byte[] Write(Segment segment, IReadOnlyList<IndexEntry> entries)
    {
        var file = new byte[HeadSize + ((long)entries.Count * EntrySize)];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(8), segment.Number);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), segment.Tail);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), entries.Count);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(DamagedAt), segment.IsDamaged ? 1 : 0);
        for (var i = 0; i < entries.Count; i++)
        {
            var line = file.AsSpan(HeadSize + (i * EntrySize), EntrySize);
            entries[i].Id.WriteBytes(line);
            BinaryPrimitives.WriteInt64LittleEndian(line[16..], entries[i].Ticks);
            BinaryPrimitives.WriteUInt32LittleEndian(line[24..], entries[i].Offset);
            BinaryPrimitives.WriteInt32LittleEndian(line[28..], entries[i].Length);
            if (entries[i].IsPurged)
            {
                SegmentFormat.Tombstone.CopyTo(line[EntryTombstoneAt..]);
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(ChecksumAt), Checksum(file));
        return file;
    }

    /// <summary>Reads what <see cref="Write"/> wrote into a segment; null for anything else.</summary>
    public static List<IndexEntry>? Read(ReadOnlySpan<byte> file, Segment segment)
    {
        if (file.Length < HeadSize || !file.StartsWith(Magic) || BinaryPrimitives.ReadInt64LittleEndian(file[8..]) != segment.Number
            || file.Length != HeadSize + ((long)BinaryPrimitives.ReadInt32LittleEndian(file[24..]) * EntrySize)
            || BinaryPrimitives.ReadUInt32LittleEndian(file[ChecksumAt..]) != Checksum(file))
        {
            return null;
        }

        segment.Tail = BinaryPrimitives.ReadInt64LittleEndian(file[16..]);
        segment.IsDamaged = BinaryPrimitives.ReadInt32LittleEndian(file[DamagedAt..]) != 0;
        var entries = new List<IndexEntry>((file.Length - HeadSize) / EntrySize);
        for (var at = HeadSize; at < file.Length; at += EntrySize)
        {
            var line = file.Slice(at, EntrySize);
            entries.Add(new IndexEntry(
                BlobId.FromBytes(line[..16]), BinaryPrimitives.ReadInt64LittleEndian(line[16..]), BinaryPrimitives.ReadUInt32LittleEndian(line[24..]),
                BinaryPrimitives.ReadInt32LittleEndian(line[28..]), line[EntryTombstoneAt..].SequenceEqual(SegmentFormat.Tombstone)));
        }

        return entries;
    }

    private static uint Checksum(ReadOnlySpan<byte> file)
    {
        var crc = SegmentFormat.Crc(file[..ChecksumAt]);
        for (var at = HeadSize; at < file.Length; at += EntrySize)
        {
            crc = SegmentFormat.Crc(file.Slice(at, EntryTombstoneAt), crc);
        }

        return crc;
    }
}
