using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Coffre.Server.Catalog;

/// <summary>One connection to the catalog while one piece of work runs on it. Used by one thread at a time.</summary>
/// <remarks>Statements are prepared once and kept. Parameters are named <c>@name</c>, which both dialects read.</remarks>
internal sealed class CatalogSession : IDisposable
{
    private readonly sqlite3 _database;
    private readonly RightsAuthorizer _authorizer;

    // Null for scripts of several statements. Most texts are constants, which are found by reference, without reading them.
    private readonly Dictionary<string, CatalogStatement?> _statements = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CatalogStatement?> _constants = new(ReferenceEqualityComparer.Instance);

    private bool _isOver;

    private CatalogSession(sqlite3 database) => (_database, _authorizer) = (database, new RightsAuthorizer(database));

    /// <summary>Whether a statement was run that may change what <see cref="CatalogPart.Rights"/> covers, since this was set back.</summary>
    public bool HasChangedRights { get; set; }

    /// <summary>Opens the file, and makes it if there is none.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static CatalogSession Open(string path)
    {
        Batteries_V2.Init();

        // A session is one thread's at a time: SQLite's own lock at each call would guard nothing.
        var code = raw.sqlite3_open_v2(path, out var database, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            SqliteException.ThrowExceptionForRC(code, database);
            return new CatalogSession(database);
        }
        catch
        {
            database?.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement, or a script of several; returns how many rows (the last of) it touched.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, CatalogValue Value)> parameters)
    {
        if (Take(sql) is not { } statement)
        {
            RunScript(sql, parameters.Length);
            return raw.sqlite3_changes(_database);
        }

        try
        {
            statement.Bind(parameters);
            statement.Run();
            return raw.sqlite3_changes(_database);
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <summary>The first row, or null.</summary>
    public T? Find<T>(string sql, Func<CatalogRow, T> read, params ReadOnlySpan<(string Name, CatalogValue Value)> parameters)
        where T : class
    {
        var statement = TakeOne(sql);
        try
        {
            statement.Bind(parameters);
            return statement.Next() ? read(statement.Row) : null;
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <summary>The first column of the first row as a whole number, or null.</summary>
    public long? Number(string sql, params ReadOnlySpan<(string Name, CatalogValue Value)> parameters)
    {
        var statement = TakeOne(sql);
        try
        {
            statement.Bind(parameters);
            return statement.Run();
        }
        finally
        {
            GiveBack(statement);
        }
    }

    /// <summary>All rows, read one by one as they are asked for.</summary>
    public IEnumerable<T> List<T>(string sql, Func<CatalogRow, T> read, params ReadOnlySpan<(string Name, CatalogValue Value)> parameters) =>
        Rows(Scan(sql, parameters), read);

    /// <summary>All rows, one after the other, as SQLite has them.</summary>
    public CatalogScan Scan(string sql, params ReadOnlySpan<(string Name, CatalogValue Value)> parameters)
    {
        var statement = TakeOne(sql);
        try
        {
            statement.Bind(parameters);
            return new CatalogScan(this, statement);
        }
        catch
        {
            GiveBack(statement);
            throw;
        }
    }

    /// <summary>The statements that were prepared so far, scripts left out, for those who look at how they are run.</summary>
    internal IReadOnlyList<string> StatementTexts() => [.. _statements.Where(static one => one.Value is not null).Select(static one => one.Key)];

    /// <summary>The rows of a statement whose parameters are left null, for those who look at how it is run.</summary>
    internal IReadOnlyList<T> ListUnbound<T>(string sql, Func<CatalogRow, T> read)
    {
        using var scan = new CatalogScan(this, TakeOne(sql));
        var rows = new List<T>();
        while (scan.Next())
        {
            rows.Add(read(scan.Row));
        }

        return rows;
    }

    /// <summary>Ends it. What is asked of it later is refused: SQLite would read freed memory.</summary>
    public void Dispose()
    {
        _isOver = true;
        foreach (var statement in _statements.Values)
        {
            statement?.Dispose();
        }

        _statements.Clear();
        _constants.Clear();
        _database.Dispose();
    }

    internal void GiveBack(CatalogStatement statement)
    {
        statement.Reset();
        statement.IsOut = false;
        if (!statement.IsKept)
        {
            statement.Dispose();
        }
    }

    private static IEnumerable<T> Rows<T>(CatalogScan scan, Func<CatalogRow, T> read)
    {
        using (scan)
        {
            while (scan.Next())
            {
                yield return read(scan.Row);
            }
        }
    }

    private void RunScript(string sql, int parameters)
    {
        if (parameters > 0)
        {
            throw new ArgumentException("A script of several statements takes no parameters.", nameof(parameters));
        }

        HasChangedRights = true;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(_database, sql), _database);
    }

    private CatalogStatement TakeOne(string sql) => Take(sql) ?? throw new ArgumentException("That is more than one statement.", nameof(sql));

    private CatalogStatement? Take(string sql)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        if (!_constants.TryGetValue(sql, out var statement) && !_statements.TryGetValue(sql, out statement))
        {
            statement = Prepare(sql, isKept: true);
            _statements[sql] = statement;
            if (ReferenceEquals(string.IsInterned(sql), sql))
            {
                _constants[sql] = statement;
            }
        }

        if (statement is null)
        {
            return null;
        }

        if (statement.IsOut)
        {
            // Its rows are being read further out.
            statement = Prepare(sql, isKept: false)!;
        }

        statement.IsOut = true;
        HasChangedRights |= statement.ChangesRights;
        return statement;
    }

    private CatalogStatement? Prepare(string sql, bool isKept)
    {
        _authorizer.Begin();
        return CatalogStatement.Prepare(_database, sql, _authorizer.ChangesRights, isKept);
    }
}

/// <summary>The rows of a statement. Disposed, it lets go of them.</summary>
internal sealed class CatalogScan(CatalogSession session, CatalogStatement statement) : IDisposable
{
    private bool _isOver;

    /// <summary>The row that it has come to, once <see cref="Next"/> was true.</summary>
    public CatalogRow Row => statement.Row;

    public bool Next() => statement.Next();

    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            session.GiveBack(statement);
        }
    }
}
