using System.Buffers;
using System.Globalization;
using System.Text;

namespace Coffre.Cli.Output;

/// <summary>How sizes, dates and names are shown to people.</summary>
internal sealed record TextStyle(bool IsLong, bool IsRaw, TimeZoneInfo Zone)
{
    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, 256).Select(code => (char)code).Where(char.IsControl)]);

    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>Whether uploads answer with their links.</summary>
    public bool ShowsLinks { get; init; }

    /// <summary>Bytes, or the nearest decimal unit.</summary>
    public string Size(long bytes) => IsRaw ? bytes.ToString(CultureInfo.InvariantCulture) : Human(bytes);

    public static string Human(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return value.ToString(unit == 0 || value >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }

    public string Date(DateTimeOffset moment) =>
        TimeZoneInfo.ConvertTime(moment, Zone).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The text with control characters as pictures: what others named must not drive this terminal.</summary>
    public static string Shown(string text)
    {
        if (!text.AsSpan().ContainsAny(Controls))
        {
            return text;
        }

        var shown = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            shown.Append(character switch
            {
                < ' ' => (char)(character + 0x2400),
                '\u007f' => '\u2421',
                _ when char.IsControl(character) => '\ufffd',
                _ => character,
            });
        }

        return shown.ToString();
    }
}
