namespace Coffre.Client.Calls;

/// <summary>Keeps a least time between the starts of requests, whoever makes them.</summary>
internal sealed class Pacer(TimeSpan interval, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long? _last;

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (interval <= TimeSpan.Zero)
        {
            return;
        }

        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_last is { } last && interval - time.GetElapsedTime(last) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
            }

            _last = time.GetTimestamp();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
