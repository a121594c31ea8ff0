using System.Collections.Concurrent;
using System.Threading.Channels;
using Coffre.Server.Door;
using Microsoft.Data.Sqlite;

namespace Coffre.Server.Catalog;

/// <summary>The metadata database: names, rights and counts; never bytes of files.</summary>
/// <remarks>
/// SQLite in WAL mode with full sync. Readers each have a connection and a snapshot and are never blocked. All writes pass one
/// writer, which commits whatever waits together: one sync to disk for the whole group. Each piece of work in a group runs in
/// its own savepoint, so that one that fails takes nothing of the others with it.
/// </remarks>
internal sealed class CatalogStore : IAsyncDisposable
{
    private const int MaxWaitingWrites = 4096;
    private const int MaxGroup = 256;
    private const int MaxReaders = 32;

    private readonly string _connectionString;
    private readonly CatalogSession _writer;
    private readonly CatalogWatch _watch;
    private readonly Channel<IWork> _queue = Channel.CreateBounded<IWork>(new BoundedChannelOptions(MaxWaitingWrites) { SingleReader = true });
    private readonly ConcurrentBag<CatalogSession> _readers = [];
    private readonly SemaphoreSlim _readerGate = new(MaxReaders);
    private readonly Thread _pump;

    private CatalogStore(string connectionString, CatalogSession writer)
    {
        _connectionString = connectionString;
        _writer = writer;
        _watch = new CatalogWatch(Connect(connectionString));

        // A thread of its own: a commit waits for the disk, and the thread pool has better to do.
        _pump = new Thread(Pump) { IsBackground = true, Name = "coffre catalog" };
        _pump.Start();
    }

    private interface IWork
    {
        /// <summary>Runs inside the open transaction; true if its changes stay.</summary>
        bool Run(CatalogSession session);

        void Complete();

        void Fail(Exception exception);
    }

    /// <summary>Opens the database file, makes it if there is none, and brings it to the newest form.</summary>
    /// <exception cref="CatalogException">The file cannot be opened, or was written by a newer version.</exception>
    public static CatalogStore Open(string path, TimeProvider clock)
    {
        var connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString();
        try
        {
            var writer = Connect(connectionString);
            Migrations.Apply(writer, clock);
            return new CatalogStore(connectionString, writer);
        }
        catch (SqliteException exception)
        {
            throw new CatalogException($"The catalog '{path}' cannot be opened: {exception.Message}", exception);
        }
    }

    /// <summary>Another number than before if anything in the catalog may have changed since; see <see cref="CatalogWatch"/>.</summary>
    public long Version => _watch.Version;

    /// <summary>Runs <paramref name="work"/> on a snapshot.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<CatalogSession, T> work, CancellationToken cancellationToken)
    {
        using var lease = await OpenReadAsync(cancellationToken);
        return work(lease.Session);
    }

    /// <summary>A snapshot that lasts until it is disposed: for listings that stream.</summary>
    public async ValueTask<ReadLease> OpenReadAsync(CancellationToken cancellationToken)
    {
        await _readerGate.WaitAsync(cancellationToken);
        try
        {
            if (!_readers.TryTake(out var session))
            {
                session = Connect(_connectionString);
            }

            session.Execute("begin");
            return new ReadLease(this, session);
        }
        catch
        {
            _readerGate.Release();
            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns once it is on disk. If it throws, or returns a fault, nothing of it stays.
    /// </summary>
    /// <param name="work">Runs on the writer's thread; must not wait for anything.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the queue; work that is queued runs.</param>
    public async Task<T> WriteAsync<T>(Func<CatalogSession, T> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work);
        await _queue.Writer.WriteAsync(item, cancellationToken);
        return await item.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.Run(_pump.Join);
        while (_readers.TryTake(out var session))
        {
            session.Dispose();
        }

        _watch.Dispose();
        _writer.Dispose();
        _readerGate.Dispose();
    }

    private static CatalogSession Connect(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        var session = new CatalogSession(connection);
        session.Number("pragma journal_mode = wal");
        session.Execute("pragma synchronous = full");
        session.Execute("pragma foreign_keys = on");
        session.Execute("pragma busy_timeout = 30000");
        session.Execute("pragma cache_size = -8000");

        // 32 MiB. A checkpoint syncs log and database: SQLite's own 1000 pages would have one every few hundred uploads.
        session.Number("pragma wal_autocheckpoint = 8192");
        return session;
    }

    private void Pump()
    {
        var group = new List<IWork>(MaxGroup);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            group.Clear();
            while (group.Count < MaxGroup && _queue.Reader.TryRead(out var work))
            {
                group.Add(work);
            }

            CommitGroup(group);
        }
    }

    private void CommitGroup(List<IWork> group)
    {
        var ran = new List<IWork>(group.Count);
        try
        {
            _writer.Execute("begin immediate");
            foreach (var work in group)
            {
                if (RunOne(work))
                {
                    ran.Add(work);
                }
            }

            _writer.Execute("commit");
            _watch.Changed();
        }
        catch (Exception exception)
        {
            TryRollBack();
            ran.ForEach(work => work.Fail(exception));
            group.ForEach(work => work.Fail(exception));
            return;
        }

        ran.ForEach(work => work.Complete());
    }

    private bool RunOne(IWork work)
    {
        _writer.Execute("savepoint work");
        try
        {
            if (!work.Run(_writer))
            {
                _writer.Execute("rollback to work");
            }

            _writer.Execute("release work");
            return true;
        }
        catch (Exception exception)
        {
            _writer.Execute("rollback to work");
            _writer.Execute("release work");
            work.Fail(exception);
            return false;
        }
    }

    private void TryRollBack()
    {
        try
        {
            _writer.Execute("rollback");
        }
        catch (SqliteException)
        {
            // A full disk may have ended the transaction already.
        }
    }

    private void Return(CatalogSession session)
    {
        try
        {
            session.Execute("commit");
            _readers.Add(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        finally
        {
            _readerGate.Release();
        }
    }

    /// <summary>A reader's snapshot.</summary>
    internal sealed class ReadLease(CatalogStore store, CatalogSession session) : IDisposable
    {
        private bool _returned;

        public CatalogSession Session { get; } = session;

        public void Dispose()
        {
            if (!_returned)
            {
                _returned = true;
                store.Return(Session);
            }
        }
    }

    private sealed class Work<T>(Func<CatalogSession, T> work) : IWork
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Task => _done.Task;

        public bool Run(CatalogSession session)
        {
            _result = work(session);
            return _result is not IOutcome { IsFault: true };
        }

        public void Complete() => _done.TrySetResult(_result);

        public void Fail(Exception exception) => _done.TrySetException(exception);
    }
}

/// <summary>The catalog cannot be used.</summary>
internal sealed class CatalogException(string message, Exception? innerException = null) : Exception(message, innerException);
