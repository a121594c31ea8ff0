using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Coffre.Protocol;

/// <summary>The written form of the secrets beside keys: a prefix that says what it is, 32 random characters, 6 of checksum; 42 in all.</summary>
/// <remarks>As long as no API key, so that none is ever taken for one. The random part holds 190 bits; the checksum is that of <see cref="ApiKey"/>.</remarks>
public static class SecretText
{
    /// <summary>A session: whoever presents it is signed in.</summary>
    public const string Session = "cos_";

    /// <summary>A sign-in that still wants its second step. It has no rights.</summary>
    public const string Challenge = "coc_";

    /// <summary>An invitation to sign up.</summary>
    public const string Invitation = "coi_";

    /// <summary>What a mail carries to prove that its address is read: a password reset, a new address, a sign-up.</summary>
    public const string Letter = "com_";

    public const int Length = 42;

    /// <summary>Makes one. It is shown once and kept nowhere in this form.</summary>
    /// <param name="prefix">What it is for; one of the constants here.</param>
    public static string New(string prefix)
    {
        var body = prefix + RandomNumberGenerator.GetString(ApiKey.Alphabet, Length - prefix.Length - ApiKey.ChecksumLength);
        return body + ApiKey.Checksum(body);
    }

    /// <summary>Whether a text has the form of such a secret, checksum included.</summary>
    public static bool IsWellFormed([NotNullWhen(true)] string? text, string prefix) =>
        text?.Length == Length
        && text.StartsWith(prefix, StringComparison.Ordinal)
        && text.Skip(prefix.Length).All(char.IsAsciiLetterOrDigit)
        && string.Equals(text[^ApiKey.ChecksumLength..], ApiKey.Checksum(text[..^ApiKey.ChecksumLength]), StringComparison.Ordinal);
}
