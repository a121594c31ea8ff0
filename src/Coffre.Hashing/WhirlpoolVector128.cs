using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Coffre.Hashing;

/// <summary>The compression function in four 16-byte registers (AVX, or Advanced SIMD on ARM).</summary>
/// <remarks>
/// SSSE3 has the instructions too, but its two-operand forms copy so much that the portable tables are as fast.
/// The state is kept by columns, two in a register, so that a turn of the rows by an even number of columns is a renaming
/// of registers. The S-box is made of its 4-bit boxes, whose last layer also yields the multiples by 2, 4 and 8.
/// </remarks>
internal static class WhirlpoolVector128
{
    private static readonly Constants Fixed = new();

    private static readonly Columns[] RoundConstants = CreateRoundConstants();

    public static bool IsSupported => BitConverter.IsLittleEndian && (Avx.IsSupported || AdvSimd.Arm64.IsSupported);

    /// <summary>Folds whole blocks into the chaining value.</summary>
    public static void Compress(Span<ulong> chain, ReadOnlySpan<byte> blocks)
    {
        var constants = Fixed;
        var bytes = MemoryMarshal.AsBytes(chain);
        var value = Transpose(Read(bytes), constants.Pair);

        for (; blocks.Length >= WhirlpoolConstants.BlockSize; blocks = blocks[WhirlpoolConstants.BlockSize..])
        {
            var key = value;
            var state = Add(Transpose(Read(blocks), constants.Pair), value);
            value = state;
            foreach (ref readonly var roundConstant in RoundConstants.AsSpan())
            {
                Round(ref key, in roundConstant, in constants);
                Round(ref state, in key, in constants);
            }

            value = Add(value, state);
        }

        var rows = Transpose(value, constants.Pair);
        rows.V0.CopyTo(bytes);
        rows.V1.CopyTo(bytes[16..]);
        rows.V2.CopyTo(bytes[32..]);
        rows.V3.CopyTo(bytes[48..]);
    }

    private static void Round(ref Columns state, in Columns key, in Constants constants)
    {
        // The diffusion is x times (1 + 4z2 + 8z4 + 2z6) + z(1 + z2 + z4 + z6 + 4z4 + 8z6), with z for "turn by one column"; z2 is
        // the next register. Each register adds its multiples to four even sums and to two odd ones; what all odd ones share
        // is added once.
        Substitute(Shuffle(state.V0, constants.Shift0), in constants, out var by1, out var by2, out var by4, out var by8);
        var sum = by1;
        var even0 = by1 ^ key.V0;
        var even1 = by4 ^ key.V1;
        var even2 = by8 ^ key.V2;
        var even3 = by2 ^ key.V3;
        var odd2 = by4;
        var odd3 = by8;

        Substitute(Shuffle(state.V1, constants.Shift2), in constants, out by1, out by2, out by4, out by8);
        sum ^= by1;
        even1 ^= by1;
        even2 ^= by4;
        even3 ^= by8;
        even0 ^= by2;
        odd3 ^= by4;
        var odd0 = by8;

        Substitute(Shuffle(state.V2, constants.Shift4), in constants, out by1, out by2, out by4, out by8);
        sum ^= by1;
        even2 ^= by1;
        even3 ^= by4;
        even0 ^= by8;
        even1 ^= by2;
        odd0 ^= by4;
        var odd1 = by8;

        Substitute(Shuffle(state.V3, constants.Shift6), in constants, out by1, out by2, out by4, out by8);
        sum ^= by1;
        even3 ^= by1;
        even0 ^= by4;
        even1 ^= by8;
        even2 ^= by2;
        odd1 ^= by4;
        odd2 ^= by8;

        odd0 ^= sum;
        odd1 ^= sum;
        odd2 ^= sum;
        odd3 ^= sum;
        state.V0 = even0 ^ Join(odd3, odd0);
        state.V1 = even1 ^ Join(odd0, odd1);
        state.V2 = even2 ^ Join(odd1, odd2);
        state.V3 = even3 ^ Join(odd2, odd3);
    }

    /// <summary>The S-box on 16 bytes, and its products by 2, 4 and 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Substitute(
        Vector128<byte> value,
        in Constants constants,
        out Vector128<byte> by1,
        out Vector128<byte> by2,
        out Vector128<byte> by4,
        out Vector128<byte> by8)
    {
        var high = Shuffle(constants.E, Vector128.ShiftRightLogical(value.AsUInt16(), 4).AsByte() & constants.LowBits);
        var low = Shuffle(constants.InverseE, value & constants.LowBits);
        var mix = Shuffle(constants.R, high ^ low);
        high ^= mix;
        low ^= mix;
        by1 = Shuffle(constants.High1, high) ^ Shuffle(constants.InverseE, low);
        by2 = Shuffle(constants.High2, high) ^ Shuffle(constants.Low2, low);
        by4 = Shuffle(constants.High4, high) ^ Shuffle(constants.Low4, low);
        by8 = Shuffle(constants.High8, high) ^ Shuffle(constants.Low8, low);
    }

    /// <summary>A look-up in 16 bytes; every index here is below 16, where the two machines agree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Shuffle(Vector128<byte> table, Vector128<byte> indices) =>
        Ssse3.IsSupported ? Ssse3.Shuffle(table, indices) : AdvSimd.Arm64.VectorTableLookup(table, indices);

    /// <summary>The second column of one register before the first of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Join(Vector128<byte> left, Vector128<byte> right) =>
        Ssse3.IsSupported ? Ssse3.AlignRight(right, left, 8) : AdvSimd.ExtractVector128(left, right, 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Columns Add(in Columns left, in Columns right) =>
        new(left.V0 ^ right.V0, left.V1 ^ right.V1, left.V2 ^ right.V2, left.V3 ^ right.V3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Columns Read(ReadOnlySpan<byte> block) =>
        new(Vector128.Create(block), Vector128.Create(block[16..]), Vector128.Create(block[32..]), Vector128.Create(block[48..]));

    /// <summary>Turns rows, two in a register, into columns, or back.</summary>
    private static Columns Transpose(in Columns rows, Vector128<byte> pair)
    {
        var row0 = Shuffle(rows.V0, pair).AsUInt16();
        var row2 = Shuffle(rows.V1, pair).AsUInt16();
        var row4 = Shuffle(rows.V2, pair).AsUInt16();
        var row6 = Shuffle(rows.V3, pair).AsUInt16();
        var upperLow = ZipLow(row0, row2).AsUInt32();
        var upperHigh = ZipHigh(row0, row2).AsUInt32();
        var lowerLow = ZipLow(row4, row6).AsUInt32();
        var lowerHigh = ZipHigh(row4, row6).AsUInt32();
        return new(
            ZipLow(upperLow, lowerLow).AsByte(),
            ZipHigh(upperLow, lowerLow).AsByte(),
            ZipLow(upperHigh, lowerHigh).AsByte(),
            ZipHigh(upperHigh, lowerHigh).AsByte());
    }

    private static Vector128<ushort> ZipLow(Vector128<ushort> left, Vector128<ushort> right) =>
        Sse2.IsSupported ? Sse2.UnpackLow(left, right) : AdvSimd.Arm64.ZipLow(left, right);

    private static Vector128<ushort> ZipHigh(Vector128<ushort> left, Vector128<ushort> right) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(left, right) : AdvSimd.Arm64.ZipHigh(left, right);

    private static Vector128<uint> ZipLow(Vector128<uint> left, Vector128<uint> right) =>
        Sse2.IsSupported ? Sse2.UnpackLow(left, right) : AdvSimd.Arm64.ZipLow(left, right);

    private static Vector128<uint> ZipHigh(Vector128<uint> left, Vector128<uint> right) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(left, right) : AdvSimd.Arm64.ZipHigh(left, right);

    private static Columns[] CreateRoundConstants()
    {
        var rows = new ulong[WhirlpoolConstants.Rounds * WhirlpoolConstants.RowCount];
        WhirlpoolConstants.FillRoundConstants(rows);
        var bytes = MemoryMarshal.AsBytes(rows.AsSpan());
        var columns = new Columns[WhirlpoolConstants.Rounds];
        for (var round = 0; round < columns.Length; round++)
        {
            columns[round] = Transpose(Read(bytes[(round * WhirlpoolConstants.BlockSize)..]), Fixed.Pair);
        }

        return columns;
    }

    /// <summary>A state by columns, two in a register; or by rows on its way there.</summary>
    private struct Columns(Vector128<byte> v0, Vector128<byte> v1, Vector128<byte> v2, Vector128<byte> v3)
    {
        public Vector128<byte> V0 = v0;
        public Vector128<byte> V1 = v1;
        public Vector128<byte> V2 = v2;
        public Vector128<byte> V3 = v3;
    }

    /// <summary>What the rounds read.</summary>
    private readonly struct Constants
    {
        public readonly Vector128<byte> LowBits = Vector128.Create((byte)0x0F);
        public readonly Vector128<byte> E = WhirlpoolNibbles.E;
        public readonly Vector128<byte> InverseE = WhirlpoolNibbles.InverseE;
        public readonly Vector128<byte> R = WhirlpoolNibbles.R;
        public readonly Vector128<byte> High1 = WhirlpoolNibbles.High(1);
        public readonly Vector128<byte> High2 = WhirlpoolNibbles.High(2);
        public readonly Vector128<byte> High4 = WhirlpoolNibbles.High(4);
        public readonly Vector128<byte> High8 = WhirlpoolNibbles.High(8);
        public readonly Vector128<byte> Low2 = WhirlpoolNibbles.Low(2);
        public readonly Vector128<byte> Low4 = WhirlpoolNibbles.Low(4);
        public readonly Vector128<byte> Low8 = WhirlpoolNibbles.Low(8);
        public readonly Vector128<byte> Pair = WhirlpoolNibbles.Pair;
        public readonly Vector128<byte> Shift0 = WhirlpoolNibbles.Shift(0);
        public readonly Vector128<byte> Shift2 = WhirlpoolNibbles.Shift(2);
        public readonly Vector128<byte> Shift4 = WhirlpoolNibbles.Shift(4);
        public readonly Vector128<byte> Shift6 = WhirlpoolNibbles.Shift(6);

        public Constants()
        {
        }
    }
}
