using System.IO.Pipelines;
using Coffre.Server.Door;
using Coffre.Storage;

namespace Coffre.Server.Downloads;

/// <summary>Puts bytes of blobs into responses: lets the kernel take them from the file where it can, else reads straight into the response's own buffers.</summary>
/// <remarks>
/// Copied, how much is read at once follows the load: much for a few transfers, where each step costs a wake-up, and less for many, where
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

    // Below this, one system call for headers and bytes together is worth more than a copy saved.
    private const int WorthTheKernel = 64 * 1024;

    private int _running;

    /// <summary>What a transfer would read at once now, in bytes.</summary>
    public int Chunk => Volatile.Read(ref _running) switch
    {
        <= FewTransfers => LargestChunk,
        <= ManyTransfers => MiddleChunk,
        _ => SmallestChunk,
    };

    /// <param name="source">The blob.</param>
    /// <param name="length">How many of its bytes.</param>
    /// <param name="target">The response's body, with its headers already written.</param>
    /// <param name="files">What takes files for the response's connection; null if nothing does.</param>
    /// <param name="cancellationToken">The reader went away.</param>
    /// <returns>Whether all of it went out; false: the reader went away.</returns>
    /// <exception cref="StorageException">The blob ended before <paramref name="length"/> bytes, or could not be read.</exception>
    public async ValueTask<bool> RunAsync(Stream source, long length, PipeWriter target, IFileSend? files, CancellationToken cancellationToken)
    {
        for (var left = length; files is not null && length >= WorthTheKernel && source is IFileRun run;)
        {
            if (left == 0)
            {
                return true;
            }

            // A flush has a minute (ServerHost): who is slow gets less at once, so that a line of a few kB/s is enough.
            var count = (int)Math.Min(left, files.IsFull ? MiddleChunk : DirectWriter.LargestPiece);
            if (!files.TryAppend(target, run.File, run.FileOffset, count))
            {
                return await CopyAsync(source, left, target, cancellationToken);
            }

            source.Position += count;
            left -= count;
            if (await IsOverAsync(target, files, cancellationToken))
            {
                return files.Trouble is { } trouble ? throw trouble : false;
            }
        }

        return await CopyAsync(source, length, target, cancellationToken);
    }

    /// <summary>Flushes; whether nothing more can be sent.</summary>
    private static async ValueTask<bool> IsOverAsync(PipeWriter target, IFileSend files, CancellationToken cancellationToken)
    {
        try
        {
            return (await target.FlushAsync(cancellationToken)).IsCompleted;
        }
        catch (OperationCanceledException) when (files.Trouble is not null)
        {
            // The connection was ended for that trouble, which is what there is to tell.
            return true;
        }
    }

    private async ValueTask<bool> CopyAsync(Stream source, long length, PipeWriter target, CancellationToken cancellationToken)
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
