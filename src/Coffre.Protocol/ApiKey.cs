using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Coffre.Protocol;

/// <summary>The written form of an API key: <c>cof_</c>, 22 random characters, 6 of checksum; 32 in all.</summary>
/// <remarks>
/// Letters and digits only, so that a double click takes it whole and clients that accept 32 characters of
/// <c>[A-Za-z0-9\-_=]</c> take it. The random part holds 131 bits. The last six are the CRC-32 of the first 26 in base 62,
/// so that a typing error is told from an unknown key without asking anybody.
/// </remarks>
public static class ApiKey
{
    public const string Prefix = "cof_";
    public const int Length = 32;

    internal const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    internal const int ChecksumLength = 6;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet + "-_=");
    private static readonly uint[] Crc = MakeCrc();

    /// <summary>Makes a key. It is shown once and kept nowhere in this form.</summary>
    public static string New()
    {
        var body = Prefix + RandomNumberGenerator.GetString(Alphabet, Length - Prefix.Length - ChecksumLength);
        return body + Checksum(body);
    }

    /// <summary>Whether a text has the form of a key, checksum included.</summary>
    public static bool IsWellFormed([NotNullWhen(true)] string? text) => Judge(text) == KeyForm.Coffre;

    /// <summary>What a text that somebody gives as a key looks like.</summary>
    public static KeyForm Judge(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return KeyForm.Empty;
        }

        if (HasBlanks(text))
        {
            return KeyForm.HasBlanks;
        }

        if (text.Length != Length)
        {
            return KeyForm.WrongLength;
        }

        if (text.AsSpan().ContainsAnyExcept(Allowed))
        {
            return KeyForm.WrongCharacters;
        }

        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return KeyForm.Foreign;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(text.AsSpan(0, Length - ChecksumLength), checksum);
        return text.AsSpan(Length - ChecksumLength).SequenceEqual(checksum) ? KeyForm.Coffre : KeyForm.WrongChecksum;
    }

    private static bool HasBlanks(string text)
    {
        foreach (var character in text)
        {
            if (char.IsWhiteSpace(character) || char.IsControl(character))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A form that may be shown: prefix, dots, the last four characters.</summary>
    public static string Mask(string? key) =>
        key is { Length: >= 16 } ? $"{key[..4]}…{key[^4..]}" : "…";

    internal static string Checksum(string body) =>
        string.Create(ChecksumLength, body, static (span, text) => WriteChecksum(text, span));

    private static void WriteChecksum(ReadOnlySpan<char> body, Span<char> target)
    {
        var crc = uint.MaxValue;
        foreach (var character in body)
        {
            // A character beyond ASCII keeps its upper byte, as it would bit by bit.
            crc ^= character;
            crc = (crc >> 8) ^ Crc[(byte)crc];
        }

        crc = ~crc;
        for (var i = target.Length - 1; i >= 0; i--)
        {
            target[i] = Alphabet[(int)(crc % 62)];
            crc /= 62;
        }
    }

    private static uint[] MakeCrc()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }

            table[i] = crc;
        }

        return table;
    }
}

/// <summary>What a text given as a key looks like.</summary>
public enum KeyForm
{
    /// <summary>A whole key of a coffre-server.</summary>
    Coffre,

    /// <summary>32 allowed characters without our prefix: a key of 1fichier.com, perhaps.</summary>
    Foreign,
    Empty,
    HasBlanks,
    WrongLength,
    WrongCharacters,

    /// <summary>Our prefix, but the last six characters do not fit: a typing error.</summary>
    WrongChecksum,
}
