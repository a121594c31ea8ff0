using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Coffre.Hashing;

/// <summary>The compression function by table look-up, for every machine.</summary>
/// <remarks>
/// References without bounds checks instead of spans: a round is 64 look-ups by a byte in tables of 256 entries, which
/// can not leave the table but which the compiler checks all the same.
/// </remarks>
internal static class WhirlpoolPortable
{
    private static readonly ulong[] Tables = CreateTables();

    private static readonly ulong[] RoundConstants = CreateRoundConstants();

    /// <summary>Folds whole blocks into the chaining value.</summary>
    public static void Compress(Span<ulong> chain, ReadOnlySpan<byte> blocks)
    {
        Rows key = default;
        Rows state = default;
        ref var table = ref MemoryMarshal.GetArrayDataReference(Tables);
        ref var constants = ref MemoryMarshal.GetArrayDataReference(RoundConstants);

        for (; blocks.Length >= WhirlpoolConstants.BlockSize; blocks = blocks[WhirlpoolConstants.BlockSize..])
        {
            for (var row = 0; row < WhirlpoolConstants.RowCount; row++)
            {
                var word = ReadRow(blocks, row);
                key[row] = chain[row];
                state[row] = word ^ chain[row];
                chain[row] ^= word;
            }

            for (var round = 0; round < WhirlpoolConstants.Rounds; round++)
            {
                Round(ref table, ref key[0], ref Unsafe.Add(ref constants, round * WhirlpoolConstants.RowCount));
                Round(ref table, ref state[0], ref key[0]);
            }

            for (var row = 0; row < WhirlpoolConstants.RowCount; row++)
            {
                chain[row] ^= state[row];
            }
        }
    }

    private static ulong ReadRow(ReadOnlySpan<byte> block, int row) =>
        BinaryPrimitives.ReadUInt64LittleEndian(block[(8 * row)..]);

    /// <summary>One round in place: substitute, shift the columns, diffuse the rows, add the round key.</summary>
    /// <remarks>Not inlined: inside the larger method the sums would not all get registers, which costs a third.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Round(ref ulong table, ref ulong rows, ref ulong key)
    {
        // Byte j of row i ends up in row i + j. The eight sums stay in registers while the rows pass by once.
        var sum0 = key;
        var sum1 = Unsafe.Add(ref key, 1);
        var sum2 = Unsafe.Add(ref key, 2);
        var sum3 = Unsafe.Add(ref key, 3);
        var sum4 = Unsafe.Add(ref key, 4);
        var sum5 = Unsafe.Add(ref key, 5);
        var sum6 = Unsafe.Add(ref key, 6);
        var sum7 = Unsafe.Add(ref key, 7);

        Scatter(ref table, rows, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
        Scatter(ref table, Unsafe.Add(ref rows, 1), ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7, ref sum0);
        Scatter(ref table, Unsafe.Add(ref rows, 2), ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7, ref sum0, ref sum1);
        Scatter(ref table, Unsafe.Add(ref rows, 3), ref sum3, ref sum4, ref sum5, ref sum6, ref sum7, ref sum0, ref sum1, ref sum2);
        Scatter(ref table, Unsafe.Add(ref rows, 4), ref sum4, ref sum5, ref sum6, ref sum7, ref sum0, ref sum1, ref sum2, ref sum3);
        Scatter(ref table, Unsafe.Add(ref rows, 5), ref sum5, ref sum6, ref sum7, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4);
        Scatter(ref table, Unsafe.Add(ref rows, 6), ref sum6, ref sum7, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5);
        Scatter(ref table, Unsafe.Add(ref rows, 7), ref sum7, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6);

        rows = sum0;
        Unsafe.Add(ref rows, 1) = sum1;
        Unsafe.Add(ref rows, 2) = sum2;
        Unsafe.Add(ref rows, 3) = sum3;
        Unsafe.Add(ref rows, 4) = sum4;
        Unsafe.Add(ref rows, 5) = sum5;
        Unsafe.Add(ref rows, 6) = sum6;
        Unsafe.Add(ref rows, 7) = sum7;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(
        ref ulong table,
        ulong row,
        ref ulong sum0,
        ref ulong sum1,
        ref ulong sum2,
        ref ulong sum3,
        ref ulong sum4,
        ref ulong sum5,
        ref ulong sum6,
        ref ulong sum7)
    {
        sum0 ^= Unsafe.Add(ref table, 0x000 + (nuint)(byte)row);
        row >>= 8;
        sum1 ^= Unsafe.Add(ref table, 0x100 + (nuint)(byte)row);
        row >>= 8;
        sum2 ^= Unsafe.Add(ref table, 0x200 + (nuint)(byte)row);
        row >>= 8;
        sum3 ^= Unsafe.Add(ref table, 0x300 + (nuint)(byte)row);
        row >>= 8;
        sum4 ^= Unsafe.Add(ref table, 0x400 + (nuint)(byte)row);
        row >>= 8;
        sum5 ^= Unsafe.Add(ref table, 0x500 + (nuint)(byte)row);
        row >>= 8;
        sum6 ^= Unsafe.Add(ref table, 0x600 + (nuint)(byte)row);
        row >>= 8;
        sum7 ^= Unsafe.Add(ref table, 0x700 + (nuint)row);
    }

    private static ulong[] CreateTables()
    {
        var tables = new ulong[8 * 256];
        WhirlpoolConstants.FillDiffusionTables(tables);
        return tables;
    }

    private static ulong[] CreateRoundConstants()
    {
        var rows = new ulong[WhirlpoolConstants.Rounds * WhirlpoolConstants.RowCount];
        WhirlpoolConstants.FillRoundConstants(rows);
        return rows;
    }

    [InlineArray(WhirlpoolConstants.RowCount)]
    private struct Rows
    {
        private ulong _first;
    }
}
