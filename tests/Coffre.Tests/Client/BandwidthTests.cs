using System.Net;
using Coffre.Client;
using Coffre.Client.Bandwidth;
using Coffre.Hashing;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>Limits of bandwidth: what the timetable says, and that bytes of all transfers keep to it.</summary>
public sealed class BandwidthTests
{
    private readonly FakeService _service = new();

    // 2031-05-11 is a Sunday.
    private static DateTimeOffset At(int day, int hour, int minute) => new(2031, 5, 11 + day, hour, minute, 0, TimeSpan.FromHours(2));

    [Theory]
    [InlineData("10M", 10L << 20, 10L << 20)]
    [InlineData("512", 512L << 10, 512L << 10)]
    [InlineData("10M:1M", 10L << 20, 1L << 20)]
    [InlineData("off:100B", null, 100L)]
    [InlineData("OFF", null, null)]
    [InlineData("0", null, null)]
    public void A_limit_alone_holds_always(string text, long? up, long? down)
    {
        var plan = BandwidthPlan.Parse(text);

        Assert.All(Enumerable.Range(0, 7), day => Assert.Equal(new BandwidthRate(up, down), plan.At(At(day, 23, 59))));
    }

    [Fact]
    public void A_slot_of_each_day_holds_until_the_next_over_midnight()
    {
        var plan = BandwidthPlan.Parse("08:00,512k  12:30,10M:1M 23:00,off");

        Assert.Equal(new BandwidthRate(null, null), plan.At(At(0, 7, 59)));
        Assert.Equal(512 << 10, plan.At(At(0, 8, 0)).Up);
        Assert.Equal(512 << 10, plan.At(At(3, 12, 29)).Up);
        Assert.Equal(1 << 20, plan.At(At(3, 12, 30)).Down);
        Assert.Null(plan.At(At(6, 23, 30)).Up);
    }

    [Fact]
    public void A_slot_of_one_day_holds_until_the_next_over_the_week()
    {
        var plan = BandwidthPlan.Parse("Mon-08:00,1M friday-18:00,off SAT-10:00,2M");

        Assert.Equal(2 << 20, plan.At(At(0, 12, 0)).Up);
        Assert.Equal(2 << 20, plan.At(At(1, 7, 59)).Up);
        Assert.Equal(1 << 20, plan.At(At(1, 8, 0)).Up);
        Assert.Equal(1 << 20, plan.At(At(5, 17, 59)).Up);
        Assert.Null(plan.At(At(5, 18, 0)).Up);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fast")]
    [InlineData("10M:1M:1M")]
    [InlineData("-1M")]
    [InlineData("8:00,1M")]
    [InlineData("25:00,1M")]
    [InlineData("08:00,1M,2M")]
    [InlineData("08:00 1M")]
    [InlineData("Mo-08:00,1M")]
    [InlineData("Mon-Tue-08:00,1M")]
    public void What_is_no_plan_is_refused(string text) => Assert.Throws<FormatException>(() => BandwidthPlan.Parse(text));

    [Fact]
    public async Task Bytes_that_go_up_keep_to_the_limit_and_arrive_whole()
    {
        var content = new byte[1_000_000];
        new Random(2).NextBytes(content);
        var digest = Convert.ToHexStringLower(Whirlpool.HashData(content));
        _service.On(V1Paths.UploadServer, """{"url":"files.example.org","id":"Z2G3wqUd3I"}""")
            .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=Z2G3wqUd3I"))
            .On(V1Paths.UploadEnd, $$"""{"incoming":0,"links":[{"download":"https://files.example.org/?abcdefghij0123456789","filename":"a","remove":"","size":"1000000","whirlpool":"{{digest}}"}]}""");
        using var client = _service.Client(change: options => options with { Bandwidth = new BandwidthLimit(BandwidthPlan.Parse("100000B:off"), options.TimeProvider) });

        await client.UploadAsync(UploadSource.FromBytes(content, "a"), new UploadOptions { FolderId = 1 });
        var slow = _service.Clock.Waited;
        await client.UploadAsync(UploadSource.FromStream(new MemoryStream(content), "a"), new UploadOptions { FolderId = 1 });

        Assert.InRange(slow.TotalSeconds, 9.4, 10.4);
        Assert.InRange((_service.Clock.Waited - slow).TotalSeconds, 9.4, 10.4);
        Assert.InRange(_service.Clock.Waits.Max().TotalSeconds, 0, 1);
    }

    [Fact]
    public async Task Bytes_that_come_down_keep_to_the_limit_of_their_own()
    {
        _service.On(V1Paths.DownloadToken, """{"status":"OK","url":"https://files.example.org/d"}""")
            .On("/d", _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[500_000]) });
        using var client = _service.Client(change: options => options with { Bandwidth = new BandwidthLimit(BandwidthPlan.Parse("1B:100000B"), options.TimeProvider) });

        Assert.Equal(500_000, await client.CopyToAsync("https://files.example.org/?abcdefghij0123456789", Stream.Null));

        Assert.InRange(_service.Clock.Waited.TotalSeconds, 4.4, 5.4);
    }

    [Fact]
    public async Task All_who_share_a_limit_keep_to_it_together()
    {
        var limit = new BandwidthLimit(BandwidthPlan.Parse("1000B"), _service.Clock);

        for (var i = 0; i < 10; i++)
        {
            await Task.WhenAll(limit.UpAsync(500, CancellationToken.None).AsTask(), limit.UpAsync(500, CancellationToken.None).AsTask());
        }

        // The clock is shared too, so that waits side by side may count twice; never less.
        Assert.InRange(_service.Clock.GetUtcNow() - new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero), TimeSpan.FromSeconds(8.9), TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task A_wait_ends_when_the_timetable_lifts_the_limit()
    {
        // The clock begins at 12:00.
        var limit = new BandwidthLimit(BandwidthPlan.Parse("11:00,1B 12:01,off"), _service.Clock);

        await limit.UpAsync(1000, CancellationToken.None);
        await limit.UpAsync(1000, CancellationToken.None);

        Assert.InRange(_service.Clock.Waited.TotalSeconds, 59, 61);
    }

    [Fact]
    public void Pieces_are_small_where_the_limit_is_and_whole_where_there_is_none()
    {
        Assert.Equal(262_144, new BandwidthLimit(BandwidthPlan.Parse("off"), _service.Clock).UpPiece(262_144));
        Assert.Equal(1024, new BandwidthLimit(BandwidthPlan.Parse("1k"), _service.Clock).DownPiece(262_144));
        Assert.Equal(12_500, new BandwidthLimit(BandwidthPlan.Parse("100000B"), _service.Clock).UpPiece(262_144));
    }
}
