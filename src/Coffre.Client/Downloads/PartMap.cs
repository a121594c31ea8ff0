using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Client.Downloads;

/// <summary>Keeps on disk, behind the place of the file's last byte, which bytes of a part file came.</summary>
/// <remarks>
/// Two slots of 4 KiB are written in turn, each with a number and a digest: whatever a kill tears, the other one holds. A slot
/// names bytes only after they were written, so that a killed process loses nothing that a slot names.
/// </remarks>
internal sealed class PartMap(SafeFileHandle file, long size)
{
    private const int SlotSize = 4096;
    private const int HeadSize = 8 + 8 + 8 + 4 + 4;
    private const int LongestTag = 256;
    private const int MostPieces = (SlotSize - HeadSize - LongestTag - SHA256.HashSizeInBytes) / 16;

    private readonly byte[] _slot = new byte[SlotSize];
    private long _number;

    private static ReadOnlySpan<byte> Magic => "CoffreP1"u8;

    /// <summary>How much longer a part file with a map is than the file that it becomes.</summary>
    public static int Length => 2 * SlotSize;

    /// <summary>Reads the newer of the slots that are whole.</summary>
    /// <param name="came">Gets the bytes that it names.</param>
    /// <param name="tag">The version of the remote file that they belong to; null if the service named none.</param>
    /// <returns>Whether one was whole.</returns>
    public bool TryRead(ByteExtents came, out string? tag)
    {
        tag = null;
        for (var place = 0; place < 2; place++)
        {
            if (RandomAccess.Read(file, _slot, size + (place * SlotSize)) == SlotSize && TryParse(came, out var found))
            {
                tag = found;
            }
        }

        return _number > 0;
    }

    /// <summary>Writes the older slot anew.</summary>
    public void Write(ByteExtents came, string? tag)
    {
        Array.Clear(_slot);
        var tagBytes = Encoding.ASCII.GetBytes(tag is { Length: <= LongestTag } ? tag : "");

        // Where there are too many the smallest are fetched again.
        var pieces = came.Pieces.Count <= MostPieces ? came.Pieces : [.. came.Pieces.OrderByDescending(piece => piece.Length).Take(MostPieces).OrderBy(piece => piece.Start)];
        Magic.CopyTo(_slot);
        BinaryPrimitives.WriteInt64LittleEndian(_slot.AsSpan(8), ++_number);
        BinaryPrimitives.WriteInt64LittleEndian(_slot.AsSpan(16), size);
        BinaryPrimitives.WriteInt32LittleEndian(_slot.AsSpan(24), tagBytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(_slot.AsSpan(28), pieces.Count);
        tagBytes.CopyTo(_slot, HeadSize);
        var rest = _slot.AsSpan(HeadSize + LongestTag);
        foreach (var piece in pieces)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, piece.Start);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], piece.End);
            rest = rest[16..];
        }

        SHA256.HashData(_slot.AsSpan(..^SHA256.HashSizeInBytes), _slot.AsSpan(^SHA256.HashSizeInBytes..));
        RandomAccess.Write(file, _slot, size + (_number % 2 * SlotSize));
    }

    private bool TryParse(ByteExtents came, out string? tag)
    {
        tag = null;
        var digest = SHA256.HashData(_slot.AsSpan(..^SHA256.HashSizeInBytes));
        var number = BinaryPrimitives.ReadInt64LittleEndian(_slot.AsSpan(8));
        if (!_slot.AsSpan().StartsWith(Magic) || !digest.AsSpan().SequenceEqual(_slot.AsSpan(^SHA256.HashSizeInBytes..))
            || BinaryPrimitives.ReadInt64LittleEndian(_slot.AsSpan(16)) != size || number <= _number)
        {
            return false;
        }

        _number = number;
        var tagLength = BinaryPrimitives.ReadInt32LittleEndian(_slot.AsSpan(24));
        tag = tagLength > 0 ? Encoding.ASCII.GetString(_slot, HeadSize, tagLength) : null;
        came.Clear();
        var rest = _slot.AsSpan(HeadSize + LongestTag);
        for (var count = BinaryPrimitives.ReadInt32LittleEndian(_slot.AsSpan(28)); count > 0; count--, rest = rest[16..])
        {
            came.Add(BinaryPrimitives.ReadInt64LittleEndian(rest), BinaryPrimitives.ReadInt64LittleEndian(rest[8..]));
        }

        return true;
    }
}
