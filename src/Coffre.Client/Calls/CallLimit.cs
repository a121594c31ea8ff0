namespace Coffre.Client.Calls;

/// <summary>How long the answer to one call may take. It begins with the call's turn: what waits for the budget was not sent, and nobody owes it an answer.</summary>
internal sealed class CallLimit : IDisposable
{
    private readonly TimeSpan _most;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource _either;

    public CallLimit(CoffreClientOptions options, CancellationToken caller)
    {
        _most = options.CallTimeout;
        Caller = caller;
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, options.TimeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, caller);
    }

    /// <summary>Cancelled by the caller alone.</summary>
    public CancellationToken Caller { get; }

    /// <summary>Cancelled when the time is over, too.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>The request goes out now.</summary>
    public void Begin() => _over.CancelAfter(_most);

    public void Dispose()
    {
        _either.Dispose();
        _over.Dispose();
    }
}
