using System.Net;
using System.Net.Http.Headers;
using Coffre.Client;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>When a request may go out: what the service says of its rate, its published rules, its locks.</summary>
public sealed class BudgetTests : IDisposable
{
    private const string Empty = """{"status":"OK","sub_folders":[],"items":[]}""";

    private readonly string _state = Directory.CreateTempSubdirectory("coffre-budget-").FullName;
    private readonly FakeService _service = new();

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private CoffreClient Client(string address = "https://files.example.org/") =>
        _service.Client(address, options => options with { StateFolder = _state });

    private static HttpResponseMessage Answer(string json, string policy, HttpStatusCode status = HttpStatusCode.OK)
    {
        var answer = FakeService.Json(json, status);
        answer.Headers.Add("RateLimit-Policy", policy);
        return answer;
    }

    [Fact]
    public async Task A_server_that_grants_plenty_is_asked_at_full_speed()
    {
        _service.On(V1Paths.FolderLs, _ => Answer(Empty, "\"calls\";q=5000;w=5"));
        using var client = Client();

        for (var i = 0; i < 20; i++)
        {
            await client.ListFolderAsync();
        }

        Assert.Empty(_service.Clock.Waits);
        Assert.False(client.CallsAreDear);
    }

    [Fact]
    public async Task A_server_that_grants_little_is_asked_at_an_even_pace()
    {
        _service.On(V1Paths.FolderMkdir, _ => Answer("""{"status":"OK","folder_id":9,"name":"new"}""", "\"calls\";q=3;w=1"));
        using var client = Client();

        for (var i = 0; i < 10; i++)
        {
            await client.CreateFolderAsync("new");
        }

        // The first call went out before anything was known.
        Assert.True(_service.Clock.Waited >= TimeSpan.FromSeconds(8 * 0.34), $"{_service.Clock.Waited}");
        Assert.True(client.CallsAreDear);
    }

    [Fact]
    public async Task One_folder_is_listed_once_in_half_a_minute_and_others_do_not_wait_for_it()
    {
        _service.On(V1Paths.FolderLs, _ => Answer(Empty, "\"calls\";q=3;w=1"));
        using var client = Client();
        await client.ListFolderAsync(1);
        await client.ListFolderAsync(2);
        var before = _service.Clock.Waited;

        await client.ListFolderAsync(2);

        Assert.InRange(_service.Clock.Waited - before, TimeSpan.FromSeconds(28), TimeSpan.FromSeconds(31));
        Assert.Contains("once in 30 s", Assert.Single(_service.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_be_asked_again_in_an_hour_is_not_asked_and_says_when()
    {
        _service.On(V1Paths.FileLs, _ => Answer("""{"status":"OK","items":[]}""", "\"calls\";q=3;w=1"))
            .On(V1Paths.FolderMkdir, _ => Answer("""{"status":"OK","folder_id":9,"name":"new"}""", "\"calls\";q=3;w=1"));
        using var client = Client();
        await client.CreateFolderAsync("new");
        await client.ListFilesAsync(-1);

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => client.ListFilesAsync(-1));

        Assert.Equal(CoffreError.Flooded, trouble.Error);
        Assert.Contains("60 min", trouble.Advice, StringComparison.Ordinal);
        Assert.Single(_service.All(V1Paths.FileLs));
    }

    [Fact]
    public async Task Another_process_keeps_the_same_rules_from_its_first_call_on()
    {
        _service.On(V1Paths.FolderLs, _ => Answer(Empty, "\"calls\";q=3;w=1"));
        using (var first = Client())
        {
            // The first answer tells the rate, so the second is the first listing that is counted before it goes out.
            await first.ListFolderAsync(1);
            await first.ListFolderAsync(2);
        }

        var before = _service.Clock.Waited;
        using var second = Client();
        await second.ListFolderAsync(2);

        Assert.True(_service.Clock.Waited - before > TimeSpan.FromSeconds(28), $"{_service.Clock.Waited - before}");
    }

    [Fact]
    public async Task A_lock_holds_for_every_process_and_is_waited_out_by_all()
    {
        _service.On(V1Paths.FolderMkdir, """{"status":"KO","message":"Flood detected: IP Locked #412"}""", HttpStatusCode.Forbidden)
            .On(V1Paths.FolderMkdir, """{"status":"OK","folder_id":9,"name":"new"}""");
        using var first = _service.Client(change: options => options with { StateFolder = _state, FloodPatience = TimeSpan.Zero });
        await Assert.ThrowsAsync<CoffreException>(() => first.CreateFolderAsync("new"));

        using var second = Client();
        await second.CreateFolderAsync("new");

        Assert.Equal(2, _service.Asked.Count);
        Assert.Equal(TimeSpan.FromSeconds(30), _service.Clock.Waits[0]);
        Assert.Contains("IP Locked #412", Assert.Single(_service.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_lock_stops_the_next_process_before_it_asks()
    {
        _service.On(V1Paths.FolderMkdir, """{"status":"KO","message":"IP Locked #777"}""", HttpStatusCode.Forbidden);
        using var first = Client();
        await Assert.ThrowsAsync<CoffreException>(() => first.CreateFolderAsync("new"));

        using var second = Client();
        var trouble = await Assert.ThrowsAsync<CoffreException>(() => second.CreateFolderAsync("new"));

        Assert.Equal((CoffreError.Locked, 777), (trouble.Error, trouble.Ko));
        Assert.Equal(TimeSpan.FromHours(1), trouble.RetryAfter);
        Assert.Single(_service.Asked);
    }

    [Fact]
    public async Task Waiting_for_the_end_of_a_lock_that_another_met_is_no_lack_of_an_answer()
    {
        var clock = new LimitClock(_service.Clock);
        _service.On(V1Paths.FolderMkdir, _ =>
            {
                var answer = FakeService.Json("""{"status":"KO","message":"Flood detected: IP Locked #412"}""", HttpStatusCode.Forbidden);
                answer.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(150));
                return answer;
            })
            .On(V1Paths.FolderMkdir, """{"status":"OK","folder_id":9,"name":"new"}""")
            .On(V1Paths.FolderMkdir, _ =>
            {
                // Once it is sent, its time runs.
                using var timer = clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(101), Timeout.InfiniteTimeSpan);
                return FakeService.Json("""{"status":"OK","folder_id":9,"name":"new"}""");
            });
        using var first = _service.Client(change: options => options with { StateFolder = _state, FloodPatience = TimeSpan.Zero });
        await Assert.ThrowsAsync<CoffreException>(() => first.CreateFolderAsync("new"));
        using var second = _service.Client(change: options => options with { StateFolder = _state, TimeProvider = clock });

        Assert.Equal(9, (await second.CreateFolderAsync("new")).Id);

        Assert.Equal(TimeSpan.FromSeconds(150), _service.Clock.Waits[0]);
        Assert.Equal(CoffreError.Timeout, (await Assert.ThrowsAsync<CoffreException>(() => second.CreateFolderAsync("new"))).Error);
    }

    [Fact]
    public async Task A_lock_stops_others_that_go_at_full_speed_within_a_second()
    {
        _service.On(V1Paths.FolderLs, _ => Answer(Empty, "\"calls\";q=5000;w=5"))
            .On(V1Paths.FolderMkdir, """{"status":"KO","message":"Flood detected: IP Locked #412"}""", HttpStatusCode.Forbidden);
        using var first = Client();
        await first.ListFolderAsync();
        _service.Clock.Advance(TimeSpan.FromSeconds(1));
        await first.ListFolderAsync();
        using var second = _service.Client(change: options => options with { StateFolder = _state, FloodPatience = TimeSpan.Zero });
        await Assert.ThrowsAsync<CoffreException>(() => second.CreateFolderAsync("new"));
        Assert.Empty(_service.Clock.Waits);
        _service.Clock.Advance(TimeSpan.FromSeconds(1));

        await first.ListFolderAsync();

        Assert.Equal(TimeSpan.FromSeconds(29), _service.Clock.Waits[0]);
    }

    [Fact]
    public async Task The_countdown_is_told_every_second_with_code_and_reason()
    {
        List<WaitNotice> told = [];
        _service.On(V1Paths.FolderLs, """{"status":"KO","message":"Flood detected: IP Locked #374"}""", HttpStatusCode.Forbidden)
            .On(V1Paths.FolderLs, Empty);
        using var client = _service.Client(change: options => options with { OnWait = told.Add });

        await client.ListFolderAsync();

        Assert.Equal(31, told.Count);
        Assert.Equal(new WaitNotice("Flood detected: IP Locked #374", 374, TimeSpan.FromSeconds(30)), told[0]);
        Assert.Equal(TimeSpan.Zero, told[^1].Left);
    }

    [Fact]
    public async Task Many_plain_refusals_make_it_stop_before_the_service_bans_us()
    {
        _service.On(V1Paths.FolderMkdir, _ => Answer("""{"status":"OK","folder_id":9,"name":"new"}""", "\"calls\";q=3;w=1"))
            .On(V1Paths.FileInfo, _ => Answer("""{"status":"KO","message":"Resource not found #469"}""", "\"calls\";q=3;w=1", HttpStatusCode.NotFound));
        using var client = Client();
        await client.CreateFolderAsync("new");
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(CoffreError.NotFound, (await Assert.ThrowsAsync<CoffreException>(() => client.GetFileAsync("https://x/?a"))).Error);
        }

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => client.GetFileAsync("https://x/?a"));

        Assert.Equal(CoffreError.Flooded, trouble.Error);
        Assert.Equal(60, _service.All(V1Paths.FileInfo).Count);
    }

    [Fact]
    public async Task A_state_that_cannot_be_read_counts_as_none()
    {
        _service.On(V1Paths.FolderLs, _ => Answer(Empty, "\"calls\";q=3;w=1"));
        using (var first = Client())
        {
            await first.ListFolderAsync();
        }

        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(_state)), "{ half");
        using var second = Client();
        await second.ListFolderAsync();

        Assert.Equal(2, _service.Asked.Count);
    }

    [Fact]
    public async Task Calls_that_come_together_go_out_one_by_one_where_calls_are_dear()
    {
        var inside = 0;
        var most = 0;
        _service.On(V1Paths.FolderMkdir, asked =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            Interlocked.Decrement(ref inside);
            return Answer("""{"status":"OK","folder_id":9,"name":"new"}""", "\"calls\";q=3;w=1");
        });
        using var client = Client();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => client.CreateFolderAsync("new")));

        Assert.Equal(1, most);
        Assert.True(_service.Clock.Waited >= TimeSpan.FromSeconds(18 * 0.34));
    }

    [Fact]
    public async Task Processes_that_meet_an_unknown_service_together_do_not_list_one_folder_twice()
    {
        using var second = Client();
        Task<FolderListing>? other = null;
        _service.On(V1Paths.FolderLs, _ =>
        {
            // While the first answer is on its way, another process wants the same.
            other ??= Task.Run(() => second.ListFolderAsync());
            return Answer(Empty, "\"calls\";q=3;w=1");
        });
        using var first = Client();

        await first.ListFolderAsync();
        await other!;

        Assert.True(_service.Clock.Waited > TimeSpan.FromSeconds(28), $"{_service.Clock.Waited}");
    }

    [Fact]
    public async Task A_first_call_without_an_answer_holds_nobody_up()
    {
        _service.On(V1Paths.FolderLs, _ => throw new HttpRequestException("refused")).On(V1Paths.FolderLs, Empty);
        using var first = _service.Client(change: options => options with { StateFolder = _state, Retries = 0 });
        await Assert.ThrowsAsync<CoffreException>(() => first.ListFolderAsync());

        using var second = Client();
        await second.ListFolderAsync();

        Assert.True(_service.Clock.Waited < TimeSpan.FromSeconds(1), $"{_service.Clock.Waited}");
    }

    [Fact]
    public void Every_line_of_the_table_can_be_reached()
    {
        var facts = Coffre.Client.Budget.ServiceFacts.Known;
        foreach (var fact in facts.Refusals)
        {
            Assert.Same(fact, facts.Find($"xx {fact.Text} #1", 1));
        }

        Assert.Null(facts.Find("something else", 1));
        Assert.Equal(CoffreError.Locked, facts.Find("something else", 186)!.Error);
    }
}
