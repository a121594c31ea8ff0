namespace Coffre.Client.Downloads;

/// <summary>Takes the bytes of a remote file.</summary>
internal interface IRangeSink
{
    /// <summary>Takes some bytes; each at least once.</summary>
    /// <param name="buffer">Rented from the shared pool; holds them. The caller must not touch it any more, also if this fails.</param>
    /// <param name="offset">Where they begin in it.</param>
    /// <param name="count">How many.</param>
    /// <param name="position">Their place in the file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The buffer for the next bytes: the same one, or another where this one was kept.</returns>
    ValueTask<byte[]> TakeAsync(byte[] buffer, int offset, int count, long position, CancellationToken cancellationToken);
}

/// <summary>Hands the bytes on to a stream, in order.</summary>
internal sealed class StreamSink(Stream destination, IProgress<long>? progress) : IRangeSink
{
    /// <summary>Bytes handed on.</summary>
    public long Written { get; private set; }

    public async ValueTask<byte[]> TakeAsync(byte[] buffer, int offset, int count, long position, CancellationToken cancellationToken)
    {
        await destination.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).ConfigureAwait(false);
        Written += count;
        progress?.Report(Written);
        return buffer;
    }
}
