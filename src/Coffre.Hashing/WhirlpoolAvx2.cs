using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Coffre.Hashing;

/// <summary>The compression function in two 32-byte registers (AVX2).</summary>
/// <remarks>
/// The state is kept by columns, eight bytes each: columns 0, 1, 4, 5 in one register and 2, 3, 6, 7 in the other. So a
/// turn of the rows by two columns is an exchange of registers, by four an exchange of halves, and only one turn by an odd
/// number remains. The S-box is made of its 4-bit boxes, whose last layer also yields the multiples by 2, 4 and 8.
/// </remarks>
internal static class WhirlpoolAvx2
{
    private static readonly Constants Fixed = new();

    private static readonly Columns[] RoundConstants = CreateRoundConstants();

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Folds whole blocks into the chaining value.</summary>
    public static void Compress(Span<ulong> chain, ReadOnlySpan<byte> blocks)
    {
        var constants = Fixed;
        ref var roundConstants = ref MemoryMarshal.GetArrayDataReference(RoundConstants);
        var bytes = MemoryMarshal.AsBytes(chain);
        var value = Transpose(Vector256.Create<byte>(bytes), Vector256.Create<byte>(bytes[32..]), constants.Pair);

        for (; blocks.Length >= WhirlpoolConstants.BlockSize; blocks = blocks[WhirlpoolConstants.BlockSize..])
        {
            var key = value;
            var state = Transpose(Vector256.Create(blocks), Vector256.Create(blocks[32..]), constants.Pair);
            state = new(Avx2.Xor(state.Left, value.Left), Avx2.Xor(state.Right, value.Right));
            value = state;
            for (nuint round = 0; round < WhirlpoolConstants.Rounds; round++)
            {
                // All substitutions, then both diffusions: neither chain waits long for the other's instructions to get into the
                // processor's window, and the compiler keeps more in registers than in any other order that was tried.
                Substitute(key.Left, constants.ShiftLeft, constants, out var k0, out var k0By2, out var k0By4, out var k0By8);
                Substitute(key.Right, constants.ShiftRight, constants, out var k1, out var k1By2, out var k1By4, out var k1By8);
                Substitute(state.Left, constants.ShiftLeft, constants, out var s0, out var s0By2, out var s0By4, out var s0By8);
                Substitute(state.Right, constants.ShiftRight, constants, out var s1, out var s1By2, out var s1By4, out var s1By8);
                key = Diffuse(k0, k0By2, k0By4, k0By8, k1, k1By2, k1By4, k1By8, Unsafe.Add(ref roundConstants, round));
                state = Diffuse(s0, s0By2, s0By4, s0By8, s1, s1By2, s1By4, s1By8, key);
            }

            value = new(Avx2.Xor(value.Left, state.Left), Avx2.Xor(value.Right, state.Right));
        }

        var rows = Transpose(
            Avx2.Permute2x128(value.Left, value.Right, 0x20),
            Avx2.Permute2x128(value.Left, value.Right, 0x31),
            constants.Pair);
        Avx2.Permute2x128(rows.Left, rows.Right, 0x20).CopyTo(bytes);
        Avx2.Permute2x128(rows.Left, rows.Right, 0x31).CopyTo(bytes[32..]);
    }

    /// <summary>Shifts the columns, substitutes, and yields the multiples that the diffusion adds up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Substitute(
        Vector256<byte> columns,
        Vector256<byte> shift,
        Constants constants,
        out Vector256<byte> by1,
        out Vector256<byte> by2,
        out Vector256<byte> by4,
        out Vector256<byte> by8)
    {
        var value = Avx2.Shuffle(columns, shift);
        var high = Avx2.Shuffle(constants.E, Avx2.And(Avx2.ShiftRightLogical(value.AsUInt16(), 4).AsByte(), constants.LowBits));
        var low = Avx2.Shuffle(constants.InverseE, Avx2.And(value, constants.LowBits));
        var mix = Avx2.Shuffle(constants.R, Avx2.Xor(high, low));
        high = Avx2.Xor(high, mix);
        low = Avx2.Xor(low, mix);
        by1 = Avx2.Xor(Avx2.Shuffle(constants.High1, high), Avx2.Shuffle(constants.InverseE, low));
        by2 = Avx2.Xor(Avx2.Shuffle(constants.High2, high), Avx2.Shuffle(constants.Low2, low));
        by4 = Avx2.Xor(Avx2.Shuffle(constants.High4, high), Avx2.Shuffle(constants.Low4, low));
        by8 = Avx2.Xor(Avx2.Shuffle(constants.High8, high), Avx2.Shuffle(constants.Low8, low));
    }

    /// <summary>Diffuses the rows and adds the key of the round.</summary>
    /// <remarks>
    /// The diffusion is x times (1 + 4z2 + 8z4 + 2z6) + z(1 + z2 + 5z4 + 9z6), with z for "turn by one column". Both brackets
    /// turn by even numbers: z2 takes (left, right) to (swapped right, left). Everything that is to be swapped is added
    /// up first, also what the turn by one column brings, so that one swap for each half is enough.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Columns Diffuse(
        Vector256<byte> left,
        Vector256<byte> leftBy2,
        Vector256<byte> leftBy4,
        Vector256<byte> leftBy8,
        Vector256<byte> right,
        Vector256<byte> rightBy2,
        Vector256<byte> rightBy4,
        Vector256<byte> rightBy8,
        Columns key)
    {
        var even0 = Avx2.Xor(left, rightBy2);
        var even1 = Avx2.Xor(right, leftBy4);
        var swapped0 = Avx2.Xor(rightBy4, leftBy8);
        var swapped1 = Avx2.Xor(rightBy8, leftBy2);
        var both = Avx2.Xor(left, right);
        var odd = Avx2.Xor(both, rightBy8);
        var swappedOdd0 = Avx2.Xor(both, leftBy4);
        var swappedOdd1 = Avx2.Xor(both, swapped0);
        swapped0 = Avx2.Xor(swapped0, Avx2.AlignRight(swappedOdd0, both, 8));
        swapped1 = Avx2.Xor(swapped1, Avx2.AlignRight(swappedOdd1, swappedOdd0, 8));
        even0 = Avx2.Xor(even0, Avx2.AlignRight(odd, swappedOdd1, 8));
        even1 = Avx2.Xor(even1, Avx2.AlignRight(both, odd, 8));
        return new(
            Avx2.Xor(Avx2.Xor(even0, Swap(swapped0)), key.Left),
            Avx2.Xor(Avx2.Xor(even1, Swap(swapped1)), key.Right));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Swap(Vector256<byte> value) => Avx2.Permute2x128(value, value, 0x01);

    /// <summary>Turns rows (0 to 3, 4 to 7) into columns in the order of <see cref="Columns"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Columns Transpose(Vector256<byte> first, Vector256<byte> last, Vector256<byte> pair)
    {
        first = Avx2.Shuffle(first, pair);
        last = Avx2.Shuffle(last, pair);
        var a = Avx2.Permute2x128(first, last, 0x20).AsUInt16();
        var b = Avx2.Permute2x128(first, last, 0x31).AsUInt16();
        var low = Avx2.UnpackLow(a, b).AsUInt32();
        var high = Avx2.UnpackHigh(a, b).AsUInt32();
        var upper = Avx2.Permute2x128(low, high, 0x20);
        var lower = Avx2.Permute2x128(low, high, 0x31);
        return new(Avx2.UnpackLow(upper, lower).AsByte(), Avx2.UnpackHigh(upper, lower).AsByte());
    }

    private static Columns[] CreateRoundConstants()
    {
        var rows = new ulong[WhirlpoolConstants.Rounds * WhirlpoolConstants.RowCount];
        WhirlpoolConstants.FillRoundConstants(rows);
        var bytes = MemoryMarshal.AsBytes(rows.AsSpan());
        var columns = new Columns[WhirlpoolConstants.Rounds];
        for (var round = 0; round < columns.Length; round++)
        {
            var block = bytes[(round * WhirlpoolConstants.BlockSize)..];
            columns[round] = Transpose(Vector256.Create<byte>(block), Vector256.Create<byte>(block[32..]), Fixed.Pair);
        }

        return columns;
    }

    /// <summary>A state by columns: 0, 1, 4, 5 and 2, 3, 6, 7.</summary>
    private readonly record struct Columns(Vector256<byte> Left, Vector256<byte> Right);

    /// <summary>What the rounds read.</summary>
    /// <remarks>
    /// A class, so that the compiler reads it from memory as it goes. Copied to locals, the constants would hold eleven of
    /// the sixteen registers through the whole loop and drive the state out to memory.
    /// </remarks>
    private sealed class Constants
    {
        public readonly Vector256<byte> LowBits = Vector256.Create((byte)0x0F);
        public readonly Vector256<byte> E = Twice(WhirlpoolNibbles.E);
        public readonly Vector256<byte> InverseE = Twice(WhirlpoolNibbles.InverseE);
        public readonly Vector256<byte> R = Twice(WhirlpoolNibbles.R);
        public readonly Vector256<byte> High1 = Twice(WhirlpoolNibbles.High(1));
        public readonly Vector256<byte> High2 = Twice(WhirlpoolNibbles.High(2));
        public readonly Vector256<byte> High4 = Twice(WhirlpoolNibbles.High(4));
        public readonly Vector256<byte> High8 = Twice(WhirlpoolNibbles.High(8));
        public readonly Vector256<byte> Low2 = Twice(WhirlpoolNibbles.Low(2));
        public readonly Vector256<byte> Low4 = Twice(WhirlpoolNibbles.Low(4));
        public readonly Vector256<byte> Low8 = Twice(WhirlpoolNibbles.Low(8));
        public readonly Vector256<byte> Pair = Twice(WhirlpoolNibbles.Pair);
        public readonly Vector256<byte> ShiftLeft = Vector256.Create(WhirlpoolNibbles.Shift(0), WhirlpoolNibbles.Shift(4));
        public readonly Vector256<byte> ShiftRight = Vector256.Create(WhirlpoolNibbles.Shift(2), WhirlpoolNibbles.Shift(6));

        private static Vector256<byte> Twice(Vector128<byte> value) => Vector256.Create(value, value);
    }
}
