namespace Coffre.Client;

/// <summary>Whirlpool digests as text.</summary>
internal static class Checksums
{
    private const int Digits = 128;

    /// <summary>Lower-case digits, or null for what is no digest at all.</summary>
    public static string? Clean(string? text) =>
        text is { Length: Digits } && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : null;

    public static string Text(ReadOnlySpan<byte> digest) => Convert.ToHexStringLower(digest);
}
