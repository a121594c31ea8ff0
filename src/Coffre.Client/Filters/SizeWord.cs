using System.Globalization;

namespace Coffre.Client.Filters;

/// <summary>Sizes as rclone's flags take them: <c>10M</c>, <c>1.5G</c>, <c>100B</c>; steps of 1024, and a number alone counts KiB.</summary>
public static class SizeWord
{
    private const string Units = "BKMGTPE";

    /// <summary>Reads a size in bytes.</summary>
    /// <param name="text">A number, then nothing or one of <c>B K M G T P E</c> in either case, which <c>i</c>, <c>iB</c> or <c>B</c> may follow.</param>
    /// <param name="bytes">0 or more.</param>
    /// <returns>False if this is no size, or one of 8 EiB and more.</returns>
    public static bool TryParse(string? text, out long bytes)
    {
        bytes = 0;
        var number = (text ?? "").AsSpan().TrimEnd();
        var power = 1;
        if (number.Length > 0 && char.IsAsciiLetter(number[^1]))
        {
            number = number.Length > 2 && number[^2..].Equals("iB", StringComparison.OrdinalIgnoreCase) ? number[..^2]
                : number.Length > 2 && number[^1] is 'i' or 'I' or 'B' or 'b' && char.IsAsciiLetter(number[^2]) ? number[..^1]
                : number;
            power = Units.IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal);
            number = number[..^1];
        }

        if (power < 0 || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }

        var factor = 1L << (10 * power);
        if (count >= (decimal)long.MaxValue / factor)
        {
            return false;
        }

        bytes = (long)(count * factor);
        return true;
    }
}
