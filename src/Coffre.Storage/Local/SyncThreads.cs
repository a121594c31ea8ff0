namespace Coffre.Storage.Local;

/// <summary>Threads that wait for the device, so that the thread pool does not have to.</summary>
/// <remarks>
/// A sync blocks for as long as the disk likes; a pool of two threads would stand still behind two of them. Threads are started as they are
/// needed, up to a limit, and stay. The queue is as long as there are commits and folders waiting: each waits for one thing at a time.
/// </remarks>
internal sealed class SyncThreads(int limit) : IDisposable
{
    private const int StackSize = 256 * 1024;

    private readonly object _gate = new();
    private readonly Queue<Action> _waiting = new();
    private int _started;
    private int _idle;
    private bool _stopped;

    /// <summary>Runs <paramref name="work"/> on one of the threads; its failure is the task's.</summary>
    public Task RunAsync(Action work)
    {
        // Continuations go back to the pool: these threads do nothing but wait for the disk.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    /// <summary>Runs <paramref name="work"/>, which must not throw, on one of the threads.</summary>
    public void Post(Action work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            _waiting.Enqueue(work);
            if (_waiting.Count > _idle && _started < limit)
            {
                _started++;
                new Thread(Serve, StackSize) { IsBackground = true, Name = "coffre sync" }.Start();
            }
            else
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Lets the threads finish what waits, and end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Serve()
    {
        while (Next() is { } work)
        {
            work();
        }
    }

    private Action? Next()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_stopped)
                {
                    return null;
                }

                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }

            return _waiting.Dequeue();
        }
    }
}
