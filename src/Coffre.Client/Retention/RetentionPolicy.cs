using System.Globalization;

namespace Coffre.Client.Retention;

/// <summary>How many of a series of dated things are kept: the newest of each of the last so many hours, days, weeks, months, years.</summary>
/// <remarks>
/// Only periods that hold something count: seven daily ones are the newest of the last seven days <em>that have one</em>, so a series that
/// stopped is not eaten up by time. What one count keeps, another may keep too. Judged again after the rest is gone, it keeps the same.
/// </remarks>
public sealed record RetentionPolicy
{
    /// <summary>The newest, so many; 0 or more.</summary>
    public int Last { get; init; }

    /// <summary>The newest of each of so many hours; 0 or more.</summary>
    public int Hourly { get; init; }

    /// <summary>The newest of each of so many days; 0 or more.</summary>
    public int Daily { get; init; }

    /// <summary>The newest of each of so many ISO weeks, which begin on Monday; 0 or more.</summary>
    public int Weekly { get; init; }

    /// <summary>The newest of each of so many months; 0 or more.</summary>
    public int Monthly { get; init; }

    /// <summary>The newest of each of so many years; 0 or more.</summary>
    public int Yearly { get; init; }

    /// <summary>All that are so much or less older than the newest of the series; null for none.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Where days and hours begin and end.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>Whether it asks for nothing.</summary>
    public bool IsEmpty => Last + Hourly + Daily + Weekly + Monthly + Yearly == 0 && Within is null;

    /// <summary>Says of each date of one series why it is kept.</summary>
    /// <param name="dates">In any order; equal ones are different things.</param>
    /// <returns>In the same order: the reason, such as <c>daily 3 of 7</c>; null where there is none.</returns>
    public IReadOnlyList<string?> Judge(IReadOnlyList<DateTimeOffset> dates)
    {
        ArgumentNullException.ThrowIfNull(dates);
        var reasons = new List<string>?[dates.Count];
        var newestFirst = Enumerable.Range(0, dates.Count).OrderByDescending(index => dates[index]).ToArray();

        // Each of the last so many is a period of its own.
        Keep("last", Last, (_, place) => place);
        Keep("hourly", Hourly, (local, _) => local.Date.AddHours(local.Hour).Ticks);
        Keep("daily", Daily, (local, _) => local.Date.Ticks);
        Keep("weekly", Weekly, (local, _) => (ISOWeek.GetYear(local) * 100) + ISOWeek.GetWeekOfYear(local));
        Keep("monthly", Monthly, (local, _) => (local.Year * 100) + local.Month);
        Keep("yearly", Yearly, (local, _) => local.Year);
        if (Within is { } span && newestFirst.Length > 0)
        {
            foreach (var index in newestFirst.TakeWhile(index => dates[newestFirst[0]] - dates[index] <= span))
            {
                (reasons[index] ??= []).Add("within the span");
            }
        }

        return [.. reasons.Select(reason => reason is null ? null : string.Join(", ", reason))];

        void Keep(string name, int count, Func<DateTime, int, long> periodOf)
        {
            long? period = null;
            for (int place = 0, kept = 0; place < newestFirst.Length && kept < count; place++)
            {
                var index = newestFirst[place];
                var own = periodOf(TimeZoneInfo.ConvertTime(dates[index], Zone).DateTime, place);
                if (own != period)
                {
                    period = own;
                    kept++;
                    (reasons[index] ??= []).Add(string.Create(CultureInfo.InvariantCulture, $"{name} {kept} of {count}"));
                }
            }
        }
    }
}
