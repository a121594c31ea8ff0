using System.Globalization;
using System.Text;
using SQLitePCL;

namespace Coffre.Server.Catalog;

/// <summary>The row that a statement has come to. Good until the statement goes on.</summary>
internal sealed class CatalogRow(nint statement)
{
    public bool IsDBNull(int column) => NativeSqlite.ColumnType(statement, column) == raw.SQLITE_NULL;

    /// <exception cref="InvalidOperationException">The column is null.</exception>
    public long GetInt64(int column)
    {
        ThrowIfNull(column);
        return NativeSqlite.ColumnNumber(statement, column);
    }

    public int GetInt32(int column) => checked((int)GetInt64(column));

    /// <exception cref="InvalidOperationException">The column is null.</exception>
    public string GetString(int column)
    {
        ThrowIfNull(column);
        return Encoding.UTF8.GetString(NativeSqlite.Text(statement, column));
    }

    /// <summary>A copy of the column.</summary>
    /// <exception cref="InvalidOperationException">The column is null.</exception>
    public byte[] GetBytes(int column)
    {
        ThrowIfNull(column);
        return NativeSqlite.Bytes(statement, column).ToArray();
    }

    /// <summary>A whole number; 0 for null.</summary>
    public long Number(int column) => NativeSqlite.ColumnNumber(statement, column);

    /// <summary>Bytes of a text or blob; 0 for null.</summary>
    public int Length(int column) => NativeSqlite.ColumnLength(statement, column);

    /// <summary>Text as UTF-8, not copied; empty for null.</summary>
    public ReadOnlySpan<byte> Utf8(int column) => NativeSqlite.Text(statement, column);

    /// <summary>Bytes, not copied; empty for null.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => NativeSqlite.Bytes(statement, column);

    private void ThrowIfNull(int column)
    {
        if (IsDBNull(column))
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Column {column} is null."));
        }
    }
}
