using System.Diagnostics;
using System.Globalization;
using Coffre.Cli.Schedules;

namespace Coffre.Tests.Cli;

/// <summary>When jobs are due: cron in zones with summer time, intervals, and the same in the words of systemd.</summary>
public sealed class RecurrenceTests
{
    private static ScheduledJob Job(string? cron, string zone = "UTC", long? every = null) => new()
    {
        Name = "n",
        Words = ["version"],
        Cron = cron,
        EverySeconds = every,
        Timezone = zone,
        Missed = "catch-up",
        Folder = "/",
        Created = At("2026-01-01T00:00:00Z"),
        Since = At("2026-01-01T00:00:00Z"),
    };

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string[] Due(ScheduledJob job, string from, int count)
    {
        List<string> due = [];
        var moment = At(from);
        for (var i = 0; i < count; i++)
        {
            moment = job.Recurrence.NextAfter(moment)!.Value;
            due.Add(moment.UtcDateTime.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture));
        }

        return [.. due];
    }

    [Fact]
    public void A_time_that_summer_time_leaves_out_is_due_at_the_next_one_that_there_is() =>
        Assert.Equal(["03-28 01:30", "03-29 01:00", "03-30 00:30"], Due(Job("30 2 * * *", "Europe/Paris"), "2026-03-28T00:00:00Z", 3));

    [Fact]
    public void A_time_that_comes_twice_is_due_once() =>
        Assert.Equal(["10-24 00:30", "10-25 00:30", "10-26 01:30"], Due(Job("30 2 * * *", "Europe/Paris"), "2026-10-24T00:00:00Z", 3));

    [Fact]
    public void What_recurs_within_the_hour_follows_real_time_on_such_days()
    {
        Assert.Equal(["10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00"], Due(Job("*/30 * * * *", "Europe/Paris"), "2026-10-24T23:45:00Z", 5));
        Assert.Equal(["03-29 00:30", "03-29 01:00", "03-29 01:30"], Due(Job("*/30 * * * *", "Europe/Paris"), "2026-03-29T00:15:00Z", 3));
    }

    [Fact]
    public void The_hour_of_the_wall_clock_stays_over_the_year_and_utc_knows_no_summer()
    {
        Assert.Equal(["03-28 02:00", "03-29 01:00"], Due(Job("0 3 * * *", "Europe/Paris"), "2026-03-28T00:00:00Z", 2));
        Assert.Equal(["03-28 03:00", "03-29 03:00"], Due(Job("0 3 * * *"), "2026-03-28T00:00:00Z", 2));
    }

    [Fact]
    public void Intervals_are_counted_from_the_making_of_the_job()
    {
        var job = Job(null, every: 6 * 3600);
        Assert.Equal(["01-01 06:00", "01-01 12:00"], Due(job, "2025-12-01T00:00:00Z", 2));
        Assert.Equal(["03-29 06:00", "03-29 12:00"], Due(job, "2026-03-29T00:00:00Z", 2));
        Assert.Equal((At("2026-01-02T00:00:00Z"), 4), job.Recurrence.Between(At("2026-01-01T00:00:00Z"), At("2026-01-02T01:00:00Z")));
        Assert.Equal((null, 0), job.Recurrence.Between(At("2026-01-01T00:00:00Z"), At("2026-01-01T05:00:00Z")));
    }

    [Theory]
    [InlineData("0 3 * * *", "*-*-* 03:00:00 UTC")]
    [InlineData("*/15 * * * *", "*-*-* *:00/15:00 UTC")]
    [InlineData("30 4 1,15 * *", "*-*-01,15 04:30:00 UTC")]
    [InlineData("0 9-17 * * MON-FRI", "Mon,Tue,Wed,Thu,Fri *-*-* 09..17:00:00 UTC")]
    [InlineData("0 0 * * 6-7", "Sat,Sun *-*-* 00:00:00 UTC")]
    [InlineData("5 0 * 8 *", "*-08-* 00:05:00 UTC")]
    [InlineData("0 0 1 jan,jul *", "*-01,07-01 00:00:00 UTC")]
    [InlineData("15 30 2 * * *", "*-*-* 02:30:15 UTC")]
    [InlineData("@weekly", "Sun *-*-* 00:00:00 UTC")]
    [InlineData("@hourly", "*-*-* *:00:00 UTC")]
    [InlineData("10-50/20 6 * * *", "*-*-* 06:10..50/20:00 UTC")]
    public void Cron_is_said_in_the_words_of_systemd_and_systemd_agrees_when_it_is_due(string cron, string expected)
    {
        Assert.Equal(expected, OnCalendar.From(cron, "UTC"));
        var said = Systemd("calendar", "--base-time=2026-03-28 00:00:01 UTC", "--iterations=3", expected);
        Assert.SkipWhen(said is null, "There is no systemd-analyze here.");
        var moment = At("2026-03-28T00:00:01Z");
        foreach (var line in said!.Split('\n').Where(line => line.Contains("(in UTC)", StringComparison.Ordinal) || line.Contains("elapse:", StringComparison.Ordinal) || line.Contains("Iter. #", StringComparison.Ordinal)).Take(3))
        {
            moment = Job(cron).Recurrence.NextAfter(moment)!.Value;
            Assert.Contains(moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0 0 L * *")]
    [InlineData("0 0 15W * *")]
    [InlineData("0 0 * * 5#2")]
    [InlineData("0 0 * * */2")]
    public void What_systemd_has_no_words_for_is_not_guessed(string cron) => Assert.Null(OnCalendar.From(cron, "UTC"));

    /// <summary>What systemd-analyze says; null where there is none.</summary>
    internal static string? Systemd(params string[] arguments)
    {
        if (!File.Exists("/usr/bin/systemd-analyze"))
        {
            return null;
        }

        using var process = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TZ"] = "UTC", ["XDG_RUNTIME_DIR"] = Path.GetTempPath() } })!;
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var errors = error.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, $"systemd-analyze {string.Join(' ', arguments)}: {text}{errors}");
        return text + errors;
    }
}
