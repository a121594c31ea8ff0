using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Coffre.Server.Remote;
using Microsoft.Extensions.DependencyInjection;

namespace Coffre.Tests.Serving;

/// <summary>The server fetches URLs: what it does for its users, and what nobody gets it to do.</summary>
public sealed class RemoteTests
{
    private const string Unreachable = "The source could not be reached";
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(300_000);

    private static readonly (string, string)[] Open =
    [
        ("Remote:AllowNetworks", "127.0.0.2/32"), ("Remote:Ports", "0"), ("Remote:RetrySeconds", "0"),

        // Tests ask again and again how far it is, while the server's clock stands still.
        ("Limits:KeyRate", "0"),
    ];

    [Fact]
    public async Task A_url_becomes_a_file_with_its_name_link_and_result()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content, "Content-Disposition: attachment; filename=\"from header.bin\""));
        await using var server = await TestServer.StartAsync(Open);
        var folder = await server.MakeFolderAsync("fetched");
        var asked = await server.CallAsync("remote/request.cgi", $$"""{"urls":["{{source.Url}}/x?y=1"],"folder_id":{{folder}},"headers":{"referer":"https://example.org/a"} }""");
        asked.IsOk();
        Assert.Equal("2026-06-01 14:00:00", asked.Json.GetProperty("date").GetString());
        Assert.Equal("https://example.org/a", asked.Json.GetProperty("headers").GetProperty("Referer").GetString());

        var info = await EndAsync(server, asked);
        Assert.False(info.TryGetProperty("status", out _));
        Assert.Equal("2026-06-01 14:00:00", info.GetProperty("request_date").GetString());
        Assert.Equal("2026-06-01 14:00:00", info.GetProperty("execution_date").GetString());
        Assert.Equal($"{source.Url}/x?y=1", info.GetProperty("links")[0].GetString());
        var result = info.GetProperty("result")[0];
        Assert.Equal("OK", result.GetProperty("status").GetString());
        Assert.StartsWith("300 KB in", result.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(Content, await server.DownloadAsync(result.GetProperty("download_link").GetString()!));
        Assert.Equal(["from header.bin"], await server.ListNamesAsync(folder));
        Assert.Contains("Referer: https://example.org/a", source.Requests.Single(), StringComparison.Ordinal);

        var listed = (await server.CallAsync("remote/ls.cgi", "{}")).Json.GetProperty("data")[0];
        Assert.Equal(asked.Json.GetProperty("id").GetInt64(), listed.GetProperty("id").GetInt64());
        Assert.Equal("2026-06-01 14:00:00", listed.GetProperty("execution_date").GetString());
        Assert.Equal(Content.Length, (await server.CallAsync("user/info.cgi", "{}")).Json.GetProperty("cold_storage").GetInt64());
    }

    [Fact]
    public async Task Pending_requests_have_no_date_and_no_result_but_show_how_far_they_are_and_the_newest_stands_first()
    {
        var release = new TaskCompletionSource();
        await using var source = new SourceServer(async ask =>
        {
            await ask.WriteAsync("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 300000", Content[..1000]);
            await release.Task;
            await ask.Stream.WriteAsync(Content.AsMemory(1000));
        });
        await using var server = await TestServer.StartAsync(Open);
        var first = await RequestAsync(server, source.Url + "/a");
        var second = await RequestAsync(server, source.Url + "/b");
        JsonElement progress;
        do
        {
            progress = (await InfoAsync(server, first)).GetProperty("progress")[0];
        }
        while (progress.GetProperty("received").GetInt64() < 1000);

        Assert.Equal("running", progress.GetProperty("state").GetString());
        Assert.Equal(300_000, progress.GetProperty("size").GetInt64());
        var info = await InfoAsync(server, first);
        Assert.Equal("", info.GetProperty("execution_date").GetString());
        Assert.Equal(0, info.GetProperty("result").GetArrayLength());
        Assert.Equal(
            [Id(second), Id(first)],
            (await server.CallAsync("remote/ls.cgi", "{}")).Json.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("id").GetInt64()));
        release.SetResult();
        await EndAsync(server, first);
        await EndAsync(server, second);
        Assert.Equal(["a", "b"], await server.ListNamesAsync());
    }

    [Theory]
    [InlineData("ETag: \"v1\"", "If-Range: \"v1\"")]
    [InlineData("Last-Modified: Mon, 01 Jun 2026 10:00:00 GMT", "If-Range: Mon, 01 Jun 2026 10:00:00 GMT")]
    public async Task A_fetch_that_breaks_goes_on_where_it_stopped(string validator, string condition)
    {
        await using var source = new SourceServer(ask => ask.Number == 1
            ? ask.WriteAsync($"HTTP/1.1 200 OK\n{validator}\nContent-Length: {Content.Length}", Content[..100_000])
            : ask.WriteAsync(
                $"HTTP/1.1 206 Partial Content\nConnection: close\n{validator}\nContent-Range: bytes {ask.From}-{Content.Length - 1}/{Content.Length}\nContent-Length: {Content.Length - ask.From}",
                Content[ask.From!.Value..]));
        await using var server = await TestServer.StartAsync(Open);
        await AssertFetchedAsync(server, source.Url + "/a.bin");
        Assert.Equal(2, source.Requests.Count);
        Assert.Contains("Range: bytes=100000-", source.Requests[1], StringComparison.Ordinal);
        Assert.Contains(condition, source.Requests[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changed_meanwhile_or_cannot_be_gone_on_with_is_fetched_from_the_beginning()
    {
        var other = RandomNumberGenerator.GetBytes(300_000);
        await using var source = new SourceServer(ask => ask.Number switch
        {
            1 => ask.WriteAsync("HTTP/1.1 200 OK\nETag: \"v1\"\nContent-Length: 300000", other[..100_000]),
            2 => ask.WriteAsync("HTTP/1.1 206 Partial Content\nContent-Range: bytes 5-299999/300000\nContent-Length: 299995", other[5..]),
            _ => ask.OkAsync(Content, "ETag: \"v2\""),
        });
        await using var server = await TestServer.StartAsync(Open);
        await AssertFetchedAsync(server, source.Url + "/a.bin");
        Assert.DoesNotContain("Range:", source.Requests[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, 3)]
    [InlineData(429, 3)]
    [InlineData(404, 1)]
    [InlineData(401, 1)]
    public async Task A_source_that_is_busy_is_asked_again_and_one_that_refuses_is_not(int status, int requests)
    {
        await using var source = new SourceServer(ask => ask.Number < 3
            ? ask.WriteAsync($"HTTP/1.1 {status} Sorry\nConnection: close\nContent-Length: 0")
            : ask.OkAsync(Content));
        await using var server = await TestServer.StartAsync(Open);
        var result = (await EndAsync(server, await RequestAsync(server, source.Url + "/a"))).GetProperty("result")[0];
        Assert.Equal(requests, source.Requests.Count);
        Assert.Equal(requests == 3 ? "OK" : "KO", result.GetProperty("status").GetString());
        if (requests == 1)
        {
            Assert.Equal($"The source answered HTTP {status}", result.GetProperty("message").GetString());
            Assert.False(result.TryGetProperty("download_link", out _));
        }
    }

    [Fact]
    public async Task A_url_that_fails_every_time_ends_after_its_tries_and_the_others_of_the_request_do_not_suffer()
    {
        await using var source = new SourceServer(ask => ask.Head.Contains("/bad", StringComparison.Ordinal)
            ? ask.WriteAsync("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 1000", Content[..10])
            : ask.OkAsync(Content));
        await using var server = await TestServer.StartAsync(Open);
        var asked = await RequestAsync(server, source.Url + "/bad", source.Url + "/good");
        var results = (await EndAsync(server, asked)).GetProperty("result");
        Assert.Equal("KO", results[0].GetProperty("status").GetString());
        Assert.Equal("The connection to the source broke", results[0].GetProperty("message").GetString());
        Assert.Equal("OK", results[1].GetProperty("status").GetString());
        Assert.Equal(5, source.Requests.Count(head => head.Contains("/bad", StringComparison.Ordinal)));
        Assert.Equal(["good"], await server.ListNamesAsync());
        await server.SweepAsync();
        Assert.Single(server.StoredFiles());
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public async Task Five_redirects_are_followed_and_no_more(int hops, bool arrives)
    {
        await using var source = new SourceServer(ask => ask.Number <= hops
            ? ask.WriteAsync($"HTTP/1.1 302 Found\nConnection: close\nContent-Length: 0\nLocation: /hop{ask.Number}.bin")
            : ask.OkAsync(Content));
        await using var server = await TestServer.StartAsync(Open);
        var result = (await EndAsync(server, await RequestAsync(server, source.Url + "/a"))).GetProperty("result")[0];
        Assert.Equal(arrives ? "OK" : "KO", result.GetProperty("status").GetString());
        Assert.Equal(arrives ? ["hop5.bin"] : [], await server.ListNamesAsync());
    }

    [Theory]
    [InlineData("http://127.0.0.3:{0}/secret")]
    [InlineData("http://[::ffff:127.0.0.3]:{0}/")]
    [InlineData("http://2130706435:{0}/")]
    [InlineData("//127.0.0.3:{0}/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.3:{0}/")]
    [InlineData("gopher://127.0.0.3:{0}/")]
    [InlineData("http://localhost:{0}/")]
    public async Task A_redirect_is_judged_again(string location)
    {
        await using var inside = new SourceServer(ask => ask.OkAsync(Content), "127.0.0.3");
        await using var source = new SourceServer(ask =>
            ask.WriteAsync($"HTTP/1.1 302 Found\nConnection: close\nContent-Length: 0\nLocation: {string.Format(System.Globalization.CultureInfo.InvariantCulture, location, inside.Port)}"));
        await using var server = await TestServer.StartAsync(Open);
        await AssertUnreachableAsync(server, source.Url + "/a");
        Assert.Equal(0, inside.Connections);
    }

    [Fact]
    public async Task A_forbidden_address_a_closed_port_and_a_name_that_is_none_are_told_alike()
    {
        await using var inside = new SourceServer(ask => ask.OkAsync(Content), "127.0.0.3");

        // Not the machine's resolver: how long that looks for a name that is none is not ours to say.
        await using var server = await TestServer.StartAsync(null, services => services.AddSingleton<INameResolver>(new NamelessResolver()), Open);
        await AssertUnreachableAsync(server, inside.Url + "/");
        await AssertUnreachableAsync(server, $"http://127.0.0.2:{TestPorts.Free()}/");
        await AssertUnreachableAsync(server, "http://no-such-host.invalid/");
        Assert.Equal(0, inside.Connections);
    }

    [Fact]
    public async Task Ports_that_the_operator_did_not_open_are_not_connected_to()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content));
        await using var server = await TestServer.StartAsync(("Remote:AllowNetworks", "127.0.0.2/32"), ("Remote:RetrySeconds", "0"));
        await AssertUnreachableAsync(server, source.Url + "/a");
        Assert.Equal(0, source.Connections);
    }

    [Fact]
    public async Task A_name_that_means_another_address_a_moment_later_leads_to_the_judged_one()
    {
        await using var inside = new SourceServer(ask => ask.OkAsync("secret"u8.ToArray()), "127.0.0.3");
        await using var source = new SourceServer(ask => ask.OkAsync(Content));
        var resolver = new Rebinding([IPAddress.Parse("127.0.0.2")], [IPAddress.Parse("127.0.0.3")]);
        await using var server = await TestServer.StartAsync(null, services => services.AddSingleton<INameResolver>(resolver), Open);
        await AssertFetchedAsync(server, $"http://rebinding.example.org:{source.Port}/a.bin");
        Assert.Equal(1, resolver.Asked);

        // The second time the name is bad from the start.
        await AssertUnreachableAsync(server, $"http://rebinding.example.org:{source.Port}/a.bin");
        Assert.Equal(0, inside.Connections);
    }

    [Fact]
    public async Task One_bad_address_of_a_name_forbids_the_name()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content));
        var resolver = new Rebinding([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("10.0.0.1")]);
        await using var server = await TestServer.StartAsync(null, services => services.AddSingleton<INameResolver>(resolver), Open);
        await AssertUnreachableAsync(server, $"http://mixed.example.org:{source.Port}/");
        Assert.Equal(0, source.Connections);
    }

    [Fact]
    public async Task Headers_and_passwords_go_to_their_host_only()
    {
        await using var other = new SourceServer(ask => ask.OkAsync(Content));
        await using var source = new SourceServer(ask => ask.Number == 1
            ? ask.WriteAsync("HTTP/1.1 302 Found\nConnection: close\nContent-Length: 0\nLocation: /same")
            : ask.WriteAsync($"HTTP/1.1 302 Found\nConnection: close\nContent-Length: 0\nLocation: {other.Url}/other"));
        await using var server = await TestServer.StartAsync(Open);
        var asked = await server.CallAsync(
            "remote/request.cgi", $$"""{"urls":["{{source.Url.Replace("//", "//ann:secret@", StringComparison.Ordinal)}}/"],"headers":["Cookie: a=b; c=d"]}""");
        asked.IsOk();
        Assert.Equal("OK", (await EndAsync(server, asked)).GetProperty("result")[0].GetProperty("status").GetString());
        Assert.All(source.Requests, head => Assert.Contains("Cookie: a=b; c=d", head, StringComparison.Ordinal));
        Assert.All(source.Requests, head => Assert.Contains("Authorization: Basic", head, StringComparison.Ordinal));
        Assert.DoesNotContain("Cookie", other.Requests.Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", other.Requests.Single(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Log.All, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_dropped_on_the_way_does_not_come_back_when_the_way_leads_back()
    {
        SourceServer? home = null;
        await using var other = new SourceServer(ask => ask.WriteAsync($"HTTP/1.1 302 Found\nConnection: close\nContent-Length: 0\nLocation: {home!.Url}/back"));
        await using var source = new SourceServer(ask => ask.Number == 1
            ? ask.WriteAsync($"HTTP/1.1 302 Found\nConnection: close\nContent-Length: 0\nLocation: {other.Url}/")
            : ask.OkAsync(Content));
        home = source;
        await using var server = await TestServer.StartAsync(Open);
        var asked = await server.CallAsync("remote/request.cgi", $$"""{"urls":["{{source.Url}}/"],"headers":{"Cookie":"a=b"} }""");
        Assert.Equal("OK", (await EndAsync(server, asked)).GetProperty("result")[0].GetProperty("status").GetString());
        Assert.Contains("Cookie: a=b", source.Requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Cookie", source.Requests[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 300000", "Remote:FileBytes", "1000", "The file is too large")]
    [InlineData("HTTP/1.1 200 OK\nConnection: close", "Remote:FileBytes", "1000", "The file is too large")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 300000", "Tiers:PremiumFileBytes", "1000", "The file is too large")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 300000", "Accounts:Quota", "1000", "Quota exceeded")]
    [InlineData("HTTP/1.1 200 OK\nConnection: close", "Accounts:Quota", "1000", "Quota exceeded")]
    public async Task What_is_too_large_ends_at_once_and_leaves_nothing(string head, string setting, string value, string message)
    {
        await using var source = new SourceServer(ask => ask.WriteAsync(head, Content));
        await using var server = await TestServer.StartAsync([.. Open, (setting, value)]);
        var result = (await EndAsync(server, await RequestAsync(server, source.Url + "/a"))).GetProperty("result")[0];
        Assert.StartsWith(message, result.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Single(source.Requests);
        await server.SweepAsync();
        Assert.Empty(server.StoredFiles());
        await server.UploadAsync("fits", new byte[900]);
    }

    [Fact]
    public async Task What_is_packed_stays_packed()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content, "Content-Encoding: gzip"));
        await using var server = await TestServer.StartAsync(Open);
        await AssertFetchedAsync(server, source.Url + "/a.gz");
        Assert.Contains("Accept-Encoding: identity", source.Requests.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_falls_silent_is_given_up()
    {
        await using var source = new SourceServer(async ask =>
        {
            await ask.WriteAsync("HTTP/1.1 200 OK\nContent-Length: 300000", Content[..1000]);
            await Task.Delay(Timeout.Infinite, ask.Stopped);
        });
        await using var server = await TestServer.StartAsync([.. Open, ("Remote:Tries", "1")]);
        var asked = await RequestAsync(server, source.Url + "/a");
        while ((await InfoAsync(server, asked)).GetProperty("progress")[0].GetProperty("received").GetInt64() < 1000)
        {
        }

        // The timer of the next read may not be set yet: time goes on until it has run out, and no further: requests that
        // ended long ago are not listed any more.
        while (!server.Log.All.Any(line => line.Contains(" failed, ", StringComparison.Ordinal)))
        {
            server.Clock.Advance(TimeSpan.FromSeconds(61));
            await Task.Yield();
        }

        Assert.Equal("The source was too slow", (await EndAsync(server, asked)).GetProperty("result")[0].GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("1000", "86400", 4)]
    [InlineData("0", "100", 5)]
    public async Task A_source_that_only_drips_is_given_up_by_its_pace_or_in_the_end_by_the_clock(string slowest, string seconds, int drops)
    {
        using var drip = new SemaphoreSlim(0);
        await using var source = new SourceServer(async ask =>
        {
            await ask.WriteAsync("HTTP/1.1 200 OK\nContent-Length: 300000");
            while (true)
            {
                await drip.WaitAsync(ask.Stopped);
                await ask.Stream.WriteAsync(new byte[1], ask.Stopped);
            }
        });
        await using var server = await TestServer.StartAsync([.. Open, ("Remote:Tries", "1"), ("Remote:SlowestBytes", slowest), ("Remote:UrlSeconds", seconds)]);
        var asked = await RequestAsync(server, source.Url + "/a");
        var dropped = 0;

        // A drop each twenty seconds: no single read is ever silent for the minute that would end it.
        while (true)
        {
            drip.Release();
            dropped++;
            JsonElement info;
            do
            {
                info = await InfoAsync(server, asked);
            }
            while (info.GetProperty("execution_date").GetString() == "" && info.GetProperty("progress")[0].GetProperty("received").GetInt64() < dropped);

            if (info.GetProperty("execution_date").GetString() != "")
            {
                break;
            }

            server.Clock.Advance(TimeSpan.FromSeconds(20));
        }

        // What it is given up by may be seen one drop later.
        Assert.InRange(dropped, drops, drops + 1);
        Assert.Equal("The source was too slow", (await EndAsync(server, asked)).GetProperty("result")[0].GetProperty("message").GetString());
        await server.SweepAsync();
        Assert.Empty(server.StoredFiles());
    }

    [Fact]
    public async Task A_source_that_sends_more_than_it_announced_gives_what_it_announced()
    {
        await using var source = new SourceServer(ask => ask.WriteAsync("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 10", Content));
        await using var server = await TestServer.StartAsync(Open);
        var result = (await EndAsync(server, await RequestAsync(server, source.Url + "/a"))).GetProperty("result")[0];
        Assert.Equal(Content[..10], await server.DownloadAsync(result.GetProperty("download_link").GetString()!));
        Assert.Equal(10, (await server.CallAsync("user/info.cgi", "{}")).Json.GetProperty("cold_storage").GetInt64());
    }

    [Fact]
    public async Task An_account_fetches_so_many_at_once_and_a_host_is_asked_so_many_at_once()
    {
        var release = new TaskCompletionSource();
        var counting = new Lock();
        var (open, most) = (0, 0);
        await using var source = new SourceServer(async ask =>
        {
            lock (counting)
            {
                most = Math.Max(most, ++open);
            }

            await release.Task;

            // No longer counted before its last byte can reach the fetcher, which then begins the next.
            lock (counting)
            {
                open--;
            }

            await ask.OkAsync(Content[..10]);
        });
        await using var server = await TestServer.StartAsync([.. Open, ("Remote:Parallel", "10"), ("Remote:PerAccount", "2"), ("Remote:PerHost", "3")]);
        var other = await server.AddAccountAsync("other@example.org", 1_000_000);
        var mine = await RequestAsync(server, [.. Enumerable.Range(0, 4).Select(i => $"{source.Url}/mine{i}")]);
        var theirs = await server.CallAsync("remote/request.cgi", JsonSerializer.Serialize(new { urls = Enumerable.Range(0, 4).Select(i => $"{source.Url}/theirs{i}") }), other);

        // Counted, and not merely there: one that was counted only after the release could be alone by then.
        while (Most() < 3)
        {
            await Task.Yield();
        }

        release.SetResult();
        foreach (var result in (await EndAsync(server, mine)).GetProperty("result").EnumerateArray().Concat((await EndAsync(server, theirs, other)).GetProperty("result").EnumerateArray()))
        {
            Assert.Equal("OK", result.GetProperty("status").GetString());
        }

        Assert.Equal(3, Most());
        Assert.Equal(4, (await server.ListNamesAsync()).Count);
        Assert.Equal(4, (await server.ListNamesAsync(key: other)).Count);

        int Most()
        {
            lock (counting)
            {
                return most;
            }
        }
    }

    [Fact]
    public async Task What_a_stopped_server_had_begun_is_fetched_after_its_restart_and_once()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            await using var source = new SourceServer(async ask =>
            {
                if (ask.Number == 1)
                {
                    await ask.WriteAsync("HTTP/1.1 200 OK\nContent-Length: 300000", Content[..1000]);
                    await Task.Delay(Timeout.Infinite, ask.Stopped);
                }

                await ask.OkAsync(Content);
            });
            string key;
            Answer asked;
            await using (var server = await TestServer.StartAsync(folder, Open))
            {
                key = server.Key;
                asked = await RequestAsync(server, source.Url + "/a", source.Url + "/b");

                // A connection alone would not do: its request would reach the source only from the server that comes after.
                while (source.Requests.Count < 1)
                {
                    await Task.Yield();
                }
            }

            await using var again = await TestServer.StartAsync(folder, Open);
            var info = await EndAsync(again, asked, key);
            Assert.All(info.GetProperty("result").EnumerateArray(), result => Assert.Equal("OK", result.GetProperty("status").GetString()));
            Assert.Equal(["a", "b"], await again.ListNamesAsync(key: key));
            await again.SweepAsync();
            Assert.Equal(2, again.StoredFiles().Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest, 9013)]
    [InlineData("""{"urls":[]}""", HttpStatusCode.BadRequest, 9013)]
    [InlineData("""{"urls":["nonsense"]}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":[null]}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/","http://a/","http://a/"]}""", HttpStatusCode.RequestEntityTooLarge, 9016)]
    [InlineData("""{"urls":["http://a/"],"folder_id":77}""", HttpStatusCode.NotFound, 9020)]
    [InlineData("""{"urls":["http://a/"],"headers":{"Host":"x"}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":{"Transfer-Encoding":"chunked"}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":{"proxy-authorization":"x"}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":{"Range":"bytes=0-"}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":{"expires":"x"}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":{"A b":"x"}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":{"X":"a\r\nHost: b"}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":{"X":1}}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":["X"]}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"urls":["http://a/"],"headers":7}""", HttpStatusCode.BadRequest, 9014)]
    public async Task A_wrong_request_is_refused_whole(string body, HttpStatusCode status, int number)
    {
        await using var server = await TestServer.StartAsync(("Remote:Urls", "2"));
        (await server.CallAsync("remote/request.cgi", body)).IsKo(status, number);
        Assert.Equal(0, (await server.CallAsync("remote/ls.cgi", "{}")).Json.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Requests_are_ones_own_bounded_and_can_be_turned_off()
    {
        await using var source = new SourceServer(ask => Task.Delay(Timeout.Infinite, ask.Stopped));
        await using var server = await TestServer.StartAsync([.. Open, ("Remote:Waiting", "2")]);
        var asked = await RequestAsync(server, source.Url + "/a", source.Url + "/b");
        (await server.CallAsync("remote/request.cgi", $$"""{"urls":["{{source.Url}}/c"]}""")).IsKo(HttpStatusCode.TooManyRequests, 9072);
        var other = await server.AddAccountAsync("other@example.org", 1000);
        (await server.CallAsync("remote/info.cgi", $$"""{"id":{{Id(asked)}}}""", other)).IsKo(HttpStatusCode.NotFound, 9071);
        (await server.CallAsync("remote/info.cgi", "{}")).IsKo(HttpStatusCode.BadRequest, 9013);
        Assert.Equal(Id(asked), (await server.CallAsync("remote/info.cgi", $$"""{"id":"{{Id(asked)}}"}""")).Json.GetProperty("id").GetInt64());

        await using var off = await TestServer.StartAsync(("Remote:Enabled", "false"));
        (await off.CallAsync("remote/request.cgi", """{"urls":["http://example.org/"]}""")).IsKo(HttpStatusCode.NotFound, 9070);
    }

    private static async Task AssertFetchedAsync(TestServer server, string url)
    {
        var result = (await EndAsync(server, await RequestAsync(server, url))).GetProperty("result")[0];
        Assert.Equal("OK", result.GetProperty("status").GetString());
        Assert.Equal(Content, await server.DownloadAsync(result.GetProperty("download_link").GetString()!));
    }

    private static async Task AssertUnreachableAsync(TestServer server, string url)
    {
        var result = (await EndAsync(server, await RequestAsync(server, url))).GetProperty("result")[0];
        Assert.Equal("KO", result.GetProperty("status").GetString());
        Assert.Equal(Unreachable, result.GetProperty("message").GetString());
    }

    private static async Task<Answer> RequestAsync(TestServer server, params string[] urls)
    {
        var asked = await server.CallAsync("remote/request.cgi", JsonSerializer.Serialize(new { urls }));
        asked.IsOk();
        return asked;
    }

    private static long Id(Answer asked) => asked.Json.GetProperty("id").GetInt64();

    private static async Task<JsonElement> InfoAsync(TestServer server, Answer asked, string? key = null) =>
        (await server.CallAsync("remote/info.cgi", $$"""{"id":{{Id(asked)}}}""", key)).Json;

    /// <summary>The request's info once all of its URLs have ended.</summary>
    private static async Task<JsonElement> EndAsync(TestServer server, Answer asked, string? key = null)
    {
        for (var ended = 0; ; ended++)
        {
            var info = await InfoAsync(server, asked, key);
            if (info.GetProperty("execution_date").GetString() != "")
            {
                return info;
            }

            await server.Log.WaitForAsync(
                line => line.Contains($"Remote request {Id(asked)} ", StringComparison.Ordinal)
                    && (line.Contains(": fetched ", StringComparison.Ordinal) || line.Contains(" failed, ", StringComparison.Ordinal)),
                passedOver: ended);
        }
    }

    private sealed class Rebinding(params IPAddress[][] answers) : INameResolver
    {
        public int Asked { get; private set; }

        public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
            Task.FromResult(answers[Math.Min(Asked++, answers.Length - 1)]);
    }
}
