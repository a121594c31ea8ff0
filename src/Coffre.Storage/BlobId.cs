using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Coffre.Storage;

/// <summary>The server-made name of a blob: 128 bits, ordered by the time of its making (UUID version 7).</summary>
/// <remarks>Written as 32 lower-case hexadecimal digits. Nothing that a user typed is ever part of it.</remarks>
public readonly record struct BlobId : IComparable<BlobId>
{
    /// <summary>Length of the written form, in characters.</summary>
    public const int TextLength = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly UInt128 _value;

    private BlobId(UInt128 value) => _value = value;

    /// <summary>Makes an id that no other blob has.</summary>
    public static BlobId New(TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(clock);
        Span<byte> bytes = stackalloc byte[16];
        Guid.CreateVersion7(clock.GetUtcNow()).TryWriteBytes(bytes, bigEndian: true, out _);
        return FromBytes(bytes);
    }

    /// <summary>Reads the 16 bytes that <see cref="WriteBytes"/> wrote.</summary>
    public static BlobId FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    /// <summary>Writes the id as 16 bytes whose order is the order of ids.</summary>
    public void WriteBytes(Span<byte> destination) =>
        BinaryPrimitives.WriteUInt128BigEndian(destination, _value);

    /// <summary>Reads the written form; false for anything but 32 lower-case hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out BlobId id)
    {
        id = default;
        if (text is not { Length: TextLength } || text.AsSpan().ContainsAnyExcept(Digits))
        {
            return false;
        }

        id = new BlobId(UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Reads the written form.</summary>
    /// <exception cref="FormatException">The text is not a blob id.</exception>
    public static BlobId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a blob id.");

    public int CompareTo(BlobId other) => _value.CompareTo(other._value);

    public override string ToString() => _value.ToString("x32", CultureInfo.InvariantCulture);

    public static bool operator <(BlobId left, BlobId right) => left.CompareTo(right) < 0;

    public static bool operator >(BlobId left, BlobId right) => left.CompareTo(right) > 0;

    public static bool operator <=(BlobId left, BlobId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(BlobId left, BlobId right) => left.CompareTo(right) >= 0;
}
