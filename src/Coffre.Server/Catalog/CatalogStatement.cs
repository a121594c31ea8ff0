using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Coffre.Server.Catalog;

/// <summary>A prepared statement, run without the framework's command, parameters and reader: there the objects of a dozen statements for each file add up.</summary>
internal sealed class CatalogStatement : IDisposable
{
    private const int MostOnStack = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly nint _handle;
    private readonly string[] _names;

    // Who calls a statement gives its parameters in the same order each time, as the same strings: found once.
    private readonly string?[] _given;
    private readonly int[] _places;

    private CatalogStatement(sqlite3 database, sqlite3_stmt statement)
    {
        (_database, _statement, _handle) = (database, statement, statement.DangerousGetHandle());
        _names = new string[raw.sqlite3_bind_parameter_count(statement)];
        for (var i = 0; i < _names.Length; i++)
        {
            _names[i] = raw.sqlite3_bind_parameter_name(statement, i + 1).utf8_to_string();
        }

        (_given, _places) = (new string?[_names.Length], new int[_names.Length]);
        Row = new CatalogRow(_handle);
    }

    /// <summary>Where it has come to; after <see cref="Next"/> was true.</summary>
    public CatalogRow Row { get; }

    /// <summary>Whether it may change what <see cref="CatalogPart.Rights"/> covers.</summary>
    public bool ChangesRights { get; init; }

    /// <summary>Whether somebody runs it.</summary>
    public bool IsOut { get; set; }

    /// <summary>Whether it is kept for the next time.</summary>
    public bool IsKept { get; init; }

    /// <summary>Prepares the text; null if there is more than one statement in it.</summary>
    /// <param name="database">The connection.</param>
    /// <param name="sql">A constant of a table's file; values travel as parameters.</param>
    /// <param name="changesRights">Asked once the statement is prepared.</param>
    /// <param name="isKept">Whether it is kept for the next time.</param>
    /// <exception cref="SqliteException">The text is no SQL.</exception>
    public static CatalogStatement? Prepare(sqlite3 database, string sql, Func<bool> changesRights, bool isKept)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out var statement, out var rest), database);
        if (string.IsNullOrWhiteSpace(rest))
        {
            return new CatalogStatement(database, statement) { ChangesRights = changesRights(), IsKept = isKept };
        }

        statement.Dispose();
        return null;
    }

    /// <summary>Sets all parameters.</summary>
    public void Bind(ReadOnlySpan<(string Name, CatalogValue Value)> parameters)
    {
        if (parameters.Length != _names.Length)
        {
            // One that is left out would have the value of the call before.
            throw new ArgumentException($"The statement has {_names.Length} parameters, not {parameters.Length}.", nameof(parameters));
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            ref readonly var parameter = ref parameters[i];
            if (!ReferenceEquals(_given[i], parameter.Name))
            {
                _places[i] = PlaceOf(parameter.Name);
                _given[i] = parameter.Name;
            }

            Bind(_places[i], in parameter.Value);
        }
    }

    /// <summary>Goes to the next row; false: there is none.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public bool Next()
    {
        var code = NativeSqlite.Step(_handle);
        if (code is not raw.SQLITE_ROW and not raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs it to its end; the first column of the first row, if that is a whole number.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public long? Run()
    {
        var has = Next();
        var number = has && NativeSqlite.ColumnType(_handle, 0) == raw.SQLITE_INTEGER ? NativeSqlite.ColumnNumber(_handle, 0) : (long?)null;
        while (has)
        {
            has = Next();
        }

        return number;
    }

    /// <summary>Lets go of its rows. What went wrong before is told once more by SQLite, and was told by <see cref="Next"/>.</summary>
    public void Reset() => _ = NativeSqlite.Reset(_handle);

    public void Dispose() => _statement.Dispose();

    private int PlaceOf(string name)
    {
        var at = Array.IndexOf(_names, name);
        return at >= 0 ? at + 1 : throw new ArgumentException($"The statement has no parameter {name}.", nameof(name));
    }

    private void Bind(int place, in CatalogValue value)
    {
        var code = value.Kind switch
        {
            CatalogKind.Number => NativeSqlite.BindNumber(_handle, place, value.Number),
            CatalogKind.Text => BindText(place, value.Text),
            CatalogKind.Bytes => NativeSqlite.Bind(_handle, place, value.Bytes),
            _ => NativeSqlite.BindNull(_handle, place),
        };
        SqliteException.ThrowExceptionForRC(code, _database);
    }

    private int BindText(int place, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= MostOnStack)
        {
            Span<byte> utf8 = stackalloc byte[MostOnStack];
            return NativeSqlite.Bind(_handle, place, utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return NativeSqlite.Bind(_handle, place, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
