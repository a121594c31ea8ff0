using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coffre.Hashing;

/// <summary>The Whirlpool hash function of ISO/IEC 10118-3:2004 (512 bits), as a stream.</summary>
/// <remarks>One instance is used by one thread at a time. Nothing is allocated after construction.</remarks>
public sealed class Whirlpool
{
    /// <summary>Size of a digest, in bytes.</summary>
    public const int HashSizeInBytes = 64;

    private const int BlockSize = 64;
    private const int LengthSize = 32;

    private readonly ulong[] _hash = new ulong[8];
    private readonly byte[] _block = new byte[BlockSize];
    private int _pending;
    private UInt128 _length;

    /// <summary>Digest of <paramref name="source"/>, as 64 bytes.</summary>
    public static byte[] HashData(ReadOnlySpan<byte> source)
    {
        var digest = new byte[HashSizeInBytes];
        HashData(source, digest);
        return digest;
    }

    /// <summary>Writes the 64-byte digest of <paramref name="source"/>; returns 64.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 64 bytes.</exception>
    public static int HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var hash = new Whirlpool();
        hash.Append(source);
        hash.GetHashAndReset(destination);
        return HashSizeInBytes;
    }

    /// <summary>Adds bytes to the message.</summary>
    public void Append(ReadOnlySpan<byte> source)
    {
        _length += (UInt128)source.Length;
        if (_pending > 0)
        {
            var taken = Math.Min(BlockSize - _pending, source.Length);
            source[..taken].CopyTo(_block.AsSpan(_pending));
            _pending += taken;
            source = source[taken..];
            if (_pending < BlockSize)
            {
                return;
            }

            Compress(_block);
            _pending = 0;
        }

        var whole = source.Length - (source.Length % BlockSize);
        Compress(source[..whole]);
        source[whole..].CopyTo(_block);
        _pending = source.Length - whole;
    }

    /// <summary>Writes the 64-byte digest of all that was appended, and begins anew.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 64 bytes.</exception>
    public void GetHashAndReset(Span<byte> destination)
    {
        Finish(destination);
        Reset();
    }

    /// <summary>Writes the 64-byte digest of all that was appended so far; more may follow.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 64 bytes.</exception>
    public void GetCurrentHash(Span<byte> destination)
    {
        Span<ulong> hash = stackalloc ulong[8];
        Span<byte> block = stackalloc byte[BlockSize];
        _hash.CopyTo(hash);
        _block.CopyTo(block);
        var pending = _pending;
        Finish(destination);
        hash.CopyTo(_hash);
        block.CopyTo(_block);
        _pending = pending;
    }

    /// <summary>Forgets what was appended.</summary>
    public void Reset()
    {
        Array.Clear(_hash);
        _pending = 0;
        _length = 0;
    }

    private void Finish(Span<byte> destination)
    {
        if (destination.Length < HashSizeInBytes)
        {
            throw new ArgumentException($"A digest needs {HashSizeInBytes} bytes.", nameof(destination));
        }

        _block[_pending++] = 0x80;
        if (_pending > BlockSize - LengthSize)
        {
            _block.AsSpan(_pending).Clear();
            Compress(_block);
            _pending = 0;
        }

        // The length in bits, as a number of 256 bits of which messages here fill at most 131.
        _block.AsSpan(_pending).Clear();
        _block[BlockSize - 17] = (byte)(_length >> 125);
        BinaryPrimitives.WriteUInt128BigEndian(_block.AsSpan(BlockSize - 16), _length << 3);
        Compress(_block);
        for (var i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination[(8 * i)..], _hash[i]);
        }
    }

    private void Compress(ReadOnlySpan<byte> blocks)
    {
        Span<ulong> key = stackalloc ulong[8];
        Span<ulong> state = stackalloc ulong[8];
        Span<ulong> next = stackalloc ulong[8];
        for (; blocks.Length >= BlockSize; blocks = blocks[BlockSize..])
        {
            for (var i = 0; i < 8; i++)
            {
                key[i] = _hash[i];
                state[i] = BinaryPrimitives.ReadUInt64BigEndian(blocks[(8 * i)..]) ^ key[i];
            }

            foreach (var constant in WhirlpoolTables.RoundConstants)
            {
                Round(key, next);
                next[0] ^= constant;
                next.CopyTo(key);
                Round(state, next);
                for (var i = 0; i < 8; i++)
                {
                    state[i] = next[i] ^ key[i];
                }
            }

            for (var i = 0; i < 8; i++)
            {
                _hash[i] ^= state[i] ^ BinaryPrimitives.ReadUInt64BigEndian(blocks[(8 * i)..]);
            }
        }
    }

    /// <summary>Substitution, column shift and diffusion of all eight rows by table look-ups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ReadOnlySpan<ulong> from, Span<ulong> to)
    {
        ref var rows = ref MemoryMarshal.GetArrayDataReference(WhirlpoolTables.Rows);
        for (var i = 0; i < 8; i++)
        {
            to[i] = Unsafe.Add(ref rows, (int)(from[i] >> 56))
                ^ Unsafe.Add(ref rows, 256 + (int)((from[(i - 1) & 7] >> 48) & 0xFF))
                ^ Unsafe.Add(ref rows, 512 + (int)((from[(i - 2) & 7] >> 40) & 0xFF))
                ^ Unsafe.Add(ref rows, 768 + (int)((from[(i - 3) & 7] >> 32) & 0xFF))
                ^ Unsafe.Add(ref rows, 1024 + (int)((from[(i - 4) & 7] >> 24) & 0xFF))
                ^ Unsafe.Add(ref rows, 1280 + (int)((from[(i - 5) & 7] >> 16) & 0xFF))
                ^ Unsafe.Add(ref rows, 1536 + (int)((from[(i - 6) & 7] >> 8) & 0xFF))
                ^ Unsafe.Add(ref rows, 1792 + (int)(from[(i - 7) & 7] & 0xFF));
        }
    }
}
