using Microsoft.Data.Sqlite;

namespace Coffre.Server.Catalog;

/// <summary>One connection to the catalog while one piece of work runs on it. Used by one thread at a time.</summary>
/// <remarks>Statements are prepared once and kept. Parameters are named <c>@name</c>, which both dialects read.</remarks>
internal sealed class CatalogSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);
    private readonly HashSet<SqliteCommand> _open = [];

    // Null for scripts of several statements.
    private readonly Dictionary<string, CatalogStatement?> _plain = new(StringComparer.Ordinal);

    internal CatalogSession(SqliteConnection connection) => _connection = connection;

    /// <summary>Runs a statement; returns how many rows it touched.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (Plain(sql) is { } statement)
        {
            return statement.Execute(parameters);
        }

        using var use = Use(sql, parameters);
        return use.Command.ExecuteNonQuery();
    }

    /// <summary>The first row, or null.</summary>
    public T? Find<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class
    {
        using var use = Use(sql, parameters);
        using var reader = use.Command.ExecuteReader();
        return reader.Read() ? read(reader) : null;
    }

    /// <summary>The first column of the first row as a whole number, or null.</summary>
    public long? Number(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (Plain(sql) is { } statement)
        {
            return statement.Number(parameters);
        }

        using var use = Use(sql, parameters);
        return use.Command.ExecuteScalar() is long number ? number : null;
    }

    /// <summary>All rows, read one by one as they are asked for.</summary>
    public IEnumerable<T> List<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Rows(Use(sql, parameters), read);

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        foreach (var statement in _plain.Values)
        {
            statement?.Dispose();
        }

        _connection.Dispose();
    }

    private CatalogStatement? Plain(string sql)
    {
        if (!_plain.TryGetValue(sql, out var statement))
        {
            statement = CatalogStatement.Prepare(_connection, sql);
            _plain[sql] = statement;
        }

        return statement;
    }

    private static IEnumerable<T> Rows<T>(Usage usage, Func<SqliteDataReader, T> read)
    {
        using (usage)
        {
            using var reader = usage.Command.ExecuteReader();
            while (reader.Read())
            {
                yield return read(reader);
            }
        }
    }

    private Usage Use(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var kept = _statements.TryGetValue(sql, out var command);
        var mayKeep = !kept || !_open.Contains(command!);
        if (!kept || !mayKeep)
        {
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of a *Table.cs file; values travel as parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            if (mayKeep)
            {
                _statements[sql] = command;
            }
        }

        command!.Parameters.Clear();
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        _open.Add(command);
        return new Usage(this, command, mayKeep);
    }

    private sealed class Usage(CatalogSession session, SqliteCommand command, bool kept) : IDisposable
    {
        public SqliteCommand Command { get; } = command;

        public void Dispose()
        {
            session._open.Remove(Command);
            if (!kept)
            {
                Command.Dispose();
            }
        }
    }
}
