using System.Runtime.Intrinsics;

namespace Coffre.Hashing;

/// <summary>The 16-byte constants of the ways that work on 4-bit boxes and on a state kept by columns.</summary>
internal static class WhirlpoolNibbles
{
    public static Vector128<byte> E => Vector128.Create(WhirlpoolConstants.E);

    public static Vector128<byte> InverseE => Vector128.Create(WhirlpoolConstants.InverseE);

    public static Vector128<byte> R => Vector128.Create(WhirlpoolConstants.R);

    /// <summary>Indices that bring the two bytes of each column of two rows together.</summary>
    public static Vector128<byte> Pair => Create(static at => at % 2 * 8 + at / 2);

    /// <summary>The upper half of the S-box's last layer, multiplied in the field.</summary>
    public static Vector128<byte> High(int factor) =>
        Create(at => WhirlpoolConstants.Multiply(WhirlpoolConstants.E[at] << 4, factor));

    /// <summary>The lower half of the S-box's last layer, multiplied in the field.</summary>
    public static Vector128<byte> Low(int factor) =>
        Create(at => WhirlpoolConstants.Multiply(WhirlpoolConstants.InverseE[at], factor));

    /// <summary>Indices that shift a column and the next one down by as many bytes as their numbers say.</summary>
    public static Vector128<byte> Shift(int column) =>
        Create(at => (at & 8) + ((at - column - at / 8) & 7));

    private static Vector128<byte> Create(Func<int, int> byteAt)
    {
        Span<byte> bytes = stackalloc byte[16];
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] = (byte)byteAt(at);
        }

        return Vector128.Create<byte>(bytes);
    }
}
