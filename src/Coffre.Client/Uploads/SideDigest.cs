using System.Buffers;
using Coffre.Hashing;

namespace Coffre.Client.Uploads;

/// <summary>Digests what is sent on a thread beside the one that reads and sends, a few buffers behind at most.</summary>
/// <remarks>For one thread: rent a buffer, fill it, append it, send it, rent the next.</remarks>
internal sealed class SideDigest : IAsyncDisposable
{
    /// <summary>Bytes of a buffer.</summary>
    public const int BufferSize = 256 * 1024;

    private const int Buffers = 4;

    // Another thread is not worth its call for less.
    private const int LeastAside = 64 * 1024;

    private readonly Whirlpool _whirlpool = new();
    private readonly byte[]?[] _buffers = new byte[]?[Buffers];
    private readonly Task[] _digested = [.. Enumerable.Repeat(Task.CompletedTask, Buffers)];
    private Task _last = Task.CompletedTask;
    private int _turn;

    /// <summary>The next buffer, once it is digested.</summary>
    public async ValueTask<byte[]> RentAsync()
    {
        await _digested[_turn].ConfigureAwait(false);
        return _buffers[_turn] ??= ArrayPool<byte>.Shared.Rent(BufferSize);
    }

    /// <summary>Takes what was read into the buffer that was rented last. It must not change until it comes back.</summary>
    public void Append(int count)
    {
        var (before, buffer) = (_last, _buffers[_turn]!);
        if (count < LeastAside && before.IsCompletedSuccessfully)
        {
            _whirlpool.Append(buffer.AsSpan(0, count));
        }
        else
        {
            _last = _digested[_turn] = Task.Run(async () =>
            {
                await before.ConfigureAwait(false);
                _whirlpool.Append(buffer.AsSpan(0, count));
            });
        }

        _turn = (_turn + 1) % Buffers;
    }

    /// <summary>The digest of all that was appended; then it begins anew.</summary>
    public async ValueTask<string> FinishAsync()
    {
        await _last.ConfigureAwait(false);
        var digest = new byte[Whirlpool.HashSizeInBytes];
        _whirlpool.GetHashAndReset(digest);
        return Checksums.Text(digest);
    }

    public async ValueTask DisposeAsync()
    {
        await _last.ConfigureAwait(false);
        foreach (var buffer in _buffers.OfType<byte[]>())
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
