using System.Globalization;

namespace Coffre.Protocol;

/// <summary>Dates on the wire: <c>YYYY-MM-DD HH:MM:SS</c>, French local time, without an offset.</summary>
/// <remarks>
/// The rule is the European one in force since 1996: summer time (UTC+2) from the last Sunday of March, 01:00 UTC, to the
/// last Sunday of October, 01:00 UTC; UTC+1 otherwise. It is computed here so that a machine without time zone data agrees.
/// </remarks>
public static class ParisTime
{
    private const string Pattern = "yyyy-MM-dd HH:mm:ss";

    /// <summary>The wire form of a moment; parts of a second are cut.</summary>
    public static string Format(DateTimeOffset moment) =>
        (moment.UtcDateTime + Offset(moment.UtcDateTime)).ToString(Pattern, CultureInfo.InvariantCulture);

    /// <summary>Reads the wire form. The hour that exists twice in October is taken as the first of the two (summer time).</summary>
    public static bool TryParse(string? text, out DateTimeOffset moment)
    {
        moment = default;
        if (!DateTime.TryParseExact(text, Pattern, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            || local.Year is < 2 or > 9998)
        {
            return false;
        }

        var summer = TimeSpan.FromHours(2);
        var asSummer = DateTime.SpecifyKind(local - summer, DateTimeKind.Utc);
        var offset = Offset(asSummer) == summer ? summer : TimeSpan.FromHours(1);
        moment = new DateTimeOffset(DateTime.SpecifyKind(local - offset, DateTimeKind.Utc));
        return true;
    }

    private static TimeSpan Offset(DateTime utc) =>
        utc >= LastSunday(utc.Year, 3) && utc < LastSunday(utc.Year, 10) ? TimeSpan.FromHours(2) : TimeSpan.FromHours(1);

    private static DateTime LastSunday(int year, int month)
    {
        var last = new DateTime(year, month, 31, 1, 0, 0, DateTimeKind.Utc);
        return last.AddDays(-(int)last.DayOfWeek);
    }
}
