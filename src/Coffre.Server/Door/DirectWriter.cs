using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Coffre.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Server.Door;

/// <summary>The output of one connection: gathers what is written, and sends it on the thread that flushes.</summary>
/// <remarks>
/// A piece of a file passes through the web server as memory that nobody fills: so the server counts its bytes and frames them as any others, and
/// at the flush the kernel takes them from the file. Whoever does not read holds no memory of this process; back-pressure is the socket's own.
/// Used by one writer at a time, as every pipe.
/// </remarks>
internal sealed class DirectWriter(ConnectionContext connection, Socket socket, MemoryPool<byte> pool) : PipeWriter, IFileSend
{
    /// <summary>Most bytes of a file that are appended at once.</summary>
    public const int LargestPiece = 1024 * 1024;

    // Sent by copying when the socket is full: only the framework's own calls can wait until it is not.
    private const int Probe = 16 * 1024;

    // Stands for bytes of files. Never written to, so its pages never exist.
    private static readonly byte[] StandIn = GC.AllocateUninitializedArray<byte>(LargestPiece);

    // Whose the memory is: nobody's, that of a flush, or that of a flush which outlives the connection.
    private const int Idle = 0;
    private const int Flushing = 1;
    private const int Completed = 2;

    private readonly List<Filled> _filled = [];
    private IMemoryOwner<byte>? _block;
    private int _count;
    private int _offered;
    private SafeFileHandle? _file;
    private long _offset;
    private int _left;
    private int _state;
    private volatile bool _isGone;

    public Exception? Trouble { get; private set; }

    public bool IsFull { get; private set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _filled.Sum(static part => (long)part.Count) + _count + _left;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_offered > 0)
        {
            return StandIn.AsMemory(0, _offered);
        }

        if (_left > 0)
        {
            throw new InvalidOperationException("A piece of a file waits for its flush: nothing can be written behind it.");
        }

        if (_block is { } block && block.Memory.Length - _count >= Math.Max(1, sizeHint))
        {
            return block.Memory[_count..];
        }

        Retire();
        _block = sizeHint <= pool.MaxBufferSize ? pool.Rent(sizeHint) : MemoryPool<byte>.Shared.Rent(sizeHint);
        return _block.Memory;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (_offered > 0)
        {
            _left = bytes;
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, (_block?.Memory.Length ?? 0) - _count);
        _count += bytes;
    }

    public bool TryAppend(PipeWriter body, SafeFileHandle file, long offset, int count)
    {
        if (_left > 0)
        {
            throw new InvalidOperationException("A piece of a file waits for its flush already.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LargestPiece);
        _offered = count;
        try
        {
            // Somebody else's memory would be sent as it is: then nobody may take this for the bytes.
            var memory = body.GetMemory(count);
            if (!MemoryMarshal.TryGetArray<byte>(memory, out var array) || !ReferenceEquals(array.Array, StandIn))
            {
                return false;
            }

            body.Advance(count);
        }
        finally
        {
            _offered = 0;
        }

        (_file, _offset) = (file, offset);
        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.CompareExchange(ref _state, Flushing, Idle) is Completed)
        {
            return new FlushResult(isCanceled: false, isCompleted: true);
        }

        try
        {
            return await SendAsync(cancellationToken);
        }
        finally
        {
            Drop();
            Interlocked.CompareExchange(ref _state, Idle, Flushing);
        }
    }

    /// <remarks>What was sent by half cannot be taken back.</remarks>
    public override void CancelPendingFlush()
    {
        if (Volatile.Read(ref _state) is Flushing)
        {
            connection.Abort(new ConnectionAbortedException("A flush was given up."));
        }
    }

    public override void Complete(Exception? exception = null)
    {
        // A flush that still runs ends with the socket, and gives its memory back itself.
        if (Interlocked.Exchange(ref _state, Completed) is Idle)
        {
            Drop();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> SendAsync(CancellationToken cancellationToken)
    {
        if (_isGone)
        {
            return new FlushResult(isCanceled: false, isCompleted: true);
        }

        try
        {
            Retire();
            for (var i = 0; i < _filled.Count; i++)
            {
                await SendAsync(_filled[i].Bytes, isMoreToCome: _left > 0 && i == _filled.Count - 1, cancellationToken);
            }

            IsFull = false;
            while (_left > 0 && !PushFile())
            {
                IsFull = true;
                await SendProbeAsync(cancellationToken);
            }

            return default;
        }
        catch (StorageException exception)
        {
            // The server has counted these bytes as sent, and takes no exception from a flush: whatever followed would be read as if it were them.
            (_isGone, Trouble) = (true, exception);
            connection.Abort(new ConnectionAbortedException("A file could not be sent.", exception));
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _isGone = true;
            connection.Abort(new ConnectionAbortedException("The client went away.", exception));
            cancellationToken.ThrowIfCancellationRequested();
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, bool isMoreToCome, CancellationToken cancellationToken)
    {
        if (isMoreToCome)
        {
            // Whatever goes wrong here goes wrong again below, where it is told apart.
            bytes = bytes[Math.Max(0, KernelSend.SendMore(socket.SafeHandle, bytes.Span))..];
        }

        while (!bytes.IsEmpty)
        {
            var sending = socket.SendAsync(bytes, SocketFlags.None, CancellationToken.None);
            if (sending.IsCompletedSuccessfully)
            {
                bytes = bytes[sending.GetAwaiter().GetResult()..];
                continue;
            }

            // What was sent by half cannot be taken back: who gives up ends the connection.
            await using var giveUp = cancellationToken.UnsafeRegister(static state => ((DirectWriter)state!).CancelPendingFlush(), this);
            bytes = bytes[(await sending)..];
        }
    }

    /// <summary>Hands the file to the kernel; false: the socket is full for now.</summary>
    private bool PushFile()
    {
        while (_left > 0)
        {
            var sent = KernelSend.SendFile(socket.SafeHandle, _file!, _offset, _left);
            switch (sent)
            {
                case > 0:
                    _offset += sent;
                    _left -= sent;
                    break;
                case 0:
                    throw TooShort();
                case -KernelSend.Interrupted:
                    break;
                case -KernelSend.BrokenPipe or -KernelSend.ConnectionReset:
                    throw new SocketException((int)SocketError.ConnectionReset);
                default:
                    // Full; or a file system that the kernel cannot send from, or a broken disk: reading will tell.
                    return false;
            }
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendProbeAsync(CancellationToken cancellationToken)
    {
        using var block = pool.Rent(Probe);
        var memory = block.Memory[..Math.Min(_left, Probe)];
        var read = Read(memory.Span);
        await SendAsync(memory[..read], isMoreToCome: false, cancellationToken);
        _offset += read;
        _left -= read;
    }

    private int Read(Span<byte> bytes)
    {
        try
        {
            return RandomAccess.Read(_file!, bytes, _offset) is var read and not 0 ? read : throw TooShort();
        }
        catch (IOException exception)
        {
            throw new StorageException(StorageTrouble.Broken, "The disk failed to read the blob.", exception);
        }
    }

    private static StorageException TooShort() => new(StorageTrouble.Corrupt, "The file of a blob is shorter than it was.");

    private void Retire()
    {
        if (_block is not { } block)
        {
            return;
        }

        if (_count > 0)
        {
            _filled.Add(new Filled(block, _count));
        }
        else
        {
            block.Dispose();
        }

        (_block, _count) = (null, 0);
    }

    private void Drop()
    {
        Retire();
        foreach (var part in _filled)
        {
            part.Block.Dispose();
        }

        _filled.Clear();
        (_file, _left) = (null, 0);
    }

    private readonly record struct Filled(IMemoryOwner<byte> Block, int Count)
    {
        public ReadOnlyMemory<byte> Bytes => Block.Memory[..Count];
    }
}
