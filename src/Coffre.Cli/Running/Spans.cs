using System.Globalization;

namespace Coffre.Cli.Running;

/// <summary>Spans of time as people write them: <c>90s</c>, <c>30m</c>, <c>24h</c>, <c>7d</c>, <c>2w</c>; a number alone is seconds.</summary>
internal static class Spans
{
    public static TimeSpan Parse(string flag, string text)
    {
        var unit = text.Length == 0 ? ' ' : text[^1];
        var seconds = unit switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 604_800, >= '0' and <= '9' => 1, _ => 0 };
        var digits = char.IsAsciiDigit(unit) ? text : text[..^Math.Min(1, text.Length)];
        return seconds > 0 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && (long)count * seconds <= int.MaxValue
            ? TimeSpan.FromSeconds((long)count * seconds)
            : throw CliException.Usage($"{flag} is '{text}', which is no span of time.", "write it like 30m, 24h or 7d");
    }
}
