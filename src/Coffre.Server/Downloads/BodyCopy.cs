using System.IO.Pipelines;
using Coffre.Storage;

namespace Coffre.Server.Downloads;

/// <summary>Copies bytes of a blob into a response: reads straight into the response's own buffers.</summary>
internal static class BodyCopy
{
    private const int ChunkBytes = 256 * 1024;

    /// <returns>Whether all of it went out; false: the reader went away.</returns>
    /// <exception cref="StorageException">The blob ended before <paramref name="length"/> bytes.</exception>
    public static async Task<bool> RunAsync(Stream source, long length, PipeWriter target, CancellationToken cancellationToken)
    {
        var left = length;
        while (left > 0)
        {
            var memory = target.GetMemory((int)Math.Min(left, ChunkBytes));
            var read = await source.ReadAsync(memory[..(int)Math.Min(left, memory.Length)], cancellationToken);
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
}
