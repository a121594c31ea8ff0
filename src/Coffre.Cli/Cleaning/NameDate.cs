using System.Globalization;
using System.Text.RegularExpressions;

namespace Coffre.Cli.Cleaning;

/// <summary>The date in a name: <c>db-2031-05-01.gz</c>, <c>log_20310501T0230Z.txt</c>; and the series that the name then belongs to.</summary>
internal static partial class NameDate
{
    /// <summary>The moment that the name tells; null if it tells none.</summary>
    /// <param name="name">Of the file.</param>
    /// <param name="zone">In which it was written, unless a <c>Z</c> follows.</param>
    public static DateTimeOffset? Find(string name, TimeZoneInfo zone)
    {
        if (Form().Match(name) is not { Success: true } match
            || !DateTime.TryParseExact($"{match.Groups["y"]}-{match.Groups["m"]}-{match.Groups["d"]}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return null;
        }

        var moment = day.AddHours(Part(match, "H")).AddMinutes(Part(match, "M")).AddSeconds(Part(match, "S"));
        return new DateTimeOffset(moment, match.Groups["z"].Success ? TimeSpan.Zero : zone.GetUtcOffset(moment));
    }

    /// <summary>The name without what tells its members apart: its date, or else its numbers.</summary>
    public static string SeriesOf(string name) => Form().IsMatch(name) ? Form().Replace(name, "*", 1) : Digits().Replace(name, "#");

    private static int Part(Match match, string name) => match.Groups[name] is { Success: true, ValueSpan: var digits } ? int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"(?<![0-9])(?<y>(19|20)[0-9]{2})[-_.]?(?<m>0[1-9]|1[0-2])[-_.]?(?<d>0[1-9]|[12][0-9]|3[01])([T _.-]?(?<H>[01][0-9]|2[0-3])[-_.:h]?(?<M>[0-5][0-9])([-_.:m]?(?<S>[0-5][0-9]))?(?<z>Z)?)?(?![0-9])",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Form();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
