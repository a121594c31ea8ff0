using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Coffre.Server.Catalog;

/// <summary>A prepared statement that is run for its effect or for one number, without the framework's command and reader.</summary>
/// <remarks>All that uploads and removals write passes the one writer, a dozen statements for each file: there the framework's objects add up.</remarks>
internal sealed class CatalogStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    private CatalogStatement(sqlite3 database, sqlite3_stmt statement) => (_database, _statement) = (database, statement);

    /// <summary>Prepares the text; null if there is more than one statement in it.</summary>
    /// <exception cref="SqliteException">The text is no SQL.</exception>
    public static CatalogStatement? Prepare(SqliteConnection connection, string sql)
    {
        var database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out var statement, out var rest), database);
        if (string.IsNullOrWhiteSpace(rest))
        {
            return new CatalogStatement(database, statement);
        }

        statement.Dispose();
        return null;
    }

    /// <summary>Runs it; returns how many rows it touched.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public int Execute(ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        Number(parameters);
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs it; returns the first column of the first row, if that is a whole number.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public long? Number(ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (parameters.Length != raw.sqlite3_bind_parameter_count(_statement))
        {
            // One that is left out would have the value of the call before.
            throw new ArgumentException($"The statement has {raw.sqlite3_bind_parameter_count(_statement)} parameters, not {parameters.Length}.", nameof(parameters));
        }

        foreach (var (name, value) in parameters)
        {
            Bind(PlaceOf(name), value);
        }

        try
        {
            var code = raw.sqlite3_step(_statement);
            var number = code == raw.SQLITE_ROW && raw.sqlite3_column_type(_statement, 0) == raw.SQLITE_INTEGER
                ? raw.sqlite3_column_int64(_statement, 0)
                : (long?)null;
            while (code == raw.SQLITE_ROW)
            {
                code = raw.sqlite3_step(_statement);
            }

            if (code != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(code, _database);
            }

            return number;
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private int PlaceOf(string name)
    {
        if (!_places.TryGetValue(name, out var place))
        {
            place = raw.sqlite3_bind_parameter_index(_statement, name);
            _places[name] = place > 0 ? place : throw new ArgumentException($"The statement has no parameter {name}.", nameof(name));
        }

        return place;
    }

    private void Bind(int place, object? value)
    {
        var code = value switch
        {
            null or DBNull => raw.sqlite3_bind_null(_statement, place),
            long number => raw.sqlite3_bind_int64(_statement, place, number),
            int number => raw.sqlite3_bind_int(_statement, place, number),
            string text => raw.sqlite3_bind_text(_statement, place, text),
            byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, place, 0),
            byte[] bytes => raw.sqlite3_bind_blob(_statement, place, bytes),
            _ => throw new ArgumentException($"The catalog keeps no {value.GetType().Name}.", nameof(value)),
        };
        SqliteException.ThrowExceptionForRC(code, _database);
    }
}
