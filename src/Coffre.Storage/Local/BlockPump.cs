using Coffre.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>Writes blocks to a file and digests them, in step and away from whoever receives the next ones.</summary>
/// <remarks>
/// Three threads work on a large upload: the receiver fills a block, one thread digests the block before it, one writes that same block. The
/// queue between them is short, so an upload never holds more than <see cref="BlocksInFlight"/> blocks and the one being filled.
/// </remarks>
internal sealed class BlockPump(IDiskCalls calls, SafeFileHandle file) : IAsyncDisposable
{
    /// <summary>Blocks that are being written or wait for it.</summary>
    public const int BlocksInFlight = 2;

    // Below this, handing the write to another thread costs more than the write.
    private const int WorthAnotherThread = 32 * 1024;

    private readonly SemaphoreSlim _room = new(BlocksInFlight);
    private readonly Whirlpool _whirlpool = new();
    private Task _tail = Task.CompletedTask;
    private long _sent;

    /// <summary>Queues a block, which is the pump's from then on. Waits while the queue is full; on failure the block stays the caller's.</summary>
    public async ValueTask SendAsync(Block block, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        if (_tail.IsFaulted)
        {
            _room.Release();
            await _tail;
        }

        var offset = _sent;
        _sent += block.Count;
        _tail = KeepAfterAsync(_tail, block, offset);
    }

    /// <summary>Keeps what is queued and then <paramref name="last"/>, which stays the caller's; returns the checksum of it all.</summary>
    public async ValueTask<byte[]> FinishAsync(Block last)
    {
        await _tail;
        await KeepAsync(last, _sent);
        var checksum = new byte[Whirlpool.HashSizeInBytes];
        _whirlpool.GetHashAndReset(checksum);
        return checksum;
    }

    /// <summary>Returns when nothing touches the file any more, whatever came of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _tail.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _room.Dispose();
    }

    private async Task KeepAfterAsync(Task previous, Block block, long offset)
    {
        try
        {
            // Never on the caller's thread. A failure runs down the queue: what follows a lost block is not written.
            await previous.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await KeepAsync(block, offset);
        }
        finally
        {
            block.Return();
            _room.Release();
        }
    }

    private async ValueTask KeepAsync(Block block, long offset)
    {
        var writing = block.Count < WorthAnotherThread ? WriteHere(block, offset) : Task.Run(() => WriteHere(block, offset));
        _whirlpool.Append(block.Bytes.Span);
        await writing;
    }

    private Task WriteHere(Block block, long offset)
    {
        if (block.Count > 0)
        {
            calls.Write(file, block.Bytes.Span, offset);
        }

        return Task.CompletedTask;
    }
}
