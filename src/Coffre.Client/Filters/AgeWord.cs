using System.Globalization;
using System.Text.RegularExpressions;

namespace Coffre.Client.Filters;

/// <summary>Ages as rclone's flags take them: <c>2d</c>, <c>1h30m</c>, <c>2031-05-01</c>; a number alone counts seconds.</summary>
public static partial class AgeWord
{
    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss"];

    /// <summary>Reads an age.</summary>
    /// <param name="text">
    /// Numbers with <c>ms s m h d w M y</c> (a month has 30 days, a year 365), or a date: <c>2031-05-01</c>, <c>2031-05-01 10:00:00</c>, or
    /// with <c>T</c> and a zone.
    /// </param>
    /// <param name="now">From when to count back to a date. Its offset is that of dates that name none.</param>
    /// <param name="age">0 or more; less for a date yet to come.</param>
    /// <returns>False if this is no age, or one of more than 10,000 years.</returns>
    public static bool TryParse(string? text, DateTimeOffset now, out TimeSpan age)
    {
        age = default;
        if (DateTime.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            age = now - new DateTimeOffset(date, now.Offset);
            return true;
        }

        if (text is { Length: >= 20 } && DateTimeOffset.TryParseExact(text, ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment))
        {
            age = now - moment;
            return true;
        }

        if (Form().Match(text ?? "") is not { Success: true } match)
        {
            return false;
        }

        var seconds = match.Groups["number"].Captures.Zip(match.Groups["unit"].Captures, (number, unit) =>
            double.Parse(number.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * Seconds(unit.Value)).Sum();
        if (seconds > 10_000 * 365 * 86_400d)
        {
            return false;
        }

        age = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static double Seconds(string unit) => unit switch
    {
        "ms" => 0.001,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        "M" => 30 * 86_400,
        "y" => 365 * 86_400,
        _ => 1,
    };

    [GeneratedRegex(@"\A(?:(?<number>[0-9]{1,15}(?:\.[0-9]{1,9})?)(?<unit>ms|[smhdwMy])){1,8}\z|\A(?<number>[0-9]{1,15}(?:\.[0-9]{1,9})?)(?<unit>)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
