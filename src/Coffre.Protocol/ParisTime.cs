using System.Globalization;

namespace Coffre.Protocol;

/// <summary>Dates on the wire: <c>YYYY-MM-DD HH:MM:SS</c>, French local time, without an offset.</summary>
/// <remarks>
/// The rule is the European one in force since 1996: summer time (UTC+2) from the last Sunday of March, 01:00 UTC, to the
/// last Sunday of October, 01:00 UTC; UTC+1 otherwise. It is computed here so that a machine without time zone data agrees.
/// </remarks>
public static class ParisTime
{
    /// <summary>Characters of the wire form, all of them ASCII.</summary>
    public const int FormatLength = 19;

    private const string Pattern = "yyyy-MM-dd HH:mm:ss";

    /// <summary>The wire form of a moment; parts of a second are cut.</summary>
    public static string Format(DateTimeOffset moment) =>
        (moment.UtcDateTime + Offset(moment.UtcDateTime)).ToString(Pattern, CultureInfo.InvariantCulture);

    /// <summary>Writes the wire form of a moment as UTF-8, without an object.</summary>
    /// <param name="unixMilliseconds">Milliseconds since 1970-01-01 UTC, within the years 1 to 9998.</param>
    /// <param name="target">At least <see cref="FormatLength"/> bytes.</param>
    /// <returns><see cref="FormatLength"/>.</returns>
    public static int Format(long unixMilliseconds, Span<byte> target)
    {
        var utc = DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).UtcDateTime;
        var local = utc + Offset(utc);
        var (year, month, day) = local;
        Two(year / 100, target);
        Two(year % 100, target[2..]);
        target[4] = (byte)'-';
        Two(month, target[5..]);
        target[7] = (byte)'-';
        Two(day, target[8..]);
        target[10] = (byte)' ';
        Two(local.Hour, target[11..]);
        target[13] = (byte)':';
        Two(local.Minute, target[14..]);
        target[16] = (byte)':';
        Two(local.Second, target[17..]);
        return FormatLength;

        static void Two(int number, Span<byte> target) =>
            (target[0], target[1]) = ((byte)('0' + (number / 10)), (byte)('0' + (number % 10)));
    }

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

    private static TimeSpan Offset(DateTime utc) => IsSummer(utc) ? TimeSpan.FromHours(2) : TimeSpan.FromHours(1);

    private static bool IsSummer(DateTime utc) => utc.Month switch
    {
        < 3 or > 10 => false,
        3 => utc >= LastSunday(utc.Year, 3),
        10 => utc < LastSunday(utc.Year, 10),
        _ => true,
    };

    private static DateTime LastSunday(int year, int month)
    {
        var last = new DateTime(year, month, 31, 1, 0, 0, DateTimeKind.Utc);
        return last.AddDays(-(int)last.DayOfWeek);
    }
}
