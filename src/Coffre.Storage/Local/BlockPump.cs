using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Coffre.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>Writes blocks to a file and digests them, in step and away from whoever receives the next ones.</summary>
/// <remarks>
/// Three threads work on a large upload: the receiver fills a block, one lane digests those before it, another writes them. Neither lane waits for
/// the other, and both run on until nothing is left, so that the slower one (the digest) changes its thread only when the receiver is slower still.
/// The same few blocks go round: an upload never holds more than <see cref="MostBlocks"/>, and nothing is allocated for each.
/// </remarks>
internal sealed class BlockPump : IValueTaskSource, IAsyncDisposable
{
    /// <summary>Blocks of one upload: one that is being filled, the others digested, written, or waiting for it.</summary>
    public const int MostBlocks = 3;

    // After so many, a lane lets others have its thread.
    private const int Stint = 16;

    // Below this, handing the write to another thread costs more than the write.
    private const int WorthAnotherThread = 32 * 1024;

    private readonly Lock _gate = new();
    private readonly IDiskCalls _calls;
    private readonly SafeFileHandle _file;
    private readonly Whirlpool _whirlpool = new();
    private readonly Lane _digest;
    private readonly Lane _write;
    private readonly Stack<Block> _free = new(MostBlocks);
    private ManualResetValueTaskSourceCore<bool> _turn = new() { RunContinuationsAsynchronously = true };
    private Awaited _awaited;
    private int _blocks = 1;
    private int _pending;
    private long _sent;
    private ExceptionDispatchInfo? _failure;

    public BlockPump(IDiskCalls calls, SafeFileHandle file)
    {
        (_calls, _file) = (calls, file);
        _digest = new Lane(this, block => _whirlpool.Append(block.Bytes.Span));
        _write = new Lane(this, block => _calls.Write(_file, block.Bytes.Span, block.Offset));
    }

    private enum Awaited
    {
        Nothing,
        Room,
        Idle,
    }

    /// <summary>Queues a block, which is the pump's from then on, and gives an empty one for it.</summary>
    /// <remarks>Waits while all blocks are on their way; given up or failed, the block stays the caller's.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Block> ExchangeAsync(Block full, CancellationToken cancellationToken)
    {
        Block? empty;
        while (!TryExchange(full, out empty))
        {
            using var giveUp = cancellationToken.UnsafeRegister(static pump => ((BlockPump)pump!).Wake(Awaited.Room), this);
            await WaitAsync(Awaited.Room, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return empty;
    }

    /// <summary>Keeps what is queued and then <paramref name="last"/>, which stays the caller's; returns the checksum of it all.</summary>
    public async ValueTask<byte[]> FinishAsync(Block last)
    {
        if (last.Count >= WorthAnotherThread)
        {
            lock (_gate)
            {
                Send(last);
            }
        }

        await WaitAsync(Awaited.Idle, CancellationToken.None);
        _failure?.Throw();
        if (last.Count is > 0 and < WorthAnotherThread)
        {
            _calls.Write(_file, last.Bytes.Span, _sent);
            _whirlpool.Append(last.Bytes.Span);
        }

        var checksum = new byte[Whirlpool.HashSizeInBytes];
        _whirlpool.GetHashAndReset(checksum);
        return checksum;
    }

    /// <summary>Returns when nothing touches the file any more, whatever came of it.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            // What is still queued is wanted by nobody.
            _failure ??= ExceptionDispatchInfo.Capture(new ObjectDisposedException(nameof(BlockPump)));
        }

        await WaitAsync(Awaited.Idle, CancellationToken.None);
        while (_free.TryPop(out var block))
        {
            block.Return();
        }
    }

    void IValueTaskSource.GetResult(short token) => _turn.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _turn.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _turn.OnCompleted(continuation, state, token, flags);

    private bool TryExchange(Block full, [NotNullWhen(true)] out Block? empty)
    {
        lock (_gate)
        {
            _failure?.Throw();
            if (!_free.TryPop(out empty))
            {
                if (_blocks == MostBlocks)
                {
                    return false;
                }

                _blocks++;
                empty = new Block();
            }

            full.IsPumps = true;
            Send(full);
            return true;
        }
    }

    /// <summary>Under the gate.</summary>
    private void Send(Block block)
    {
        block.Offset = _sent;
        block.Users = 2;
        _sent += block.Count;
        _pending++;
        _digest.Add(block);
        _write.Add(block);
    }

    /// <summary>Only the receiver waits, and for one thing at a time.</summary>
    private ValueTask WaitAsync(Awaited what, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Holds(what) || cancellationToken.IsCancellationRequested)
            {
                return ValueTask.CompletedTask;
            }

            _turn.Reset();
            _awaited = what;
            return new ValueTask(this, _turn.Version);
        }
    }

    private void Wake(Awaited what)
    {
        lock (_gate)
        {
            if (_awaited == what)
            {
                _awaited = Awaited.Nothing;
                _turn.SetResult(true);
            }
        }
    }

    private bool Holds(Awaited what) => what switch
    {
        Awaited.Room => _failure is not null || _free.Count > 0 || _blocks < MostBlocks,
        Awaited.Idle => _pending == 0,
        _ => false,
    };

    /// <summary>One lane is done with a block.</summary>
    private void Done(Block block, Exception? failure)
    {
        lock (_gate)
        {
            if (failure is not null)
            {
                _failure ??= ExceptionDispatchInfo.Capture(failure);
            }

            if (--block.Users == 0)
            {
                _pending--;
                if (block.IsPumps)
                {
                    block.Empty();
                    _free.Push(block);
                }
            }

            if (Holds(_awaited))
            {
                _awaited = Awaited.Nothing;
                _turn.SetResult(true);
            }
        }
    }

    /// <summary>Does one thing to each block, in order, on one thread at a time.</summary>
    private sealed class Lane(BlockPump pump, Action<Block> work) : IThreadPoolWorkItem
    {
        private readonly Queue<Block> _queue = new(MostBlocks);
        private bool _isRunning;

        /// <summary>Under the gate.</summary>
        public void Add(Block block)
        {
            _queue.Enqueue(block);
            if (!_isRunning)
            {
                _isRunning = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }

        public void Execute()
        {
            for (var done = 0; done < Stint; done++)
            {
                if (Next(out var isWanted) is not { } block)
                {
                    return;
                }

                pump.Done(block, isWanted ? Try(block) : null);
            }

            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        /// <param name="isWanted">False: something failed before it, and what follows a lost block is not kept.</param>
        private Block? Next(out bool isWanted)
        {
            lock (pump._gate)
            {
                isWanted = pump._failure is null;
                _isRunning = _queue.TryDequeue(out var block);
                return block;
            }
        }

        private Exception? Try(Block block)
        {
            try
            {
                work(block);
                return null;
            }
            catch (Exception exception)
            {
                return exception;
            }
        }
    }
}
