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

        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return KeyForm.HasBlanks;
        }

        if (text.Length != Length)
        {
            return KeyForm.WrongLength;
        }

        if (text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '=')))
        {
            return KeyForm.WrongCharacters;
        }

        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return KeyForm.Foreign;
        }

        return string.Equals(text[^ChecksumLength..], Checksum(text[..^ChecksumLength]), StringComparison.Ordinal)
            ? KeyForm.Coffre
            : KeyForm.WrongChecksum;
    }

    /// <summary>A form that may be shown: prefix, dots, the last four characters.</summary>
    public static string Mask(string? key) =>
        key is { Length: >= 16 } ? $"{key[..4]}…{key[^4..]}" : "…";

    internal static string Checksum(string body)
    {
        var crc = uint.MaxValue;
        foreach (var character in body)
        {
            crc ^= character;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }

        crc = ~crc;
        return string.Create(ChecksumLength, crc, static (span, value) =>
        {
            for (var i = span.Length - 1; i >= 0; i--)
            {
                span[i] = Alphabet[(int)(value % 62)];
                value /= 62;
            }
        });
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
