namespace Coffre.Hashing;

/// <summary>The ways to compute the compression function; all give the same bits. The faster, the later.</summary>
internal enum WhirlpoolPath
{
    /// <summary>Tables of words; runs everywhere.</summary>
    Portable,

    /// <summary>Four 16-byte registers: AVX, Advanced SIMD.</summary>
    Vector128,

    /// <summary>Two 32-byte registers: AVX2.</summary>
    Avx2,

    /// <summary>One 64-byte register: AVX-512 VBMI and GFNI.</summary>
    Avx512,
}

/// <summary>Chooses among the ways by what the processor has.</summary>
internal static class WhirlpoolCompression
{
    /// <summary>The fastest way on this machine.</summary>
    public static WhirlpoolPath Fastest { get; } = ChooseFastest();

    /// <summary>Whether this machine has the instructions of a way.</summary>
    public static bool IsSupported(WhirlpoolPath path) => path switch
    {
        WhirlpoolPath.Avx512 => WhirlpoolAvx512.IsSupported,
        WhirlpoolPath.Avx2 => WhirlpoolAvx2.IsSupported,
        WhirlpoolPath.Vector128 => WhirlpoolVector128.IsSupported,
        _ => true,
    };

    /// <summary>Folds whole blocks into the chaining value.</summary>
    public static void Compress(WhirlpoolPath path, Span<ulong> chain, ReadOnlySpan<byte> blocks)
    {
        switch (path)
        {
            case WhirlpoolPath.Avx512:
                WhirlpoolAvx512.Compress(chain, blocks);
                break;
            case WhirlpoolPath.Avx2:
                WhirlpoolAvx2.Compress(chain, blocks);
                break;
            case WhirlpoolPath.Vector128:
                WhirlpoolVector128.Compress(chain, blocks);
                break;
            default:
                WhirlpoolPortable.Compress(chain, blocks);
                break;
        }
    }

    private static WhirlpoolPath ChooseFastest()
    {
        var path = WhirlpoolPath.Avx512;
        while (!IsSupported(path))
        {
            path--;
        }

        return path;
    }
}
