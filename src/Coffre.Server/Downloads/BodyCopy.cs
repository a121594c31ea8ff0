using System.IO.Pipelines;
using Coffre.Storage;

namespace Coffre.Server.Downloads;

/// <summary>Copies bytes of blobs into responses: reads straight into the response's own buffers.</summary>
/// <remarks>
/// How much is read at once follows the load: much for a few transfers, where each step costs a wake-up, and less for many, where
/// what is read should still be in the processor's cache when it is sent, and where memory is counted by transfer.
/// </remarks>
internal sealed class BodyCopy
{
    /// <summary>Most bytes that a transfer reads at once, and so the most that one whose client does not read holds.</summary>
    public const int LargestChunk = 1024 * 1024;

    private const int MiddleChunk = 256 * 1024;
    private const int SmallestChunk = 64 * 1024;
    private const int FewTransfers = 4;
    private const int ManyTransfers = 128;

    private int _running;

    /// <summary>What a transfer would read at once now, in bytes.</summary>
    public int Chunk => Volatile.Read(ref _running) switch
    {
        <= FewTransfers => LargestChunk,
        <= ManyTransfers => MiddleChunk,
        _ => SmallestChunk,
    };

    /// <returns>Whether all of it went out; false: the reader went away.</returns>
    /// <exception cref="StorageException">The blob ended before <paramref name="length"/> bytes.</exception>
    public async Task<bool> RunAsync(Stream source, long length, PipeWriter target, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _running);
        try
        {
            for (var left = length; left > 0;)
            {
                var wanted = (int)Math.Min(left, Chunk);
                var read = await source.ReadAsync(target.GetMemory(wanted)[..wanted], cancellationToken);
                if (read == 0)
                {
                    throw new StorageException(StorageTrouble.Corrupt, $"A blob ended {left} bytes early.");
                }

                target.Advance(read);
                left -= read;

                // Always after the last advance too: what is not flushed may wait for the keep-alive timeout.
                var flushed = await target.FlushAsync(cancellationToken);
                if (flushed.IsCompleted)
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
