namespace Coffre.Client.Sync;

/// <summary>What applying a plan needs in both directions: who is told, and whether anything failed.</summary>
internal abstract class SyncApply(SyncOptions options)
{
    private int _failed;

    protected SyncOptions Options { get; } = options;

    /// <summary>While it is true nothing is deleted.</summary>
    protected bool HasFailed => Volatile.Read(ref _failed) > 0;

    /// <summary>Applies a plan.</summary>
    /// <returns>Whether all of it was done.</returns>
    public async Task<bool> ApplyAsync(SyncPlan plan, CancellationToken cancellationToken)
    {
        foreach (var (path, trouble) in plan.Problems)
        {
            Failed(path, trouble);
        }

        await WorkAsync(plan.Actions, cancellationToken).ConfigureAwait(false);
        return !HasFailed;
    }

    protected abstract Task WorkAsync(IReadOnlyList<SyncAction> actions, CancellationToken cancellationToken);

    protected void Failed(string path, Exception trouble)
    {
        Interlocked.Increment(ref _failed);
        Options.Listener?.Failed(path, trouble);
    }

    protected void Done(SyncAction action, RemoteFile? file = null) => Options.Listener?.Done(action, file);

    /// <summary>Does one step; what it suffers is told, and the others go on.</summary>
    protected async Task TryAsync(string path, Func<Task> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is CoffreException or IOException or UnauthorizedAccessException)
        {
            Failed(path, exception);
        }
    }

    protected ParallelOptions Degree(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = Options.Transfers, CancellationToken = cancellationToken };

    protected static IEnumerable<SyncAction> Of(IEnumerable<SyncAction> actions, SyncActionKind kind) => actions.Where(action => action.Kind == kind);
}
