namespace Coffre.Client.Calls;

/// <summary>A token that is cancelled when nothing moved for too long, or when the caller cancels.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _stalled;
    private readonly CancellationTokenSource _either;

    public StallWatch(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _caller = caller;
        _stalled = new CancellationTokenSource(limit, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_stalled.Token, caller);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>Whether it was the clock and not the caller.</summary>
    public bool IsStalled => _stalled.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Something moved.</summary>
    public void Touch() => _stalled.CancelAfter(_limit);

    public void Dispose()
    {
        _either.Dispose();
        _stalled.Dispose();
    }
}
