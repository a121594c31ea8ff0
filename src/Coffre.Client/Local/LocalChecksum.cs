using System.Buffers;
using Coffre.Hashing;

namespace Coffre.Client;

/// <summary>Whirlpool of a local file.</summary>
public static class LocalChecksum
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Reads a file to its end.</summary>
    /// <returns>128 lower-case hexadecimal digits.</returns>
    /// <exception cref="IOException">It cannot be read; so with <see cref="UnauthorizedAccessException"/>.</exception>
    public static async Task<string> ComputeAsync(string path, CancellationToken cancellationToken)
    {
        var whirlpool = new Whirlpool();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            await using (file.ConfigureAwait(false))
            {
                int read;
                while ((read = await file.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    whirlpool.Append(buffer.AsSpan(0, read));
                }
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

    /// <summary>Whether a local file has that size and checksum. Reads it only if the size fits.</summary>
    public static async Task<bool> IsSameAsync(string path, long size, string? checksum, CancellationToken cancellationToken) =>
        checksum is not null && LengthOf(path) == size
        && string.Equals(await ComputeAsync(path, cancellationToken).ConfigureAwait(false), checksum, StringComparison.Ordinal);

    internal static string Of(ReadOnlySpan<byte> content) => Checksums.Text(Whirlpool.HashData(content));

    private static long LengthOf(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return RandomAccess.GetLength(file);
    }
}
