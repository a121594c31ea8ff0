using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Coffre.Hashing;

/// <summary>The compression function by table look-up, for every machine.</summary>
/// <remarks>
/// <para>
/// References without bounds checks instead of spans: a round is 64 look-ups by a byte in tables of 256 entries, which
/// can not leave the table but which the compiler checks all the same.
/// </para>
/// <para>
/// The sums of a round lie in vector registers, of which only one word is used: every x64 and ARM64 processor has them, the
/// look-ups' additions then go past the units that take the bytes apart, and nothing has to be spilled.
/// </para>
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
        var sum0 = Read(ref key);
        var sum1 = Read(ref Unsafe.Add(ref key, 1));
        var sum2 = Read(ref Unsafe.Add(ref key, 2));
        var sum3 = Read(ref Unsafe.Add(ref key, 3));
        var sum4 = Read(ref Unsafe.Add(ref key, 4));
        var sum5 = Read(ref Unsafe.Add(ref key, 5));
        var sum6 = Read(ref Unsafe.Add(ref key, 6));
        var sum7 = Read(ref Unsafe.Add(ref key, 7));

        Scatter(ref table, rows, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7);
        Scatter(ref table, Unsafe.Add(ref rows, 1), ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7, ref sum0);
        Scatter(ref table, Unsafe.Add(ref rows, 2), ref sum2, ref sum3, ref sum4, ref sum5, ref sum6, ref sum7, ref sum0, ref sum1);
        Scatter(ref table, Unsafe.Add(ref rows, 3), ref sum3, ref sum4, ref sum5, ref sum6, ref sum7, ref sum0, ref sum1, ref sum2);
        Scatter(ref table, Unsafe.Add(ref rows, 4), ref sum4, ref sum5, ref sum6, ref sum7, ref sum0, ref sum1, ref sum2, ref sum3);
        Scatter(ref table, Unsafe.Add(ref rows, 5), ref sum5, ref sum6, ref sum7, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4);
        Scatter(ref table, Unsafe.Add(ref rows, 6), ref sum6, ref sum7, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5);
        Scatter(ref table, Unsafe.Add(ref rows, 7), ref sum7, ref sum0, ref sum1, ref sum2, ref sum3, ref sum4, ref sum5, ref sum6);

        rows = sum0.ToScalar();
        Unsafe.Add(ref rows, 1) = sum1.ToScalar();
        Unsafe.Add(ref rows, 2) = sum2.ToScalar();
        Unsafe.Add(ref rows, 3) = sum3.ToScalar();
        Unsafe.Add(ref rows, 4) = sum4.ToScalar();
        Unsafe.Add(ref rows, 5) = sum5.ToScalar();
        Unsafe.Add(ref rows, 6) = sum6.ToScalar();
        Unsafe.Add(ref rows, 7) = sum7.ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scatter(
        ref ulong table,
        ulong row,
        ref Vector128<ulong> sum0,
        ref Vector128<ulong> sum1,
        ref Vector128<ulong> sum2,
        ref Vector128<ulong> sum3,
        ref Vector128<ulong> sum4,
        ref Vector128<ulong> sum5,
        ref Vector128<ulong> sum6,
        ref Vector128<ulong> sum7)
    {
        sum0 ^= Read(ref Unsafe.Add(ref table, 0x000 + (nuint)(byte)row));
        row >>= 8;
        sum1 ^= Read(ref Unsafe.Add(ref table, 0x100 + (nuint)(byte)row));
        row >>= 8;
        sum2 ^= Read(ref Unsafe.Add(ref table, 0x200 + (nuint)(byte)row));
        row >>= 8;
        sum3 ^= Read(ref Unsafe.Add(ref table, 0x300 + (nuint)(byte)row));
        row >>= 8;
        sum4 ^= Read(ref Unsafe.Add(ref table, 0x400 + (nuint)(byte)row));
        row >>= 8;
        sum5 ^= Read(ref Unsafe.Add(ref table, 0x500 + (nuint)(byte)row));
        row >>= 8;
        sum6 ^= Read(ref Unsafe.Add(ref table, 0x600 + (nuint)(byte)row));
        row >>= 8;
        sum7 ^= Read(ref Unsafe.Add(ref table, 0x700 + (nuint)row));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Read(ref ulong word) => Vector128.CreateScalarUnsafe(word);

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
