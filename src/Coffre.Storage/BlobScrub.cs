using System.Buffers;
using Coffre.Hashing;

namespace Coffre.Storage;

/// <summary>What a scrub found.</summary>
public enum ScrubVerdict
{
    /// <summary>The bytes are the bytes that were committed.</summary>
    Ok,

    /// <summary>The store has no such blob.</summary>
    Missing,

    /// <summary>The length or the checksum is another one.</summary>
    Corrupt,
}

/// <summary>Reads blobs back and compares them with what their receipts said.</summary>
public static class BlobScrub
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Reads one blob, in bounded memory, and says whether it is what was committed.</summary>
    /// <param name="store">Where the blob lies.</param>
    /// <param name="id">Its name.</param>
    /// <param name="length">The length on the receipt, in bytes.</param>
    /// <param name="checksum">The Whirlpool on the receipt, 64 bytes.</param>
    /// <param name="cancellationToken">Gives up the reading.</param>
    /// <exception cref="StorageException">The disk failed to read: that says nothing of the blob.</exception>
    public static async Task<ScrubVerdict> VerifyAsync(
        IBlobStore store, BlobId id, long length, ReadOnlyMemory<byte> checksum, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        try
        {
            if (await store.FindAsync(id, cancellationToken) is not { } blob)
            {
                return ScrubVerdict.Missing;
            }

            if (blob.Length != length)
            {
                return ScrubVerdict.Corrupt;
            }

            await using var bytes = await store.OpenAsync(id, new ByteRange(0, length), cancellationToken);
            return bytes is null ? ScrubVerdict.Missing : await CompareAsync(bytes, length, checksum, cancellationToken);
        }
        catch (StorageException exception) when (exception.Trouble == StorageTrouble.Corrupt)
        {
            return ScrubVerdict.Corrupt;
        }
    }

    private static async Task<ScrubVerdict> CompareAsync(
        Stream bytes, long length, ReadOnlyMemory<byte> checksum, CancellationToken cancellationToken)
    {
        var whirlpool = new Whirlpool();
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length, 1, BufferSize));
        try
        {
            int read;
            while ((read = await bytes.ReadAsync(buffer, cancellationToken)) > 0)
            {
                whirlpool.Append(buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        var found = new byte[Whirlpool.HashSizeInBytes];
        whirlpool.GetHashAndReset(found);
        return found.AsSpan().SequenceEqual(checksum.Span) ? ScrubVerdict.Ok : ScrubVerdict.Corrupt;
    }
}
