namespace Coffre.Hashing;

/// <summary>The ways to compute the compression function; all give the same bits.</summary>
internal enum WhirlpoolPath
{
    /// <summary>Tables of words; runs everywhere.</summary>
    Portable,
}

/// <summary>Chooses among the ways by what the processor has.</summary>
internal static class WhirlpoolCompression
{
    /// <summary>The fastest way on this machine.</summary>
    public static WhirlpoolPath Fastest => WhirlpoolPath.Portable;

    public static bool IsSupported(WhirlpoolPath path) => path == WhirlpoolPath.Portable;

    /// <summary>Folds whole blocks into the chaining value.</summary>
    public static void Compress(WhirlpoolPath path, Span<ulong> chain, ReadOnlySpan<byte> blocks)
    {
        switch (path)
        {
            default:
                WhirlpoolPortable.Compress(chain, blocks);
                break;
        }
    }
}
