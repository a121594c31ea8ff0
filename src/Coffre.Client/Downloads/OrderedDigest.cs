using System.Buffers;
using Coffre.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Client.Downloads;

/// <summary>Digests a file in order, on a thread of its own, while its bytes arrive in any order.</summary>
/// <remarks>
/// Bytes that arrive in order are digested out of the buffer that they came in. Those that came before their turn, or faster than
/// they can be digested, are read back from the file, where the system mostly still has them in memory.
/// </remarks>
internal sealed class OrderedDigest : IAsyncDisposable
{
    private const int MostBuffers = 8;
    private const int ReadBackSize = 1024 * 1024;

    // How far digesting may fall behind: what arrives faster would have to be read from the disk again.
    private const long MostBehind = 256L * 1024 * 1024;

    // Whoever has to wait goes on slowly: a connection that stood still for minutes would be taken for dead by both sides.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly SafeFileHandle _file;
    private readonly ByteExtents _came;
    private readonly long _size;
    private readonly long _earlier;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Buffer, int Offset, int Count)> _waiting = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Whirlpool _whirlpool = new();
    private readonly Task _loop;
    private TaskCompletionSource? _moved;
    private long _given;
    private long _digested;
    private bool _isStopped;

    /// <param name="file">What the bytes are read back from.</param>
    /// <param name="came">Which bytes are there already; from now on only this digest touches it.</param>
    /// <param name="size">Where the file ends.</param>
    /// <param name="time">Limits waits.</param>
    public OrderedDigest(SafeFileHandle file, ByteExtents came, long size, TimeProvider time)
    {
        (_file, _came, _size, _time) = (file, came, size, time);
        _earlier = came.EndOf(0);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Bytes that came, in all.</summary>
    public long Came
    {
        get
        {
            lock (_gate)
            {
                return _came.Total;
            }
        }
    }

    /// <summary>Notes bytes that were written to the file.</summary>
    /// <param name="buffer">Holds them.</param>
    /// <param name="offset">Where they begin in it.</param>
    /// <param name="count">How many.</param>
    /// <param name="position">Their place in the file.</param>
    /// <returns>Whether the buffer was kept: then it is not the caller's any more, and comes back to the shared pool.</returns>
    public bool Take(byte[] buffer, int offset, int count, long position)
    {
        bool isKept;
        lock (_gate)
        {
            _came.Add(position, position + count);
            isKept = position == _given && _waiting.Count < MostBuffers && !_isStopped;
            if (isKept)
            {
                _waiting.Enqueue((buffer, offset, count));
                _given += count;
            }
        }

        Wake();
        return isKept;
    }

    /// <summary>Reads what is known of the bytes that came, undisturbed.</summary>
    public T Look<T>(Func<ByteExtents, T> look)
    {
        lock (_gate)
        {
            return look(_came);
        }
    }

    /// <summary>Waits a moment if digesting is too far behind.</summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task moved;
        lock (_gate)
        {
            if (HasRoom())
            {
                return;
            }

            moved = (_moved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        try
        {
            await moved.WaitAsync(LongestWait, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Long enough.
        }
    }

    /// <summary>The digest of the whole file, once all of its bytes are there.</summary>
    public async Task<string> FinishAsync(CancellationToken cancellationToken)
    {
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(false);
        var digest = new byte[Whirlpool.HashSizeInBytes];
        _whirlpool.GetHashAndReset(digest);
        return Checksums.Text(digest);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isStopped = true;
        }

        Wake();
        try
        {
            await _loop.ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Whoever wanted the digest was told.
        }

        while (_waiting.TryDequeue(out var left))
        {
            ArrayPool<byte>.Shared.Return(left.Buffer);
        }

        _signal.Dispose();
    }

    private async Task RunAsync()
    {
        var own = ArrayPool<byte>.Shared.Rent(ReadBackSize);
        try
        {
            while (_digested < _size && await NextAsync().ConfigureAwait(false) is { } work)
            {
                if (work.Buffer is not null)
                {
                    _whirlpool.Append(work.Buffer.AsSpan(work.Offset, work.Count));
                    ArrayPool<byte>.Shared.Return(work.Buffer);
                }
                else
                {
                    ReadBack(own, _digested, work.Count);
                    _whirlpool.Append(own.AsSpan(0, work.Count));
                }

                Advance(work.Count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(own);
            lock (_gate)
            {
                _isStopped = true;
            }

            Advance(0);
        }
    }

    /// <summary>The next bytes in order: in a buffer, or to be read back. Null: nobody wants the digest any more.</summary>
    private async ValueTask<(byte[]? Buffer, int Offset, int Count)?> NextAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_isStopped)
                {
                    return null;
                }

                if (_waiting.TryDequeue(out var next))
                {
                    return next;
                }

                var behind = (int)Math.Min(_came.EndOf(_given) - _given, ReadBackSize);
                if (behind > 0)
                {
                    _given += behind;
                    return (null, 0, behind);
                }
            }

            await _signal.WaitAsync().ConfigureAwait(false);
        }
    }

    // What an earlier run brought has to be digested first: nobody waits for that.
    private bool HasRoom() => _isStopped || _digested < _earlier || _came.EndOf(_digested) - _digested <= MostBehind;

    private void Wake()
    {
        lock (_gate)
        {
            if (_signal.CurrentCount == 0)
            {
                _signal.Release();
            }
        }
    }

    private void ReadBack(byte[] buffer, long position, int count)
    {
        for (var done = 0; done < count;)
        {
            var read = RandomAccess.Read(_file, buffer.AsSpan(done, count - done), position + done);
            done += read > 0 ? read : throw new IOException($"The part file ended at byte {position + done}.");
        }
    }

    private void Advance(int count)
    {
        TaskCompletionSource? moved;
        lock (_gate)
        {
            _digested += count;
            if (!HasRoom())
            {
                return;
            }

            (moved, _moved) = (_moved, null);
        }

        moved?.SetResult();
    }
}
