using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Coffre.Hashing;

/// <summary>The compression function with the whole state in one register (AVX-512 with byte permutations, GFNI).</summary>
/// <remarks>
/// <para>
/// Byte <c>8i + j</c> of the register is column j of row i, as in memory. The key schedule is the same round with a
/// constant for a key; it runs beside the data, so that one chain of dependent instructions fills the gaps of the other.
/// </para>
/// <para>
/// Direct intrinsics and not the portable vector helpers: nothing here may fall back to software in silence.
/// docs/performance.md tells why these instructions were chosen and what did not help.
/// </para>
/// </remarks>
internal static class WhirlpoolAvx512
{
    /// <summary>Truth table of a three-way exclusive or.</summary>
    private const byte Xor3 = 0x96;

    /// <summary>Truth table of "first ? second : third".</summary>
    private const byte Select = 0xCA;

    private static readonly Constants Fixed = new();

    private static readonly Vector512<byte>[] RoundConstants = CreateRoundConstants();

    public static bool IsSupported => Avx512BW.IsSupported && Avx512Vbmi.IsSupported && Gfni.V512.IsSupported;

    /// <summary>Folds whole blocks into the chaining value.</summary>
    public static void Compress(Span<ulong> chain, ReadOnlySpan<byte> blocks)
    {
        var constants = Fixed;
        ref var roundConstants = ref MemoryMarshal.GetArrayDataReference(RoundConstants);
        var value = Vector512.Create<ulong>(chain).AsByte();

        for (; blocks.Length >= WhirlpoolConstants.BlockSize; blocks = blocks[WhirlpoolConstants.BlockSize..])
        {
            var key = value;
            var state = Avx512F.Xor(Vector512.Create(blocks), value);
            value = state;
            for (nuint round = 0; round < WhirlpoolConstants.Rounds; round++)
            {
                key = Round(key, Unsafe.Add(ref roundConstants, round), in constants);
                state = Round(state, key, in constants);
            }

            value = Avx512F.Xor(value, state);
        }

        value.AsUInt64().CopyTo(chain);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Round(Vector512<byte> state, Vector512<byte> key, in Constants constants)
    {
        // The S-box: a look-up in each half of its table by the low seven bits, then a choice by the top bit. The choice's
        // mask is a shuffle, which yields zero where the top bit is set; mask registers would cost six cycles.
        var isLow = Avx512BW.Shuffle(constants.Ones, state);
        var low = Avx512Vbmi.PermuteVar64x8x2(constants.Table0, state, constants.Table1);
        var high = Avx512Vbmi.PermuteVar64x8x2(constants.Table2, state, constants.Table3);
        var substituted = Avx512F.TernaryLogic(isLow, low, high, Select);

        // With z for "turn the row by one byte", the diffusion is x times 1 + z + 4z2 + z3 + 8z4 + 5z5 + 2z6 + 9z7.
        // With w = (1 + z3)x that is w + zx + 4z2 w + 8z4 w + z5(x + z2 x + 2zx): six turns and three products.
        var x = Avx512Vbmi.PermuteVar64x8(substituted, constants.ShiftColumns);
        var turned2 = Avx512BW.Shuffle(x, constants.Turn2);
        var w = Avx512F.Xor(x, Avx512F.RotateLeft(x.AsUInt64(), 24).AsByte());
        var fourfold = Gfni.V512.GaloisFieldAffineTransform(w, constants.Times4, 0);
        var turned1 = Avx512BW.Shuffle(x, constants.Turn1);
        var twofold = Gfni.V512.GaloisFieldAffineTransform(turned1, constants.Times2, 0);
        var eightfold = Gfni.V512.GaloisFieldAffineTransform(w, constants.Times8, 0);
        var inner = Avx512F.TernaryLogic(x, turned2, twofold, Xor3);
        var outer = Avx512F.TernaryLogic(w, turned1, key, Xor3);
        return Avx512F.TernaryLogic(
            Avx512BW.Shuffle(fourfold, constants.Turn2),
            Avx512BW.Shuffle(eightfold, constants.Turn4),
            Avx512F.Xor(Avx512BW.Shuffle(inner, constants.Turn5), outer),
            Xor3);
    }

    private static Vector512<byte>[] CreateRoundConstants()
    {
        var rows = new ulong[WhirlpoolConstants.Rounds * WhirlpoolConstants.RowCount];
        WhirlpoolConstants.FillRoundConstants(rows);
        return MemoryMarshal.Cast<ulong, Vector512<byte>>(rows).ToArray();
    }

    /// <summary>What the rounds read; copied to locals once for many blocks, it stays in registers.</summary>
    private readonly struct Constants
    {
        public readonly Vector512<byte> Table0 = CreateTable(0);
        public readonly Vector512<byte> Table1 = CreateTable(1);
        public readonly Vector512<byte> Table2 = CreateTable(2);
        public readonly Vector512<byte> Table3 = CreateTable(3);
        public readonly Vector512<byte> Ones = Vector512<byte>.AllBitsSet;
        public readonly Vector512<byte> ShiftColumns = Create(static at => 8 * ((at / 8 - at) & 7) + at % 8);
        public readonly Vector512<byte> Turn1 = CreateTurn(1);
        public readonly Vector512<byte> Turn2 = CreateTurn(2);
        public readonly Vector512<byte> Turn4 = CreateTurn(4);
        public readonly Vector512<byte> Turn5 = CreateTurn(5);
        public readonly Vector512<byte> Times2 = CreateProduct(2);
        public readonly Vector512<byte> Times4 = CreateProduct(4);
        public readonly Vector512<byte> Times8 = CreateProduct(8);

        public Constants()
        {
        }

        private static Vector512<byte> Create(Func<int, int> byteAt)
        {
            Span<byte> bytes = stackalloc byte[64];
            for (var at = 0; at < bytes.Length; at++)
            {
                bytes[at] = (byte)byteAt(at);
            }

            return Vector512.Create<byte>(bytes);
        }

        private static Vector512<byte> CreateTable(int quarter) => Create(at => WhirlpoolConstants.Substitute(64 * quarter + at));

        /// <summary>Indices, within each 16 bytes, that move every byte of a row on by some columns.</summary>
        private static Vector512<byte> CreateTurn(int columns) => Create(at => (at & 8) + ((at - columns) & 7));

        /// <summary>The bit matrix of a product in the field, in the order of GF2P8AFFINEQB: row i is byte 7 - i.</summary>
        private static Vector512<byte> CreateProduct(int factor) => Create(at =>
        {
            var row = 7 - at % 8;
            var bits = 0;
            for (var column = 0; column < 8; column++)
            {
                bits |= (WhirlpoolConstants.Multiply(1 << column, factor) >> row & 1) << column;
            }

            return bits;
        });
    }
}
