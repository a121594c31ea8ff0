namespace Coffre.Server.Catalog;

/// <summary>A parameter of a statement: nothing, a whole number, text or bytes. Numbers are not boxed.</summary>
internal readonly struct CatalogValue
{
    private readonly object? _reference;

    private CatalogValue(long number) => (Kind, Number) = (CatalogKind.Number, number);

    private CatalogValue(CatalogKind kind, object reference) => (Kind, _reference) = (kind, reference);

    public CatalogKind Kind { get; }

    public long Number { get; }

    public string Text => (string)_reference!;

    public byte[] Bytes => (byte[])_reference!;

    public static implicit operator CatalogValue(long value) => new(value);

    public static implicit operator CatalogValue(int value) => new(value);

    public static implicit operator CatalogValue(long? value) => value is { } number ? new(number) : default;

    public static implicit operator CatalogValue(string? value) => value is null ? default : new(CatalogKind.Text, value);

    public static implicit operator CatalogValue(byte[]? value) => value is null ? default : new(CatalogKind.Bytes, value);
}

internal enum CatalogKind
{
    /// <summary>SQL's null.</summary>
    None,

    Number,

    Text,

    Bytes,
}
