using System.Globalization;
using Coffre.Server.Door;
using Microsoft.Data.Sqlite;

namespace Coffre.Server.Catalog;

/// <summary>The one writer: a thread that commits whatever waits together, with one sync to disk for all of it.</summary>
/// <remarks>
/// Each piece of work runs in a savepoint of its own, so that one that fails takes nothing of the others with it. Work of one kind
/// (<see cref="IGroupWork{TItem, T}"/>) shares a savepoint, and is run piece by piece only if it does not go well for all.
/// </remarks>
internal sealed class CatalogWriter : IAsyncDisposable
{
    private const int MaxWaiting = 4096;
    private const int MaxGroup = 256;

    private readonly CatalogSession _session;
    private readonly CatalogWatch _watch;
    private readonly object _gate = new();
    private readonly Queue<CatalogWork> _waiting = new();
    private readonly SemaphoreSlim _places = new(MaxWaiting);
    private readonly Thread _thread;
    private readonly string _overwriteLog;
    private bool _isInDoubt;
    private bool _isIdle;
    private bool _isStopped;

    public CatalogWriter(CatalogSession session, CatalogWatch watch)
    {
        (_session, _watch) = (session, watch);
        _overwriteLog = string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {session.Number("pragma user_version")}");

        // A thread of its own: a commit waits for the disk, and the thread pool has better to do.
        _thread = new Thread(Serve) { IsBackground = true, Name = "coffre catalog" };
        _thread.Start();
    }

    /// <summary>See <see cref="CatalogStore.WriteAsync{T}"/>.</summary>
    public async Task<T> WriteAsync<T>(Func<CatalogSession, T> work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        var lone = new LoneWork<T>(work);
        Queue(lone);
        return await lone.Task;
    }

    /// <summary>See <see cref="CatalogStore.WriteAsync{TItem, T}"/>.</summary>
    public async Task<T> WriteAsync<TItem, T>(IGroupWork<TItem, T> work, TItem item, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        var one = new GroupItem<TItem, T>(work, item);
        Queue(one);
        return await one.Task;
    }

    /// <summary>Commits what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.Pulse(_gate);
        }

        await Task.Run(_thread.Join);
        _session.Dispose();
        _places.Dispose();
    }

    private void Queue(CatalogWork work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopped, this);
            _waiting.Enqueue(work);
            if (_isIdle)
            {
                _isIdle = false;
                Monitor.Pulse(_gate);
            }
        }
    }

    private void Serve()
    {
        var group = new List<CatalogWork>(MaxGroup);
        while (Take(group))
        {
            _places.Release(group.Count);
            Commit(group);
            group.Clear();
        }
    }

    private bool Take(List<CatalogWork> group)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_isStopped)
                {
                    return false;
                }

                _isIdle = true;
                Monitor.Wait(_gate);
                _isIdle = false;
            }

            while (group.Count < MaxGroup && _waiting.TryDequeue(out var work))
            {
                group.Add(work);
            }

            return true;
        }
    }

    private void Commit(List<CatalogWork> group)
    {
        var ran = new List<CatalogWork>(group.Count);
        var together = new List<CatalogWork>(group.Count);
        _session.HasChangedRights = false;
        try
        {
            _session.Execute("begin immediate");
            foreach (var work in group)
            {
                if (work.Kind is not null)
                {
                    together.Add(work);
                }
                else if (RunOne(work))
                {
                    ran.Add(work);
                }
            }

            var done = together.GroupBy(static work => work.Kind, ReferenceEqualityComparer.Instance).SelectMany(RunTogether).ToList();
            together = done;
            CommitNow();
            _isInDoubt = false;
            _watch.Changed(_session.HasChangedRights);
        }
        catch (Exception exception)
        {
            TryRollBack();
            group.ForEach(work => work.Fail(exception));
            return;
        }

        ran.ForEach(static work => work.Complete());
        WorkChunk.Complete(together);
    }

    /// <remarks>
    /// A failed commit is not part of what others read, but may lie whole in the log, where a start after a power cut finds it. SQLite writes the
    /// next one over it, from the same place on; so a later commit that went well, and did write, is the end of it.
    /// </remarks>
    /// <exception cref="SqliteException">The disk is full. The last page of the log, which makes it count, was not taken: nothing is kept.</exception>
    /// <exception cref="CommitUnknownException">Anything else, or it is full while the fate of an earlier one is unknown, whose pages may stand where these should.</exception>
    private void CommitNow()
    {
        if (_isInDoubt)
        {
            // Writes a page, also if nothing else does; the value is the one that is there.
            _session.Execute(_overwriteLog);
        }

        try
        {
            _session.Execute("commit");
        }
        catch (Exception exception) when (_isInDoubt || !FullDisk.IsCauseOf(exception))
        {
            _isInDoubt = true;
            throw new CommitUnknownException(exception);
        }
    }

    /// <summary>Runs work of one kind; returns what is to be told that it is on disk.</summary>
    private List<CatalogWork> RunTogether(IEnumerable<CatalogWork> kind)
    {
        var works = kind.ToList();
        return works.Count > 1 && TryRunAll(works) ? works : works.FindAll(RunOne);
    }

    private bool TryRunAll(List<CatalogWork> works)
    {
        _session.Execute("savepoint work");
        var isGood = false;
        try
        {
            isGood = works[0].RunAll(_session, works);
        }
        catch (Exception)
        {
            // Whose fault it is shows when each is run by itself.
            _session.Execute("rollback to work");
            _session.Execute("release work");
            return false;
        }

        if (!isGood)
        {
            _session.Execute("rollback to work");
        }

        _session.Execute("release work");
        return isGood;
    }

    /// <summary>Runs one piece in a savepoint; false if it threw, and was told so.</summary>
    private bool RunOne(CatalogWork work)
    {
        _session.Execute("savepoint work");
        try
        {
            if (!work.Run(_session))
            {
                _session.Execute("rollback to work");
            }

            _session.Execute("release work");
            return true;
        }
        catch (Exception exception)
        {
            _session.Execute("rollback to work");
            _session.Execute("release work");
            work.Fail(exception);
            return false;
        }
    }

    private void TryRollBack()
    {
        try
        {
            _session.Execute("rollback");
        }
        catch (SqliteException)
        {
            // A full disk may have ended the transaction already.
        }
    }
}
