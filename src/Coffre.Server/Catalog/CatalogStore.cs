using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Coffre.Server.Catalog;

/// <summary>The metadata database: names, rights and counts; never bytes of files.</summary>
/// <remarks>
/// SQLite in WAL mode with full sync. Readers each have a connection and a snapshot and are never blocked. All writes pass one
/// writer (<see cref="CatalogWriter"/>), which commits whatever waits together.
/// </remarks>
internal sealed class CatalogStore : IAsyncDisposable
{
    private const int MaxReaders = 32;

    private readonly string _path;
    private readonly CatalogWriter _writer;
    private readonly CatalogWatch _watch;
    private readonly ConcurrentBag<CatalogSession> _readers = [];
    private readonly SemaphoreSlim _readerGate = new(MaxReaders);

    private CatalogStore(string path, CatalogSession session)
    {
        _path = path;
        _watch = new CatalogWatch(Connect(path));
        _writer = new CatalogWriter(session, _watch);
    }

    /// <summary>Opens the database file, makes it if there is none, and brings it to the newest form.</summary>
    /// <exception cref="CatalogException">The file cannot be opened, or was written by a newer version.</exception>
    public static CatalogStore Open(string path, TimeProvider clock)
    {
        CatalogSession? session = null;
        try
        {
            session = Connect(path);
            Migrations.Apply(session, clock);
            return new CatalogStore(path, session);
        }
        catch (SqliteException exception)
        {
            session?.Dispose();
            throw new CatalogException($"The catalog '{path}' cannot be opened: {exception.Message}", exception);
        }
        catch (CatalogException)
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Another number than before if anything in the catalog may have changed since; see <see cref="CatalogWatch"/>.</summary>
    public long Version => VersionOf(CatalogPart.Everything);

    /// <summary>The same for a part of it.</summary>
    public long VersionOf(CatalogPart part) => _watch.VersionOf(part);

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
                session = Connect(_path);
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
    /// <exception cref="CommitUnknownException">
    /// The commit failed, and may count all the same. Once any later write has returned, a read tells whether it does. After any other exception nothing is kept.
    /// </exception>
    public Task<T> WriteAsync<T>(Func<CatalogSession, T> work, CancellationToken cancellationToken) => _writer.WriteAsync(work, cancellationToken);

    /// <summary>The same for work of one kind that is done at once for all who wait for it: what they have in common is read and written once.</summary>
    /// <param name="work">The kind: one object for all.</param>
    /// <param name="item">What it is done for.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the queue; work that is queued runs.</param>
    public Task<T> WriteAsync<TItem, T>(IGroupWork<TItem, T> work, TItem item, CancellationToken cancellationToken) =>
        _writer.WriteAsync(work, item, cancellationToken);

    /// <summary>What the readers that nobody uses now have prepared so far, for those who look at how it is run.</summary>
    internal IReadOnlyList<string> StatementTexts() => [.. _readers.SelectMany(static session => session.StatementTexts())];

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        while (_readers.TryTake(out var session))
        {
            session.Dispose();
        }

        _watch.Dispose();
        _readerGate.Dispose();
    }

    private static CatalogSession Connect(string path)
    {
        var session = CatalogSession.Open(path);
        try
        {
            session.Number("pragma busy_timeout = 30000");
            session.Number("pragma journal_mode = wal");
            session.Execute("pragma synchronous = full");
            session.Execute("pragma foreign_keys = on");
            session.Execute("pragma cache_size = -8000");

            // What a savepoint would put back is kept in memory. In files, a commit of many uploads makes one, fills it and removes it.
            session.Execute("pragma temp_store = memory");

            // 32 MiB. A checkpoint syncs log and database: SQLite's own 1000 pages would have one every few hundred uploads.
            session.Number("pragma wal_autocheckpoint = 8192");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
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
}

/// <summary>A commit failed, and nobody knows whether it counts: its log may be on the device although the sync of it failed, and be found there after a power cut.</summary>
internal sealed class CommitUnknownException(Exception cause) : Exception($"The catalog's commit failed: {cause.Message}", cause);

/// <summary>The catalog cannot be used.</summary>
internal sealed class CatalogException(string message, Exception? innerException = null) : Exception(message, innerException);
