using System.Buffers.Binary;

namespace Coffre.Hashing;

/// <summary>The Whirlpool hash function: 512 bits over a message of any length.</summary>
/// <remarks>
/// Source: ISO/IEC 10118-3:2004, the final version of Whirlpool (not Whirlpool-0 nor Whirlpool-T). Lengths are in bytes.
/// An instance hashes one message at a time and belongs to one thread at a time; it allocates nothing after its
/// construction and needs no disposal.
/// </remarks>
public sealed partial class Whirlpool
{
    /// <summary>The length of a hash value: 64 bytes.</summary>
    public const int HashSizeInBytes = 64;

    /// <summary>The message's length goes, in bits, into the last 32 bytes of the last block.</summary>
    private const int LengthSize = 32;

    private const string DestinationTooShort = "The destination is shorter than the 64 bytes of a Whirlpool hash value.";

    private readonly ulong[] _chain = new ulong[WhirlpoolConstants.RowCount];
    private readonly byte[] _buffer = new byte[WhirlpoolConstants.BlockSize];
    private readonly WhirlpoolPath _path;
    private int _buffered;
    private UInt128 _length;

    /// <summary>Begins an empty message, on the fastest way that this machine has.</summary>
    public Whirlpool()
        : this(WhirlpoolCompression.Fastest)
    {
    }

    /// <summary>Begins an empty message on a given way.</summary>
    /// <param name="path">One that <see cref="WhirlpoolCompression.IsSupported"/>.</param>
    /// <param name="length">Pretends that so many bytes had been hashed already, for tests of the length's carry.</param>
    internal Whirlpool(WhirlpoolPath path, UInt128 length = default)
    {
        _path = path;
        _length = length;
    }

    /// <summary>Adds bytes to the message.</summary>
    /// <param name="source">Any number of bytes; the hash value does not depend on how a message is split.</param>
    public void Append(ReadOnlySpan<byte> source)
    {
        _length += (uint)source.Length;

        if (_buffered > 0)
        {
            var taken = Math.Min(source.Length, WhirlpoolConstants.BlockSize - _buffered);
            source[..taken].CopyTo(_buffer.AsSpan(_buffered));
            _buffered += taken;
            source = source[taken..];
            if (_buffered < WhirlpoolConstants.BlockSize)
            {
                return;
            }

            WhirlpoolCompression.Compress(_path, _chain, _buffer);
        }

        var whole = source.Length & -WhirlpoolConstants.BlockSize;
        if (whole > 0)
        {
            WhirlpoolCompression.Compress(_path, _chain, source[..whole]);
        }

        source[whole..].CopyTo(_buffer);
        _buffered = source.Length - whole;
    }

    /// <summary>Writes the hash value of the bytes so far and begins an empty message.</summary>
    /// <param name="destination">Receives 64 bytes; longer is allowed.</param>
    /// <exception cref="ArgumentException">The destination is shorter than 64 bytes.</exception>
    public void GetHashAndReset(Span<byte> destination)
    {
        GetCurrentHash(destination);
        Reset();
    }

    /// <summary>Returns the hash value of the bytes so far, 64 bytes, and begins an empty message.</summary>
    public byte[] GetHashAndReset()
    {
        var hash = new byte[HashSizeInBytes];
        GetHashAndReset(hash);
        return hash;
    }

    /// <summary>Writes the hash value of the bytes so far; the message may go on.</summary>
    /// <param name="destination">Receives 64 bytes; longer is allowed.</param>
    /// <exception cref="ArgumentException">The destination is shorter than 64 bytes.</exception>
    public void GetCurrentHash(Span<byte> destination)
    {
        if (destination.Length < HashSizeInBytes)
        {
            throw new ArgumentException(DestinationTooShort, nameof(destination));
        }

        Span<ulong> chain = stackalloc ulong[WhirlpoolConstants.RowCount];
        _chain.CopyTo(chain);

        Finish(_path, chain, _buffer.AsSpan(0, _buffered), _length);
        Write(chain, destination);
    }

    /// <summary>Forgets the bytes so far and begins an empty message.</summary>
    public void Reset()
    {
        Array.Clear(_chain);
        Array.Clear(_buffer);
        _buffered = 0;
        _length = 0;
    }

    /// <summary>Folds in the last bytes, less than a block, and the length of the whole message in bytes.</summary>
    private static void Finish(WhirlpoolPath path, Span<ulong> chain, ReadOnlySpan<byte> last, UInt128 length)
    {
        // One bit, zeros, and the length in bits as a big-endian number: one block, or two if the length has no room.
        Span<byte> tail = stackalloc byte[2 * WhirlpoolConstants.BlockSize];
        tail.Clear();
        last.CopyTo(tail);
        tail[last.Length] = 0x80;
        var blocks = last.Length < WhirlpoolConstants.BlockSize - LengthSize ? 1 : 2;
        tail = tail[..(blocks * WhirlpoolConstants.BlockSize)];

        // Bits are eight times the bytes: three of them go over the edge of a 128-bit number.
        BinaryPrimitives.WriteUInt128BigEndian(tail[^(LengthSize / 2)..], length << 3);
        tail[^(LengthSize / 2 + 1)] = (byte)(length >> 125);
        WhirlpoolCompression.Compress(path, chain, tail);
    }

    private static void Write(ReadOnlySpan<ulong> chain, Span<byte> destination)
    {
        for (var row = 0; row < chain.Length; row++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(8 * row)..], chain[row]);
        }
    }
}
