using System.Net;
using System.Text;
using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Limits;

namespace Coffre.Tests.Serving;

/// <summary>How often one may ask: both profiles, the three kinds of locks, and what survives a restart.</summary>
public sealed class LimitsTests : IDisposable
{
    private static readonly (string, string) Strict = ("Limits:Profile", "1fichier");
    private static readonly (string, string) Proxied = ("Limits:TrustedProxies", "127.0.0.0/8");

    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_house_lets_hundreds_of_calls_pass_at_once_and_says_what_is_left()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 300; i++)
        {
            (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();
        }

        var answer = await server.CallAsync("user/info.cgi", "{}");
        Assert.Equal("\"calls\";q=5000;w=5", answer.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Equal("\"calls\";r=4699;t=0", answer.Headers.GetValues("RateLimit").Single());
    }

    [Fact]
    public async Task The_house_refuses_a_flood_with_429_for_as_long_as_it_lasts_and_locks_nobody()
    {
        await using var server = await TestServer.StartAsync(("Limits:KeyRate", "2"), ("Limits:KeyBurst", "3"));
        for (var i = 0; i < 3; i++)
        {
            (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();
        }

        var refused = await server.CallAsync("folder/ls.cgi", "{}");
        refused.IsKo(HttpStatusCode.TooManyRequests, 9053);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Equal("\"calls\";r=0;t=1", refused.Headers.GetValues("RateLimit").Single());

        server.Clock.Advance(TimeSpan.FromSeconds(0.5));
        (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();
        (await server.CallAsync("folder/ls.cgi", "{}")).IsKo(HttpStatusCode.TooManyRequests, 9053);
        Assert.Empty(await LocksAsync(server));
    }

    [Fact]
    public async Task The_headers_can_be_turned_off()
    {
        await using var server = await TestServer.StartAsync(("Limits:Headers", "false"));
        Assert.False((await server.CallAsync("folder/ls.cgi", "{}")).Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task Strict_takes_three_calls_a_second_for_as_long_as_one_likes()
    {
        await using var server = await TestServer.StartAsync(Strict);
        for (var i = 0; i < 30; i++)
        {
            (await server.CallAsync("folder/mkdir.cgi", $$"""{"name":"f{{i}}"}""")).IsOk();
            server.Clock.Advance(TimeSpan.FromMilliseconds(334));
        }

        Assert.Empty(await LocksAsync(server));
    }

    [Fact]
    public async Task Strict_locks_an_address_that_floods_for_half_a_minute_and_calls_meanwhile_do_not_prolong_it()
    {
        await using var server = await TestServer.StartAsync(Strict);
        for (var i = 0; i < 3; i++)
        {
            (await server.CallAsync("folder/mkdir.cgi", $$"""{"name":"f{{i}}"}""")).IsOk();
        }

        var flooded = await server.CallAsync("folder/mkdir.cgi", """{"name":"g"}""");
        flooded.IsKo(HttpStatusCode.Forbidden, 374);
        Assert.Equal("Flood detected: IP Locked #374", flooded.Message);
        Assert.Equal(TimeSpan.FromSeconds(30), flooded.Headers.RetryAfter!.Delta);

        server.Clock.Advance(TimeSpan.FromSeconds(20));
        var locked = await server.CallAsync("folder/mkdir.cgi", """{"name":"g"}""");
        locked.IsKo(HttpStatusCode.Forbidden, 374);
        Assert.Equal(TimeSpan.FromSeconds(10), locked.Headers.RetryAfter!.Delta);

        server.Clock.Advance(TimeSpan.FromSeconds(11));
        (await server.CallAsync("folder/mkdir.cgi", """{"name":"g"}""")).IsOk();
    }

    [Fact]
    public async Task Strict_locks_a_key_that_floods_from_many_addresses()
    {
        await using var server = await TestServer.StartAsync(Strict, Proxied);
        for (var i = 0; i < 3; i++)
        {
            (await FromAsync(server, $"198.51.100.{i}", "folder/mkdir.cgi", $$"""{"name":"f{{i}}"}""")).IsOk();
        }

        var flooded = await FromAsync(server, "198.51.100.9", "folder/mkdir.cgi", """{"name":"g"}""");
        flooded.IsKo(HttpStatusCode.Forbidden, 9051);
        Assert.StartsWith("Flood detected: User APK Locked", flooded.Message, StringComparison.Ordinal);

        // Another key of the same account, from the same address, is free.
        var other = await server.AddAccountAsync("other@example.org", 1000);
        (await FromAsync(server, "198.51.100.9", "folder/mkdir.cgi", """{"name":"g"}""", other)).IsOk();
    }

    [Fact]
    public async Task Strict_lets_a_folder_be_listed_every_thirty_seconds_by_each_of_the_two_calls()
    {
        await using var server = await TestServer.StartAsync(Strict);
        (await server.CallAsync("file/ls.cgi", "{}")).IsOk();
        (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();

        server.Clock.Advance(TimeSpan.FromSeconds(29));
        var early = await server.CallAsync("file/ls.cgi", "{}");
        early.IsKo(HttpStatusCode.Forbidden, 223);
        Assert.Equal("Flood detected: User Locked #223", early.Message);
        Assert.Equal(TimeSpan.FromSeconds(30), early.Headers.RetryAfter!.Delta);

        // The lock is on this call alone.
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();
        (await server.CallAsync("file/ls.cgi", "{}")).IsKo(HttpStatusCode.Forbidden, 223);
        server.Clock.Advance(TimeSpan.FromSeconds(29));
        (await server.CallAsync("file/ls.cgi", "{}")).IsOk();
    }

    [Fact]
    public async Task Strict_lists_a_whole_account_once_an_hour()
    {
        await using var server = await TestServer.StartAsync(Strict);
        (await server.CallAsync("file/ls.cgi", """{"folder_id":-1}""")).IsOk();
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        var early = await server.CallAsync("file/ls.cgi", """{"folder_id":-1}""");
        early.IsKo(HttpStatusCode.Forbidden, 223);
        Assert.Equal(TimeSpan.FromMinutes(50), early.Headers.RetryAfter!.Delta);
        server.Clock.Advance(TimeSpan.FromMinutes(51));
        (await server.CallAsync("file/ls.cgi", """{"folder_id":-1}""")).IsOk();
    }

    [Fact]
    public async Task Strict_tells_of_an_account_once_a_minute_to_an_address_and_once_in_five_minutes_at_all()
    {
        await using var server = await TestServer.StartAsync(Strict, Proxied);
        (await FromAsync(server, "198.51.100.1", "user/info.cgi", "")).IsOk();
        (await FromAsync(server, "198.51.100.1", "user/info.cgi", "")).IsKo(HttpStatusCode.Forbidden, 38);
        (await FromAsync(server, "198.51.100.2", "user/info.cgi", "")).IsKo(HttpStatusCode.Forbidden, 223);

        // A flood of user/info keeps nobody from downloads.
        var token = await FromAsync(server, "198.51.100.1", "download/get_token.cgi", """{"url":"https://1fichier.com/?aaaaa11111aaaaa11111"}""");
        token.IsKo(HttpStatusCode.NotFound, 469);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await FromAsync(server, "198.51.100.1", "user/info.cgi", "")).IsOk();
    }

    [Fact]
    public async Task Strict_locks_an_address_for_an_hour_after_a_hundred_dead_links_and_check_links_says_so_in_nine_bytes()
    {
        await using var server = await TestServer.StartAsync(Strict, ("Limits:AddressRate", "0"), ("Limits:KeyRate", "0"));
        for (var i = 0; i < 100; i++)
        {
            (await server.CallAsync("file/info.cgi", """{"url":"https://1fichier.com/?aaaaa11111aaaaa11111"}""")).IsKo(HttpStatusCode.NotFound, 469);
        }

        var locked = await server.CallAsync("folder/ls.cgi", "{}");
        locked.IsKo(HttpStatusCode.Forbidden, 9052);
        Assert.StartsWith("IP Locked", locked.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(1), locked.Headers.RetryAfter!.Delta);
        var form = new FormUrlEncodedContent([new("links[]", "https://1fichier.com/?aaaaa11111aaaaa11111")]);
        var check = await server.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/check_links.pl") { Content = form }, "");
        Assert.Equal("IP Locked", check.Text);
        server.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();
    }

    [Fact]
    public async Task A_lock_outlives_a_restart_and_ends_in_its_time()
    {
        await using (var server = await TestServer.StartAsync(_folder, Strict))
        {
            File.WriteAllText(Path.Combine(_folder, "key"), server.Key);
            for (var i = 0; i < 4; i++)
            {
                await server.CallAsync("folder/mkdir.cgi", $$"""{"name":"f{{i}}"}""");
            }
        }

        await using var again = await TestServer.StartAsync(_folder, Strict);
        var key = File.ReadAllText(Path.Combine(_folder, "key"));
        (await again.CallAsync("folder/mkdir.cgi", """{"name":"g"}""", key)).IsKo(HttpStatusCode.Forbidden, 374);
        again.Clock.Advance(TimeSpan.FromSeconds(31));
        (await again.CallAsync("folder/mkdir.cgi", """{"name":"g"}""", key)).IsOk();
    }

    [Fact]
    public async Task A_lock_that_the_operator_lifted_is_gone_a_second_later()
    {
        await using var server = await TestServer.StartAsync(Strict);
        for (var i = 0; i < 4; i++)
        {
            await server.CallAsync("folder/mkdir.cgi", $$"""{"name":"f{{i}}"}""");
        }

        var flood = Assert.Single(await LocksAsync(server));
        Assert.Equal("127.0.0.1", flood.Subject.ToText());
        await server.Catalog.WriteAsync(session => server.Room<LockTable>().Lift(session, "127.0.0.1"), CancellationToken.None);
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        (await server.CallAsync("folder/mkdir.cgi", """{"name":"g"}""")).IsOk();
    }

    [Fact]
    public async Task Strict_gives_download_tokens_to_one_address_at_a_time()
    {
        await using var server = await TestServer.StartAsync(Proxied, ("Limits:LocationSeconds", "300"));
        var link = (await server.UploadAsync("f", [1])).GetProperty("download").GetString();
        var body = $$"""{"url":"{{link}}"}""";
        (await FromAsync(server, "198.51.100.1", "download/get_token.cgi", body)).IsOk();
        (await FromAsync(server, "198.51.100.1", "download/get_token.cgi", body)).IsOk();
        var elsewhere = await FromAsync(server, "198.51.100.2", "download/get_token.cgi", body);
        elsewhere.IsKo(HttpStatusCode.Forbidden, 887);
        Assert.Equal(TimeSpan.FromSeconds(300), elsewhere.Headers.RetryAfter!.Delta);
        server.Clock.Advance(TimeSpan.FromSeconds(301));
        (await FromAsync(server, "198.51.100.2", "download/get_token.cgi", body)).IsOk();
    }

    [Fact]
    public async Task A_listing_shows_no_more_than_it_may_and_new_files_late_where_that_is_set()
    {
        await using var server = await TestServer.StartAsync(("Limits:ListedItems", "2"), ("Limits:ListingDelaySeconds", "60"));
        foreach (var name in new[] { "a", "b", "c" })
        {
            await server.UploadAsync(name, [1]);
        }

        Assert.Empty(await server.ListNamesAsync());
        server.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(2, (await server.ListNamesAsync()).Count);
        Assert.Equal(2, (await server.CallAsync("folder/ls.cgi", """{"files":1}""")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task The_report_of_an_upload_is_a_waiting_page_for_as_long_as_that_is_set()
    {
        await using var server = await TestServer.StartAsync(("Limits:ReportDelaySeconds", "10"));
        var id = await server.OpenUploadAsync();
        Assert.Equal(HttpStatusCode.Found, (await server.PostUploadAsync(id, TestServer.Form(0, ("f", [1])))).Status);
        var waiting = await server.ReportAsync(id);
        Assert.Equal(HttpStatusCode.OK, waiting.Status);
        Assert.Equal("text/html", waiting.ContentHeaders.ContentType!.MediaType);
        Assert.Contains("Veuillez patienter", waiting.Text, StringComparison.Ordinal);
        server.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("f", (await server.ReportAsync(id)).Json.GetProperty("links")[0].GetProperty("filename").GetString());
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("::ffff:198.51.100.7", "198.51.100.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    public void An_address_counts_by_itself_or_by_its_network_and_is_read_back(string address, string text)
    {
        var subject = Subject.Of(IPAddress.Parse(address));
        Assert.Equal(text, subject.ToText());
        Assert.Equal(subject, Subject.FromText(subject.KindName, text));
    }

    [Fact]
    public async Task Forwarded_addresses_are_believed_from_trusted_proxies_only()
    {
        await using var server = await TestServer.StartAsync(("Limits:AddressRate", "1"), ("Limits:AddressBurst", "1"));
        (await FromAsync(server, "198.51.100.1", "folder/ls.cgi", "{}")).IsOk();
        (await FromAsync(server, "198.51.100.2", "folder/ls.cgi", "{}")).IsKo(HttpStatusCode.TooManyRequests, 9053);

        await using var behind = await TestServer.StartAsync(Proxied, ("Limits:AddressRate", "1"), ("Limits:AddressBurst", "1"));
        (await FromAsync(behind, "198.51.100.1", "folder/ls.cgi", "{}")).IsOk();
        (await FromAsync(behind, "198.51.100.2", "folder/ls.cgi", "{}")).IsOk();
        (await FromAsync(behind, "6.6.6.6, 198.51.100.2", "folder/ls.cgi", "{}")).IsKo(HttpStatusCode.TooManyRequests, 9053);
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_the_recent_stays()
    {
        var table = new RecentTable<int, string>(1000);
        for (var i = 0; i < 100_000; i++)
        {
            table.Set(i, "x");
            Assert.NotNull(table.Find(i == 0 ? 0 : i - 1));
        }

        Assert.InRange(table.Count, 500, 1000);
        Assert.NotNull(table.Find(99_999));
        Assert.Null(table.Find(0));
    }

    private static Task<Answer> FromAsync(TestServer server, string address, string path, string json, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/" + path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Forwarded-For", address);
        return server.SendAsync(request, key);
    }

    private static async Task<IReadOnlyList<FloodLock>> LocksAsync(TestServer server) =>
        await server.Catalog.ReadAsync(session => server.Room<LockTable>().List(session, 100), CancellationToken.None);
}
