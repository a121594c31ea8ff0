using Coffre.Cli.Running;
using Cronos;

namespace Coffre.Cli.Schedules;

/// <summary>At which moments a job is due.</summary>
/// <remarks>
/// Cron times are those of the wall clock of a zone: a time that a change to summer time leaves out is due at the next one that there
/// is, one that comes twice is due once; cron expressions that recur within the hour follow real time. Intervals know no zones.
/// </remarks>
internal sealed class Recurrence
{
    private const long MostSeconds = 100L * 366 * 24 * 3600;
    private static readonly TimeSpan LeastGrace = TimeSpan.FromMinutes(10);
    private readonly CronExpression? _cron;
    private readonly TimeZoneInfo _zone;
    private readonly TimeSpan _every;
    private readonly DateTimeOffset _anchor;

    private Recurrence(CronExpression? cron, TimeZoneInfo zone, TimeSpan every, DateTimeOffset anchor) => (_cron, _zone, _every, _anchor) = (cron, zone, every, anchor);

    /// <summary>How late a run may begin and still count as in time.</summary>
    public static TimeSpan Grace => LeastGrace;

    /// <exception cref="CliException">The cron expression or the zone makes no sense.</exception>
    public static Recurrence Of(ScheduledJob job)
    {
        var zone = ZoneOf(job.Timezone);
        if (job.Cron is not { } text)
        {
            return job.EverySeconds is > 0 and <= MostSeconds and var seconds
                ? new Recurrence(null, zone, TimeSpan.FromSeconds(seconds), job.Created)
                : throw CliException.Usage("The job has no times that make sense.", "remove it and make it again");
        }

        try
        {
            var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            return new Recurrence(CronExpression.Parse(text, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard), zone, default, job.Created);
        }
        catch (CronFormatException exception)
        {
            throw CliException.Usage($"'{text}' is no cron expression: {exception.Message.TrimEnd('.')}.", "minute hour day month weekday, such as '0 3 * * *' for three o'clock each night");
        }
    }

    public static TimeZoneInfo ZoneOf(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
        ? zone
        : throw CliException.Usage($"There is no time zone '{name}'.", "write it as Europe/Paris or UTC");

    /// <summary>The first due moment after another; null if there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset moment)
    {
        if (_cron is not null)
        {
            return _cron.GetNextOccurrence(moment, _zone)?.ToUniversalTime();
        }

        var passed = moment < _anchor ? 0 : ((moment - _anchor).Ticks / _every.Ticks) + 1;
        return moment < _anchor ? _anchor + _every : _anchor + (_every * passed);
    }

    /// <summary>The due moments after one and up to another: the last of them, and how many there are.</summary>
    public (DateTimeOffset? Last, int Count) Between(DateTimeOffset after, DateTimeOffset until)
    {
        // A machine that slept for years shall not count every minute of them.
        const int Most = 10_000;
        DateTimeOffset? last = null;
        var count = 0;
        for (var due = NextAfter(after); due <= until && count < Most; due = NextAfter(due.Value))
        {
            (last, count) = (due, count + 1);
        }

        return count == Most ? (until, count) : (last, count);
    }
}
