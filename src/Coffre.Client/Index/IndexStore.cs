using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Coffre.Client.Index;

/// <summary>The remote tree as far as it is known, in a SQLite file; or in memory, where there is no place for one.</summary>
/// <remarks>
/// A copy, and nothing more: a file that is damaged or of another version is dropped and filled again by listings. So nothing is
/// synced to disk. Damage that shows in the middle of a run leaves a mark beside the file, and the next run drops it: this one may have
/// answered from it already. One caller at a time, on one connection or several; other processes may use the file too.
/// </remarks>
internal sealed class IndexStore : IDisposable
{
    private const int Version = 4;
    private const int NotADatabase = 26;
    private const int Corrupt = 11;

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly string? _path;

    private IndexStore(SqliteConnection connection, string? path) => (_connection, _path) = (connection, path);

    /// <summary>Opens the file; makes it if it is missing, and anew if it is of no use.</summary>
    /// <param name="path">Null keeps everything in memory.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>.</exception>
    public static IndexStore Open(string? path)
    {
        try
        {
            if (path is not null)
            {
                StateFolder.Make(Path.GetDirectoryName(path)!);
                Touch(path);
                if (File.Exists(DamageMark(path)))
                {
                    Drop(path);
                }
            }

            try
            {
                return Connect(path);
            }
            catch (SqliteException exception) when (path is not null && IsDamage(exception))
            {
                Drop(path);
                return Connect(path);
            }
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"The index of the remote tree cannot be used: {exception.Message}", exception)
            {
                Advice = $"remove {path}: it is a copy, and is made again",
            };
        }
    }

    /// <summary>Runs statements as one change.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>: the file is damaged.</exception>
    public void Write(Action<IndexSession> change) => Read(session =>
    {
        Change(session, change);
        return true;
    });

    /// <summary>Runs one query to its end.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>: the file is damaged.</exception>
    public T Read<T>(Func<IndexSession, T> query)
    {
        lock (_gate)
        {
            return Guarded(() => query(new IndexSession(_connection)));
        }
    }

    /// <summary>Runs one query for several parts of the index at once, each on a connection of its own, and gives the answers in the order of the parts.</summary>
    /// <remarks>This process writes nothing meanwhile; what another one writes, some of the parts may see already and others not.</remarks>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>: the file is damaged.</exception>
    public IReadOnlyList<T> ReadAtOnce<TPart, T>(IReadOnlyList<TPart> parts, Func<IndexSession, TPart, T> query)
    {
        if (_path is not { } path || parts.Count < 2)
        {
            return [.. parts.Select(part => Read(session => query(session, part)))];
        }

        lock (_gate)
        {
            Task<T>[] others = [.. parts.Skip(1).Select(part => Task.Run(() => Guarded(() =>
            {
                using var connection = OpenMapped(path);
                return query(new IndexSession(connection), part);
            })))];
            var first = Guarded(() => query(new IndexSession(_connection), parts[0]));
            return [first, .. others.Select(other => other.GetAwaiter().GetResult())];
        }
    }

    public void Dispose() => _connection.Dispose();

    private static IndexStore Connect(string? path)
    {
        var connection = OpenMapped(path ?? ":memory:");
        try
        {
            var store = new IndexStore(connection, path);
            store.Run("pragma journal_mode = wal");
            store.Run("pragma synchronous = off");
            store.Run("pragma cache_size = -65536");
            store.Prepare();
            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static SqliteConnection OpenMapped(string source)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Pooling = false }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma busy_timeout = 10000; pragma mmap_size = 1073741824";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private T Guarded<T>(Func<T> query)
    {
        try
        {
            return query();
        }
        catch (SqliteException exception) when (_path is not null && IsDamage(exception))
        {
            throw Damaged(_path, exception);
        }
    }

    private void Prepare()
    {
        // Damage found here is repaired at once: see Open.
        var opened = new IndexSession(_connection);
        if (opened.Number("pragma user_version") == Version)
        {
            return;
        }

        Change(opened, session =>
        {
            session.Execute("drop table if exists folder");
            session.Execute("drop table if exists file");
            session.Execute("drop table if exists twin");
            session.Execute("drop table if exists held");

            // listed: when this folder itself was listed last, in Unix milliseconds; null: never.
            session.Execute("create table folder (id integer primary key, parent integer, name text not null, created integer, listed integer, unlisted integer not null default 0)");
            session.Execute("create index folder_parent on folder (parent)");

            // mark: the first eight bytes of the checksum, by which equal contents are found without reading the rows.
            session.Execute("create table file (id integer primary key, folder integer not null, name text not null, size integer not null, link text not null, checksum blob, mark integer, arrived integer, type text, flags integer not null)");
            session.Execute("create index file_folder on file (folder, name, size)");
            session.Execute("create index file_mark on file (mark, size) where mark is not null");

            // A file lies in one folder: where it lay before is found by its link.
            session.Execute("create index file_link on file (link)");

            // Contents that were there more than once at some time: those that still are need not be looked for among all files.
            session.Execute("create table twin (mark integer not null, size integer not null, primary key (mark, size)) without rowid");

            // What lies directly in each folder, so that sums do not read every file.
            session.Execute("create table held (folder integer primary key, files integer not null, bytes integer not null)");
            session.Execute("create trigger file_comes after insert on file begin insert into held values (new.folder, 1, new.size) on conflict (folder) do update set files = files + 1, bytes = bytes + new.size; end");
            session.Execute("create trigger file_goes after delete on file begin update held set files = files - 1, bytes = bytes - old.size where folder = old.folder; end");
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"pragma user_version = {Version}"));
        });
    }

    private void Change(IndexSession session, Action<IndexSession> change)
    {
        Run("begin immediate");
        try
        {
            change(session);
            Run("commit");
        }
        catch
        {
            Run("rollback");
            throw;
        }
    }

    private static bool IsDamage(SqliteException exception) => exception.SqliteErrorCode is Corrupt or NotADatabase;

    private static string DamageMark(string path) => path + "-damaged";

    private static void Drop(string path)
    {
        // Removed, not cut: other processes may have mapped it, and keep what they have until they end.
        File.Delete(path);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        Touch(path);
        File.Delete(DamageMark(path));
    }

    /// <summary>Makes the file, if it is missing, with a mode that only its owner can read.</summary>
    private static void Touch(string path) => new FileStream(path, StateFolder.Options(FileMode.OpenOrCreate, FileShare.ReadWrite | FileShare.Delete)).Dispose();

    private static CoffreException Damaged(string path, SqliteException exception)
    {
        var advice = "run the same command again: the index is made anew";
        try
        {
            Touch(DamageMark(path));
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            advice = $"remove {path}: it is a copy, and is made again";
        }

        return new CoffreException(CoffreError.LocalFile, $"The index of the remote tree is damaged: {exception.Message}", exception) { Advice = advice };
    }

    private void Run(string statement)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}

/// <summary>Statements on the open index.</summary>
internal sealed class IndexSession(SqliteConnection connection)
{
    public int Execute(string statement, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(statement, values);
        return command.ExecuteNonQuery();
    }

    public long? Number(string statement, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(statement, values);
        return command.ExecuteScalar() is long number ? number : null;
    }

    public List<T> List<T>(string statement, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = Command(statement, values);
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>A statement that is run for many rows.</summary>
    public SqliteCommand Command(string statement, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }
}
