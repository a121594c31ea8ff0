using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Coffre.Server.Door;

/// <summary>Gives each transport of the web server a <see cref="BufferPool"/>.</summary>
internal sealed class BufferPools(TimeProvider clock) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BufferPool(clock);
}

/// <summary>Blocks of 64 KiB for sockets to read into and to write from.</summary>
/// <remarks>
/// The framework's own have 4 KiB: a large body then costs a copy, a system call and a wake-up for each of them. The block that
/// was given back last is given out next, as it is still in the processor's cache. What was not wanted for a while is let go.
/// </remarks>
internal sealed class BufferPool(TimeProvider clock) : MemoryPool<byte>
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockSize = 64 * 1024;

    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Stack<Block> _free = new();
    private long _watchedSince = clock.GetTimestamp();
    private int _leastFree;
    private bool _disposed;

    public override int MaxBufferSize => BlockSize;

    /// <summary>Blocks that wait to be given out.</summary>
    public int FreeBlocks
    {
        get
        {
            lock (_gate)
            {
                return _free.Count;
            }
        }
    }

    /// <summary>A block, whatever smaller size is asked for.</summary>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        Block? block;
        lock (_gate)
        {
            _free.TryPop(out block);
            _leastFree = Math.Min(_leastFree, _free.Count);
        }

        block ??= new Block(this);
        block.IsOut = true;
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            _disposed = true;
            _free.Clear();
        }
    }

    private void Return(Block block)
    {
        lock (_gate)
        {
            // Given back twice, a block would be two writers' at once.
            if (!block.IsOut)
            {
                throw new InvalidOperationException("The block was given back before.");
            }

            block.IsOut = false;
            if (_disposed)
            {
                return;
            }

            _free.Push(block);
            if (clock.GetElapsedTime(_watchedSince) >= Memory)
            {
                Trim();
            }
        }
    }

    /// <summary>Lets go of half of what nobody wanted since the last time.</summary>
    private void Trim()
    {
        for (var spare = (_leastFree + 1) / 2; spare > 0; spare--)
        {
            _free.Pop();
        }

        _watchedSince = clock.GetTimestamp();
        _leastFree = _free.Count;
    }

    private sealed class Block(BufferPool pool) : IMemoryOwner<byte>
    {
        // Pinned for good: the collector need not be told at each system call.
        private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

        public bool IsOut { get; set; }

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes, 0, _bytes.Length);

        public void Dispose() => pool.Return(this);
    }
}
