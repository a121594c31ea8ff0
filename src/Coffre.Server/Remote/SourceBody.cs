using Coffre.Server.Accounts;
using Coffre.Server.Settings;
using Coffre.Storage;

namespace Coffre.Server.Remote;

/// <summary>The bytes of one source on their way into the store, over all tries.</summary>
internal sealed class SourceBody(IBlobStore store, QuotaLease quota, long largest, ServerSettings settings, TimeProvider clock) : IAsyncDisposable
{
    private readonly TimeSpan _stall = settings.Seconds(RemoteSettings.StallSeconds);
    private readonly long _slowest = settings.Bytes(RemoteSettings.SlowestBytes);
    private IBlobWriter? _writer;

    /// <summary>Bytes that are there.</summary>
    public long Length => _writer?.Length ?? 0;

    /// <summary>Bytes that the source announces for the whole; null if it does not.</summary>
    public long? Announced { get; private set; }

    /// <summary>What the source called this state of the file, to go on with the same; null if it cannot be gone on with.</summary>
    public string? Validator { get; set; }

    /// <summary>Begins anew: the source has another file now, or cannot begin in the middle.</summary>
    public async ValueTask RestartAsync(CancellationToken cancellationToken)
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        _writer = await store.BeginAsync(Announced, cancellationToken);
    }

    /// <summary>Takes note of the length of the whole, and refuses what would not fit.</summary>
    /// <exception cref="SourceException">Too large, or over the quota.</exception>
    public async ValueTask AnnounceAsync(long? total, CancellationToken cancellationToken)
    {
        Announced = total;
        await DemandAsync(total ?? 0, cancellationToken);
    }

    /// <summary>Reads until the source ends.</summary>
    /// <exception cref="SourceException">It is too slow, too large, or its connection broke.</exception>
    public async Task CopyAsync(Stream source, CancellationToken cancellationToken)
    {
        if (_writer is null)
        {
            await RestartAsync(cancellationToken);
        }

        var buffer = new byte[64 * 1024];
        var (since, counted) = (clock.GetTimestamp(), 0L);
        while (await ReadAsync(source, buffer, cancellationToken) is > 0 and var read)
        {
            await DemandAsync(Length + read, cancellationToken);
            await _writer!.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            counted += read;
            if (clock.GetElapsedTime(since) >= _stall)
            {
                if (counted < _slowest)
                {
                    throw SourceException.Slow();
                }

                (since, counted) = (clock.GetTimestamp(), 0);
            }
        }
    }

    public async ValueTask<KeptBlob> CommitAsync(CancellationToken cancellationToken)
    {
        if (_writer is null)
        {
            await RestartAsync(cancellationToken);
        }

        return await _writer!.CommitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async ValueTask DemandAsync(long total, CancellationToken cancellationToken)
    {
        if (total > largest)
        {
            throw SourceException.Final($"The file is too large: at most {ByteCount.Format(largest)}");
        }

        if (!await quota.CoversAsync(total, cancellationToken))
        {
            throw SourceException.Final("Quota exceeded");
        }
    }

    private async ValueTask<int> ReadAsync(Stream source, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_stall, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await source.ReadAsync(buffer, both.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw SourceException.Slow();
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or HttpRequestException)
        {
            throw SourceException.Broken(exception);
        }
    }
}
