using System.Numerics;

namespace Coffre.Hashing;

/// <summary>Everything that the specification defines, computed from its definition.</summary>
/// <remarks>
/// Source: ISO/IEC 10118-3:2004, dedicated hash function 7. A state is eight rows of eight bytes. Rows are kept as
/// little-endian words here: column <c>j</c> of a row is bits <c>8j</c> to <c>8j + 7</c>.
/// </remarks>
internal static class WhirlpoolConstants
{
    public const int Rounds = 10;

    public const int BlockSize = 64;

    public const int RowCount = 8;

    /// <summary>The field is GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.</summary>
    private const int Polynomial = 0x11D;

    /// <summary>The 4-bit box E, the power function of the small field.</summary>
    public static ReadOnlySpan<byte> E => [0x1, 0xB, 0x9, 0xC, 0xD, 0x6, 0xF, 0x3, 0xE, 0x8, 0x7, 0x4, 0xA, 0x2, 0x5, 0x0];

    /// <summary>The inverse of <see cref="E"/>.</summary>
    public static ReadOnlySpan<byte> InverseE => [0xF, 0x0, 0xD, 0x7, 0xB, 0xE, 0x5, 0xA, 0x9, 0x2, 0xC, 0x1, 0x3, 0x4, 0x8, 0x6];

    /// <summary>The 4-bit box R, found at random by the authors of Whirlpool.</summary>
    public static ReadOnlySpan<byte> R => [0x7, 0xC, 0xB, 0xD, 0xE, 0x4, 0x9, 0xF, 0x6, 0x3, 0x8, 0xA, 0x2, 0x5, 0x1, 0x0];

    /// <summary>The first row of the circulant diffusion matrix; each further row is turned right by one.</summary>
    private static ReadOnlySpan<byte> Circulant => [1, 1, 4, 1, 8, 5, 2, 9];

    /// <summary>The 8-bit box: two layers of E and its inverse, with R between them.</summary>
    public static byte Substitute(int value)
    {
        var high = E[value >> 4];
        var low = InverseE[value & 0xF];
        var mix = R[high ^ low];
        return (byte)(E[high ^ mix] << 4 | InverseE[low ^ mix]);
    }

    /// <summary>Multiplies in GF(2^8).</summary>
    public static byte Multiply(int left, int right)
    {
        var product = 0;
        for (; right != 0; right >>= 1)
        {
            product ^= (right & 1) * left;
            left <<= 1;
            left ^= (left >> 8) * Polynomial;
        }

        return (byte)product;
    }

    /// <summary>The ten round constants: eight words each, of which all but the first are zero.</summary>
    public static void FillRoundConstants(Span<ulong> rows)
    {
        rows.Clear();
        for (var round = 0; round < Rounds; round++)
        {
            for (var column = 0; column < RowCount; column++)
            {
                rows[round * RowCount] |= (ulong)Substitute(RowCount * round + column) << (8 * column);
            }
        }
    }

    /// <summary>
    /// Eight tables of 256 words: what a byte of a column adds to its row once it has been substituted and diffused.
    /// </summary>
    public static void FillDiffusionTables(Span<ulong> tables)
    {
        for (var value = 0; value < 256; value++)
        {
            ulong row = 0;
            for (var column = 0; column < RowCount; column++)
            {
                row |= (ulong)Multiply(Substitute(value), Circulant[column]) << (8 * column);
            }

            for (var column = 0; column < RowCount; column++)
            {
                tables[column * 256 + value] = BitOperations.RotateLeft(row, 8 * column);
            }
        }
    }
}
