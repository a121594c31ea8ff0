using System.Globalization;
using System.Text.RegularExpressions;

namespace Coffre.Cli.Schedules;

/// <summary>Cron expressions in the words of systemd's timers, where it has words for them.</summary>
internal static partial class OnCalendar
{
    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

    /// <summary>Such as <c>Mon..Fri *-*-* 03:00:00 Europe/Paris</c>; null where there is none (<c>L</c>, <c>W</c>, <c>#</c>).</summary>
    public static string? From(string cron, string timezone)
    {
        var fields = Macro(cron).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var seconds = fields.Length == 6 ? Field(fields[0], 0) : "00";
        if (fields.Length is not (5 or 6) || fields[^5..] is not [var minute, var hour, var day, var month, var weekday])
        {
            return null;
        }

        var days = Weekdays(weekday.ToUpperInvariant());
        string?[] parts = [days, Field(NumberMonths(month.ToUpperInvariant()), 1), Field(day, 1), Field(hour, 0), Field(minute, 0), seconds];
        return Array.Exists(parts, part => part is null)
            ? null
            : $"{(days!.Length > 0 ? days + " " : "")}*-{parts[1]}-{parts[2]} {parts[3]}:{parts[4]}:{parts[5]} {timezone}";
    }

    private static string Macro(string cron) => cron.Trim().ToUpperInvariant() switch
    {
        "@YEARLY" or "@ANNUALLY" => "0 0 1 1 *",
        "@MONTHLY" => "0 0 1 * *",
        "@WEEKLY" => "0 0 * * 0",
        "@DAILY" or "@MIDNIGHT" => "0 0 * * *",
        "@HOURLY" => "0 * * * *",
        "@EVERY_MINUTE" => "* * * * *",
        _ => cron,
    };

    private static string? Field(string field, int first)
    {
        List<string> parts = [];
        foreach (var part in field.Split(','))
        {
            if (PartForm().Match(part) is not { Success: true } match)
            {
                return null;
            }

            var step = match.Groups["step"].Success ? "/" + match.Groups["step"].Value : "";
            parts.Add(match.Groups["any"].Success
                ? step.Length > 0 ? Padded(first.ToString(CultureInfo.InvariantCulture)) + step : "*"
                : Padded(match.Groups["from"].Value) + (match.Groups["to"].Success ? ".." + Padded(match.Groups["to"].Value) : "") + step);
        }

        return string.Join(',', parts);
    }

    /// <summary>Empty: any day.</summary>
    private static string? Weekdays(string field)
    {
        if (field is "*" or "?")
        {
            return "";
        }

        for (var i = 0; i < Days.Length; i++)
        {
            field = field.Replace(Days[i].ToUpperInvariant(), i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }

        List<string> parts = [];
        foreach (var part in field.Split(','))
        {
            if (PartForm().Match(part) is not { Success: true } match || match.Groups["step"].Success || match.Groups["any"].Success)
            {
                return null;
            }

            var from = int.Parse(match.Groups["from"].Value, CultureInfo.InvariantCulture);
            var to = match.Groups["to"].Success ? int.Parse(match.Groups["to"].Value, CultureInfo.InvariantCulture) : from;
            if (to < from)
            {
                return null;
            }

            parts.AddRange(Enumerable.Range(from, to - from + 1).Select(day => Days[day % 7]));
        }

        return string.Join(',', parts.Distinct(StringComparer.Ordinal));
    }

    private static string NumberMonths(string field)
    {
        for (var i = 0; i < Months.Length; i++)
        {
            field = field.Replace(Months[i], (i + 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        }

        return field;
    }

    private static string Padded(string number) => number.PadLeft(2, '0');

    [GeneratedRegex(@"\A((?<any>[*?])|(?<from>\d{1,2})(-(?<to>\d{1,2}))?)(/(?<step>\d{1,2}))?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PartForm();
}
