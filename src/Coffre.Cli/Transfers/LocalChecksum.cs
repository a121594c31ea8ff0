using System.Buffers;
using Coffre.Hashing;

namespace Coffre.Cli.Transfers;

/// <summary>Whirlpool of a local file.</summary>
internal static class LocalChecksum
{
    private const int BufferSize = 1024 * 1024;

    public static async Task<string> ComputeAsync(string path, CancellationToken cancellationToken)
    {
        var whirlpool = new Whirlpool();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            int read;
            while ((read = await file.ReadAsync(buffer, cancellationToken)) > 0)
            {
                whirlpool.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var digest = new byte[Whirlpool.HashSizeInBytes];
        whirlpool.GetHashAndReset(digest);
        return Convert.ToHexStringLower(digest);
    }

    private static long LengthOf(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.GetLength(file);
    }

    /// <summary>Whether a local file has that size and checksum. Reads it only if the size fits.</summary>
    public static async Task<bool> IsSameAsync(string path, long size, string? checksum, CancellationToken cancellationToken) =>
        checksum is not null && LengthOf(path) == size
        && string.Equals(await ComputeAsync(path, cancellationToken), checksum, StringComparison.Ordinal);
}
