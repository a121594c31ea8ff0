using System.Globalization;

namespace Coffre.Server.Settings;

/// <summary>Sizes as people write them: <c>10GB</c>, <c>1.5 TB</c> (powers of 1000), <c>64MiB</c> (powers of 1024), <c>512</c>.</summary>
internal static class ByteCount
{
    private static readonly (string Unit, long Factor)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("PiB", 1L << 50),
        ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("PB", 1_000_000_000_000_000),
        ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("B", 1),
    ];

    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        var number = text.Trim();
        var factor = 1L;
        foreach (var unit in Units)
        {
            if (number.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase))
            {
                factor = unit.Factor;
                number = number[..^unit.Unit.Length].TrimEnd();
                break;
            }
        }

        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value > long.MaxValue / (decimal)factor)
        {
            return false;
        }

        bytes = (long)(value * factor);
        return true;
    }

    /// <summary>For people: three significant digits, powers of 1000.</summary>
    public static string Format(long bytes)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"];
        var value = (decimal)bytes;
        var unit = 0;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {units[unit]}");
    }
}
