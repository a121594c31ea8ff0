using System.Runtime.InteropServices;

namespace Coffre.Server.Catalog;

/// <summary>The calls into SQLite that are made for each value and each row.</summary>
/// <remarks>
/// Why not those of the package: it goes through an interface and counts references to the handle at each call, which for a
/// listing is a dozen times a row and more than SQLite's own work. Here a <see cref="CatalogStatement"/> keeps the handle alive.
/// Those that only touch the row in memory do not tell the collector either: they neither wait nor call back.
/// </remarks>
internal static unsafe partial class NativeSqlite
{
    private const string Library = "e_sqlite3";

    /// <summary>SQLite copies what it is given before the call returns.</summary>
    public static readonly nint Transient = -1;

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int BindNumber(nint statement, int place, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int BindNull(nint statement, int place);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int BindText(nint statement, int place, byte* text, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int BindBytes(nint statement, int place, byte* bytes, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int ColumnType(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial long ColumnNumber(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_text"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial byte* ColumnText(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial byte* ColumnBytes(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int ColumnLength(nint statement, int column);

    /// <summary>Text of the row, as UTF-8; good until the statement goes on. Null is an empty span with a null reference.</summary>
    public static ReadOnlySpan<byte> Text(nint statement, int column)
    {
        var text = ColumnText(statement, column);
        return text is null ? default : new ReadOnlySpan<byte>(text, ColumnLength(statement, column));
    }

    /// <summary>Bytes of the row; good until the statement goes on.</summary>
    public static ReadOnlySpan<byte> Bytes(nint statement, int column)
    {
        var bytes = ColumnBytes(statement, column);
        return bytes is null ? default : new ReadOnlySpan<byte>(bytes, ColumnLength(statement, column));
    }

    /// <summary>Empty text is text, not null.</summary>
    public static int Bind(nint statement, int place, ReadOnlySpan<byte> utf8)
    {
        // Of an empty span the pointer is null, which to SQLite is SQL's null.
        var nothing = (byte)0;
        fixed (byte* text = utf8)
        {
            return BindText(statement, place, text is null ? &nothing : text, utf8.Length, Transient);
        }
    }

    /// <summary>An empty array is a blob of no bytes, not null.</summary>
    public static int Bind(nint statement, int place, byte[] bytes)
    {
        var nothing = (byte)0;
        fixed (byte* start = bytes)
        {
            return BindBytes(statement, place, start is null ? &nothing : start, bytes.Length, Transient);
        }
    }
}
