using System.Buffers;

namespace Coffre.Hashing;

/// <summary>One-call hashing of spans and streams, in the shape of .NET's own hash types.</summary>
public sealed partial class Whirlpool
{
    /// <summary>How much of a stream is read at once, in bytes.</summary>
    private const int StreamBufferSize = 128 * 1024;

    /// <summary>Hashes bytes.</summary>
    /// <returns>The hash value, 64 bytes.</returns>
    public static byte[] HashData(ReadOnlySpan<byte> source)
    {
        var hash = new byte[HashSizeInBytes];
        HashData(source, hash);
        return hash;
    }

    /// <summary>Hashes bytes.</summary>
    /// <param name="source">The message.</param>
    /// <param name="destination">Receives the hash value.</param>
    /// <returns>How many bytes were written: 64.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than 64 bytes.</exception>
    public static int HashData(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (destination.Length < HashSizeInBytes)
        {
            throw new ArgumentException(DestinationTooShort, nameof(destination));
        }

        var path = WhirlpoolCompression.Fastest;
        var whole = source.Length & -WhirlpoolConstants.BlockSize;
        Span<ulong> chain = stackalloc ulong[WhirlpoolConstants.RowCount];
        chain.Clear();
        if (whole > 0)
        {
            WhirlpoolCompression.Compress(path, chain, source[..whole]);
        }

        Finish(path, chain, source[whole..], (uint)source.Length);
        Write(chain, destination);
        return HashSizeInBytes;
    }

    /// <summary>Hashes a stream from its position to its end, and leaves it open.</summary>
    /// <returns>The hash value, 64 bytes.</returns>
    /// <exception cref="ArgumentNullException">The source is null.</exception>
    /// <exception cref="IOException">The stream can not be read.</exception>
    public static byte[] HashData(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var whirlpool = new Whirlpool();
        var buffer = ArrayPool<byte>.Shared.Rent(StreamBufferSize);
        try
        {
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                whirlpool.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return whirlpool.GetHashAndReset();
    }

    /// <summary>Hashes a stream from its position to its end, and leaves it open.</summary>
    /// <param name="source">The message.</param>
    /// <param name="destination">Receives the hash value.</param>
    /// <returns>How many bytes were written: 64.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than 64 bytes; nothing has been read.</exception>
    /// <exception cref="IOException">The stream can not be read.</exception>
    public static int HashData(Stream source, Span<byte> destination)
    {
        if (destination.Length < HashSizeInBytes)
        {
            throw new ArgumentException(DestinationTooShort, nameof(destination));
        }

        HashData(source).CopyTo(destination);
        return HashSizeInBytes;
    }

    /// <summary>Hashes a stream from its position to its end, and leaves it open.</summary>
    /// <returns>The hash value, 64 bytes.</returns>
    /// <exception cref="ArgumentNullException">The source is null.</exception>
    /// <exception cref="IOException">The stream can not be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the stream's position is anywhere.</exception>
    public static ValueTask<byte[]> HashDataAsync(Stream source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return HashCoreAsync(source, cancellationToken);
    }

    /// <summary>Hashes a stream from its position to its end, and leaves it open.</summary>
    /// <param name="source">The message.</param>
    /// <param name="destination">Receives the hash value.</param>
    /// <param name="cancellationToken">Stops between two reads.</param>
    /// <returns>How many bytes were written: 64.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than 64 bytes; nothing has been read.</exception>
    /// <exception cref="IOException">The stream can not be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the stream's position is anywhere.</exception>
    public static ValueTask<int> HashDataAsync(Stream source, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (destination.Length < HashSizeInBytes)
        {
            throw new ArgumentException(DestinationTooShort, nameof(destination));
        }

        return HashIntoAsync(source, destination, cancellationToken);
    }

    private static async ValueTask<int> HashIntoAsync(Stream source, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var hash = await HashCoreAsync(source, cancellationToken).ConfigureAwait(false);
        hash.CopyTo(destination);
        return HashSizeInBytes;
    }

    private static async ValueTask<byte[]> HashCoreAsync(Stream source, CancellationToken cancellationToken)
    {
        var whirlpool = new Whirlpool();
        var buffer = ArrayPool<byte>.Shared.Rent(StreamBufferSize);
        try
        {
            for (int read; (read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                whirlpool.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return whirlpool.GetHashAndReset();
    }
}
