using Coffre.Client.Retention;
using CsCheck;

namespace Coffre.Tests.Client;

/// <summary>What counts keep of a series: never fewer than asked, always the newest, and the same again afterwards.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<DateTimeOffset[]> Series = Gen.Int[0, 60 * 24 * 900].Array[1, 80].Select(minutes => minutes.Select(minute => Start.AddMinutes(minute)).ToArray());

    private static readonly Gen<RetentionPolicy> Policies = Gen.Int[0, 5].Array[6].Select(counts => new RetentionPolicy
    {
        Last = counts[0],
        Hourly = counts[1],
        Daily = counts[2],
        Weekly = counts[3],
        Monthly = counts[4],
        Yearly = counts[5],
        Zone = TimeZoneInfo.CreateCustomTimeZone("test", TimeSpan.FromMinutes(330), "test", "test"),
    });

    private static DateTimeOffset[] Daily(int days) => [.. Enumerable.Range(0, days).Select(day => new DateTimeOffset(2031, 5, 31, 3, 0, 0, TimeSpan.Zero).AddDays(-day))];

    private static string[] Kept(RetentionPolicy policy, DateTimeOffset[] dates) =>
        [.. dates.Zip(policy.Judge(dates)).Where(pair => pair.Second is not null).Select(pair => pair.First.ToString("yyyy-MM-dd", null))];

    [Fact]
    public void Seven_daily_four_weekly_twelve_monthly_of_two_years_of_nights()
    {
        var kept = Kept(new RetentionPolicy { Daily = 7, Weekly = 4, Monthly = 12 }, Daily(730));

        // Seven nights, the Sundays of the weeks before (the first week is that of the nights), the last nights of the months before.
        Assert.Equal(
            [
                "2031-05-31", "2031-05-30", "2031-05-29", "2031-05-28", "2031-05-27", "2031-05-26", "2031-05-25", "2031-05-18", "2031-05-11", "2031-04-30", "2031-03-31",
                "2031-02-28", "2031-01-31", "2030-12-31", "2030-11-30", "2030-10-31", "2030-09-30", "2030-08-31", "2030-07-31", "2030-06-30",
            ],
            kept);
    }

    [Fact]
    public void Only_days_that_have_one_count()
    {
        DateTimeOffset[] dates = [Start, Start.AddDays(1), Start.AddDays(1).AddHours(1), Start.AddDays(100), Start.AddDays(200)];

        Assert.Equal(["2030-01-02", "2030-04-11", "2030-07-20"], Kept(new RetentionPolicy { Daily = 3 }, dates));
        Assert.Equal([null, null, "daily 3 of 3", "daily 2 of 3", "daily 1 of 3"], new RetentionPolicy { Daily = 3 }.Judge(dates));
    }

    [Fact]
    public void Days_are_those_of_the_zone()
    {
        DateTimeOffset[] dates = [new(2031, 5, 1, 22, 30, 0, TimeSpan.Zero), new(2031, 5, 2, 10, 0, 0, TimeSpan.Zero)];

        Assert.Equal(2, Kept(new RetentionPolicy { Daily = 5 }, dates).Length);
        Assert.Single(Kept(new RetentionPolicy { Daily = 5, Zone = TimeZoneInfo.CreateCustomTimeZone("t", TimeSpan.FromHours(2), "t", "t") }, dates));
    }

    [Fact]
    public void Within_counts_back_from_the_newest() =>
        Assert.Equal(["2031-05-31", "2031-05-30", "2031-05-29"], Kept(new RetentionPolicy { Within = TimeSpan.FromDays(2) }, Daily(10)));

    [Fact]
    public void Nothing_asked_keeps_nothing_and_says_so()
    {
        Assert.True(new RetentionPolicy().IsEmpty);
        Assert.False(new RetentionPolicy { Within = TimeSpan.Zero }.IsEmpty);
        Assert.Empty(new RetentionPolicy { Daily = 1 }.Judge([]));
    }

    [Fact]
    public void Never_fewer_are_kept_than_asked() => Gen.Select(Policies, Series).Sample((policy, dates) =>
    {
        var kept = dates.Zip(policy.Judge(dates)).Where(pair => pair.Second is not null).Select(pair => pair.First).ToArray();

        Least(policy.Last, dates.Length);
        Least(policy.Hourly, Periods(dates, "yyyy-MM-dd HH"));
        Least(policy.Daily, Periods(dates, "yyyy-MM-dd"));
        Least(policy.Monthly, Periods(dates, "yyyy-MM"));
        Least(policy.Yearly, Periods(dates, "yyyy"));
        Assert.InRange(kept.Length, 0, policy.Last + policy.Hourly + policy.Daily + policy.Weekly + policy.Monthly + policy.Yearly);

        void Least(int asked, int there) => Assert.True(kept.Length >= Math.Min(asked, there));
        int Periods(DateTimeOffset[] moments, string form) => moments.Select(moment => TimeZoneInfo.ConvertTime(moment, policy.Zone).ToString(form, null)).Distinct().Count();
    });

    [Fact]
    public void The_newest_is_always_kept() => Gen.Select(Policies, Series).Sample((policy, dates) =>
    {
        if (!policy.IsEmpty)
        {
            Assert.Contains(dates.Max(), dates.Zip(policy.Judge(dates)).Where(pair => pair.Second is not null).Select(pair => pair.First));
        }
    });

    [Fact]
    public void Judged_again_all_that_was_kept_is_kept() => Gen.Select(Policies, Series).Sample((policy, dates) =>
    {
        var kept = dates.Zip(policy.Judge(dates)).Where(pair => pair.Second is not null).Select(pair => pair.First).ToArray();

        Assert.DoesNotContain(null, policy.Judge(kept));
    });
}
