using System.Numerics;

namespace Coffre.Hashing;

/// <summary>The tables of Whirlpool, made from the definition in ISO/IEC 10118-3:2004.</summary>
internal static class WhirlpoolTables
{
    private const int Polynomial = 0x11D;

    /// <summary>Eight tables of 256 words: byte <c>x</c> through S-box and diffusion, as it comes from column <c>t</c>, at <c>256 t + x</c>.</summary>
    public static readonly ulong[] Rows = MakeRows();

    /// <summary>The constants of the ten rounds.</summary>
    public static readonly ulong[] RoundConstants = MakeRoundConstants();

    private static byte[] MakeSBox()
    {
        ReadOnlySpan<byte> exponential = [0x1, 0xB, 0x9, 0xC, 0xD, 0x6, 0xF, 0x3, 0xE, 0x8, 0x7, 0x4, 0xA, 0x2, 0x5, 0x0];
        ReadOnlySpan<byte> random = [0x7, 0xC, 0xB, 0xD, 0xE, 0x4, 0x9, 0xF, 0x6, 0x3, 0x8, 0xA, 0x2, 0x5, 0x1, 0x0];
        Span<byte> inverse = stackalloc byte[16];
        for (var i = 0; i < 16; i++)
        {
            inverse[exponential[i]] = (byte)i;
        }

        var box = new byte[256];
        for (var x = 0; x < 256; x++)
        {
            var high = exponential[x >> 4];
            var low = inverse[x & 15];
            var middle = random[high ^ low];
            box[x] = (byte)((exponential[high ^ middle] << 4) | inverse[low ^ middle]);
        }

        return box;
    }

    private static ulong[] MakeRows()
    {
        ReadOnlySpan<byte> circulant = [1, 1, 4, 1, 8, 5, 2, 9];
        var box = MakeSBox();
        var rows = new ulong[8 * 256];
        for (var x = 0; x < 256; x++)
        {
            var row = 0UL;
            foreach (var factor in circulant)
            {
                row = (row << 8) | Multiply(box[x], factor);
            }

            for (var t = 0; t < 8; t++)
            {
                rows[(256 * t) + x] = BitOperations.RotateRight(row, 8 * t);
            }
        }

        return rows;
    }

    private static ulong[] MakeRoundConstants()
    {
        var box = MakeSBox();
        var constants = new ulong[10];
        for (var round = 0; round < constants.Length; round++)
        {
            for (var i = 0; i < 8; i++)
            {
                constants[round] = (constants[round] << 8) | box[(8 * round) + i];
            }
        }

        return constants;
    }

    private static byte Multiply(int a, int b)
    {
        var product = 0;
        for (; b != 0; b >>= 1)
        {
            product ^= (b & 1) != 0 ? a : 0;
            a <<= 1;
            a ^= (a & 0x100) != 0 ? Polynomial : 0;
        }

        return (byte)product;
    }
}
