using Coffre.Server.Door;

namespace Coffre.Server.Catalog;

/// <summary>Work of one kind that is done at once for all who wait for it.</summary>
/// <typeparam name="TItem">What it is done for.</typeparam>
/// <typeparam name="T">What comes of it.</typeparam>
internal interface IGroupWork<TItem, T>
{
    /// <summary>
    /// Runs inside a transaction; must not wait for anything. If it throws, or one result is a fault, nothing of all stays and it is run again
    /// for each item by itself, where a fault leaves nothing of that item alone.
    /// </summary>
    /// <returns>What came of each item, in their order; may end behind the first fault.</returns>
    IReadOnlyList<T> Run(CatalogSession session, IReadOnlyList<TItem> items);
}

/// <summary>What waits for the writer.</summary>
internal abstract class CatalogWork
{
    /// <summary>What it can be done together with: all that have the same; null: with nothing.</summary>
    public virtual object? Kind => null;

    /// <summary>Runs inside the open transaction; true if its changes stay.</summary>
    public abstract bool Run(CatalogSession session);

    /// <summary>Runs it and others of its kind; true if all changes stay.</summary>
    public virtual bool RunAll(CatalogSession session, IReadOnlyList<CatalogWork> works) => throw new NotSupportedException();

    /// <summary>Tells whoever waits that it is on disk. May run what waits for it.</summary>
    public abstract void Complete();

    /// <summary>Tells whoever waits that nothing of it is kept, or by <see cref="CommitUnknownException"/> that nobody knows.</summary>
    public abstract void Fail(Exception exception);

    protected static bool Stays<T>(T result) => result is not IOutcome { IsFault: true };
}

/// <summary>One piece of work.</summary>
internal sealed class LoneWork<T>(Func<CatalogSession, T> work) : CatalogWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _done.Task;

    public override bool Run(CatalogSession session)
    {
        _result = work(session);
        return Stays(_result);
    }

    public override void Complete() => _done.TrySetResult(_result);

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}

/// <summary>One item of work that is done together.</summary>
/// <remarks>What waits for it runs where it is completed, so that is to be on the thread pool: see <see cref="WorkChunk"/>.</remarks>
internal sealed class GroupItem<TItem, T>(IGroupWork<TItem, T> work, TItem item) : CatalogWork
{
    private readonly TaskCompletionSource<T> _done = new();
    private T _result = default!;

    public Task<T> Task => _done.Task;

    public override object Kind => work;

    public override bool Run(CatalogSession session)
    {
        _result = work.Run(session, [item])[0];
        return Stays(_result);
    }

    public override bool RunAll(CatalogSession session, IReadOnlyList<CatalogWork> works)
    {
        var items = new TItem[works.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = ((GroupItem<TItem, T>)works[i]).Item;
        }

        var results = work.Run(session, items);
        if (results.Count < items.Length)
        {
            return false;
        }

        for (var i = 0; i < items.Length; i++)
        {
            if (!Stays(results[i]))
            {
                return false;
            }

            ((GroupItem<TItem, T>)works[i])._result = results[i];
        }

        return true;
    }

    public override void Complete() => _done.TrySetResult(_result);

    public override void Fail(Exception exception) => ThreadPool.UnsafeQueueUserWorkItem(
        static state => state.Done.TrySetException(state.Exception), (Done: _done, Exception: exception), preferLocal: false);

    private TItem Item => item;
}

/// <summary>Some of a group that are told one after the other: a wake-up of the pool for each would cost more than what most do next.</summary>
internal sealed class WorkChunk(IReadOnlyList<CatalogWork> works) : IThreadPoolWorkItem
{
    private const int Smallest = 4;

    public void Execute()
    {
        foreach (var work in works)
        {
            work.Complete();
        }
    }

    /// <summary>Tells them all, on as many threads as there are processors.</summary>
    public static void Complete(List<CatalogWork> works)
    {
        var size = Math.Max(Smallest, (works.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        for (var start = 0; start < works.Count; start += size)
        {
            ThreadPool.UnsafeQueueUserWorkItem(new WorkChunk(works.GetRange(start, Math.Min(size, works.Count - start))), preferLocal: false);
        }
    }
}
