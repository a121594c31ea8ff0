using System.Globalization;

namespace Coffre.Server.Settings;

/// <summary>One thing that an operator may set: its key, its default, its range, what it does.</summary>
/// <param name="Key"><c>Section:Name</c>.</param>
/// <param name="Default">As it would be written.</param>
/// <param name="Range">For people.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Fits">Whether a written value is in range.</param>
internal sealed record Setting(string Key, string Default, string Range, string Description, Func<string, bool> Fits)
{
    /// <summary>The default when <c>Limits:Profile</c> is <c>1fichier</c>; null: the same.</summary>
    public string? StrictDefault { get; init; }

    public static Setting Number(string key, long value, long min, long max, string description) =>
        new(key, Text(value), string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"), description, text =>
            long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max);

    public static Setting Bytes(string key, string value, long min, long max, string description) =>
        new(key, value, $"{ByteCount.Format(min)} to {ByteCount.Format(max)}", description, text =>
            ByteCount.TryParse(text, out var number) && number >= min && number <= max);

    public static Setting Flag(string key, bool value, string description) =>
        new(key, value ? "true" : "false", "true or false", description, text => bool.TryParse(text, out _));

    public static Setting Choice(string key, string value, string description, params string[] choices) =>
        new(key, value, string.Join(", ", choices), description, text => choices.Contains(text, StringComparer.OrdinalIgnoreCase));

    public static Setting Words(string key, string value, string range, string description, Func<string, bool>? fits = null) =>
        new(key, value, range, description, fits ?? (_ => true));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
