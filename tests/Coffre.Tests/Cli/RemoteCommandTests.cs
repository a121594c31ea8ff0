using System.Net;
using Coffre.Cli.Remote;
using Coffre.Cli.Running;
using Coffre.Client.Testing;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>URLs that the service fetches: asked for, waited for, tried again, over restarts, and never shown with their secrets.</summary>
public sealed class RemoteCommandTests : IAsyncLifetime
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 5000).Select(at => (byte)at)];

    private readonly CliRunner _cli = new() { Time = new FakeClock() };
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(
            ("Remote:AllowNetworks", "127.0.0.2/32"), ("Remote:Ports", "0"), ("Remote:RetrySeconds", "0"), ("Remote:Tries", "1"), ("Limits:KeyRate", "0"));
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private string StateText => string.Join('\n', Directory.GetFiles(Path.Combine(_cli.Folder, "state"), "*.json", SearchOption.AllDirectories).Select(File.ReadAllText));

    [Fact]
    public async Task What_was_waited_for_answers_with_links_and_lies_in_the_folder()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content));

        var outcome = (await RunAsync("remote", "add", source.Url + "/a.bin", source.Url + "/b.bin", "--to", ":/new/iso", "--wait")).Ok();

        Assert.Equal(2, outcome.Lines.Length);
        Assert.All(outcome.Lines, line => Assert.StartsWith(_server.Address.ToString() + "?", line, StringComparison.Ordinal));
        Assert.Equal(["a.bin", "b.bin"], (await RunAsync("ls", ":/new/iso")).Ok().Lines);
        Assert.Equal(Content, (await RunAsync("cat", ":/new/iso/a.bin")).Ok().Bytes);
    }

    [Fact]
    public async Task Without_wait_each_url_is_told_and_a_later_run_waits()
    {
        var release = new TaskCompletionSource();
        await using var source = new SourceServer(async ask =>
        {
            await release.Task;
            await ask.OkAsync(Content);
        });

        var added = (await RunAsync("remote", "add", source.Url + "/a.bin", "--json")).Ok().Results[0];
        var id = added.GetProperty("id").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal("requested", added.GetProperty("state").GetString());

        (await RunAsync("remote", "wait", "--timeout", "5m")).Is(ExitCode.TryLater);
        Assert.Equal("open", Assert.Single((await RunAsync("remote", "list", "--open", "--json")).Ok().Results).GetProperty("state").GetString());
        Assert.Contains((await RunAsync("remote", "show", id, "--json")).Ok().Results[0].GetProperty("state").GetString(), new[] { "waiting", "running" });

        release.SetResult();
        var waited = (await RunAsync("remote", "wait", id, "--json")).Ok().Results[0];
        Assert.Equal("done", waited.GetProperty("state").GetString());
        Assert.Empty((await RunAsync("remote", "list", "--open")).Ok().Lines);
        Assert.Empty((await RunAsync("remote", "wait")).Ok().Lines);
        Assert.Contains("1 URLs into :/", Assert.Single((await RunAsync("remote", "list")).Ok().Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_names_files_and_a_wrong_line_of_it_sends_nothing()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content));
        var list = _cli.Write("list.txt", $"# films\n\n{source.Url}/1  First film?.bin\n{source.Url}/2\tzwei\n{source.Url}/3\n");
        (await RunAsync("remote", "add", "--from-file", list, "--to", ":/f/", "--wait")).Ok();
        Assert.Equal(["3", "First film?.bin", "zwei"], (await RunAsync("ls", ":/f")).Ok().Lines);

        var count = source.Requests.Count;
        var wrong = await _cli.PipeAsync($"{source.Url}/4\nbanana\n{source.Url}/5 bad/name\ngopher://x/y\n", "remote", "add", "--from-file", "-");
        wrong.Is(ExitCode.Usage);
        Assert.Contains("line 2 of standard input is no URL", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("line 4 of standard input", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(count, source.Requests.Count);
        Assert.Single((await RunAsync("remote", "list")).Ok().Lines);
    }

    [Fact]
    public async Task What_fails_for_a_passing_reason_is_asked_for_again_and_a_missing_file_is_not()
    {
        var tries = 0;
        await using var source = new SourceServer(ask => ask.Head.Contains("/gone", StringComparison.Ordinal) ? ask.WriteAsync("HTTP/1.1 404 Not Found\nContent-Length: 0\nConnection: close", [])
            : Interlocked.Increment(ref tries) < 3 ? ask.WriteAsync("HTTP/1.1 503 Busy\nContent-Length: 0\nConnection: close", [])
            : ask.OkAsync(Content));

        var outcome = (await RunAsync("remote", "add", source.Url + "/ok.bin", source.Url + "/gone", "--wait", "--json")).Is(ExitCode.Partial);

        Assert.Equal(["done", "failed"], outcome.Results.Select(item => item.GetProperty("state").GetString()));
        Assert.Equal([3, 1], outcome.Results.Select(item => item.GetProperty("tries").GetInt32()));
        Assert.Equal("partial", outcome.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("/gone: ", outcome.Error, StringComparison.Ordinal);

        tries = -100;
        (await RunAsync("remote", "add", source.Url + "/never", "--wait", "--retries", "1")).Is(ExitCode.Partial);
        Assert.Equal(-98, tries);
    }

    [Fact]
    public async Task Passwords_tokens_and_headers_go_to_the_source_and_nowhere_else()
    {
        string[] secrets = ["hunter2hunter", "tokentokentoken99", "headersecret77", "dXNlcjpiYXNpYw=="];
        await using var source = new SourceServer(ask => ask.OkAsync(Content));
        var url = source.Url.Replace("//", "//me:hunter2hunter@", StringComparison.Ordinal) + "/a.bin?token=tokentokentoken99";
        var headers = _cli.Write("headers", "# for the source\nX-Key: headersecret77\n");

        var outcome = await _cli.PipeAsync(url + "\n", "remote", "add", "--from-file", "-", "--header-file", headers, "--wait", "-vv");
        outcome.Ok();
        var listed = (await RunAsync("remote", "list", "--json")).Ok();
        var shown = (await RunAsync("remote", "show", listed.Results[0].GetProperty("id").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture), "-vv")).Ok();

        Assert.Contains("X-Key: headersecret77", Assert.Single(source.Requests), StringComparison.Ordinal);
        Assert.Contains("token=tokentokentoken99", source.Requests[0], StringComparison.Ordinal);
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, string.Join('\n', outcome.Out, outcome.Error, shown.Out, shown.Error, listed.Out, StateText), StringComparison.Ordinal);
        }

        Assert.Contains("/a.bin?…", shown.Out, StringComparison.Ordinal);
        Assert.Contains("--header-file", (await RunAsync("remote", "add", source.Url + "/b", "--header", "Cookie: a=bcdefgh")).Ok().Error, StringComparison.Ordinal);
        Assert.Contains("--from-file -", (await RunAsync("remote", "add", url)).Ok().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_the_service_that_quote_a_url_are_kept_without_its_secrets()
    {
        const string Url = "https://me:hunter2hunter@example.org/a?x=1";
        var service = new FakeService()
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""")
            .On(V1Paths.RemoteRequest, $$"""{"status":"KO","message":"No such source: {{Url}} #55"}""", HttpStatusCode.BadRequest);
        using var cli = new CliRunner { Handler = service, Time = service.Clock };
        cli.Variables["COFFRE_API_KEY"] = "0123456789abcdefghijklmnopqrstuv";

        (await cli.PipeAsync(Url, "remote", "add", "--from-file", "-", "--wait")).Is(ExitCode.Partial);

        var kept = string.Join('\n', Directory.GetFiles(cli.Local("state"), "*.json", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.Contains("No such source: https://", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("x=1", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restart_a_failed_url_is_asked_for_again_though_its_password_was_never_kept()
    {
        var tries = 0;
        await using var source = new SourceServer(ask => Interlocked.Increment(ref tries) < 2
            ? ask.WriteAsync("HTTP/1.1 503 Busy\nContent-Length: 0\nConnection: close", []) : ask.OkAsync(Content));
        var url = source.Url.Replace("//", "//me:hunter2hunter@", StringComparison.Ordinal) + "/a.bin";
        (await _cli.PipeAsync(url, "remote", "add", "--from-file", "-")).Ok();

        (await RunAsync("remote", "wait")).Ok();

        Assert.Equal(["a.bin"], (await RunAsync("ls")).Ok().Lines);
        Assert.All(source.Requests, head => Assert.Contains("Authorization: Basic", head, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_waits_do_not_ask_for_the_same_url_twice()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content));
        (await RunAsync("remote", "add", source.Url + "/a")).Ok();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_cli.Folder, "state", "coffre", "remote"), "*.json"));

        using (new FileStream(Path.ChangeExtension(file, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            (await RunAsync("remote", "wait")).Is(ExitCode.Conflict);
        }

        (await RunAsync("remote", "wait")).Ok();
    }

    [Fact]
    public async Task What_a_killed_run_planned_but_did_not_send_is_said()
    {
        await using var source = new SourceServer(ask => ask.OkAsync(Content));
        (await RunAsync("remote", "add", source.Url + "/a")).Ok();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_cli.Folder, "state", "coffre", "remote"), "*.json"));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"requested\"", "\"planned\"", StringComparison.Ordinal));

        Assert.Contains("not sent before the run broke", (await RunAsync("remote", "wait")).Is(ExitCode.Partial).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("remote add")]
    [InlineData("remote add banana")]
    [InlineData("remote add /etc/passwd")]
    [InlineData("remote add https://example.org/a --header nonsense")]
    [InlineData("remote add https://example.org/a --from-file /nowhere")]
    [InlineData("remote add https://example.org/a --timeout soon")]
    [InlineData("remote add https://example.org/a --to local")]
    [InlineData("remote show x")]
    [InlineData("remote wait 0")]
    public async Task Wrong_use_sends_nothing(string line)
    {
        (await RunAsync(line.Split(' '))).Is(ExitCode.Usage);
        Assert.Empty((await RunAsync("remote", "list")).Ok().Lines);
    }

    [Fact]
    public async Task A_request_that_the_service_does_not_know_is_not_found()
    {
        (await RunAsync("remote", "show", "99")).Is(ExitCode.NotFound);
        (await RunAsync("remote", "wait", "99")).Is(ExitCode.NotFound);
    }

    [Theory]
    [InlineData("The source answered 503 Busy", true)]
    [InlineData("The source could not be reached", true)]
    [InlineData("HTTP 429 Too Many Requests", true)]
    [InlineData("The source answered 404", false)]
    [InlineData("The source has no such file", false)]
    [InlineData("The file is too large: at most 4 GB", false)]
    [InlineData("Quota exceeded", false)]
    public void Words_tell_whether_another_try_may_help(string message, bool expected) => Assert.Equal(expected, RemoteVerdict.MayPass(message));

    [Theory]
    [InlineData("https://u:p@host:8443/a/b?x=1#f", "https://…@host:8443/a/b?…")]
    [InlineData("ftp://host/a", "ftp://host/a")]
    [InlineData("https://host", "https://host/")]
    public void Urls_are_shown_without_what_opens_them(string url, string expected) => Assert.Equal(expected, SourceUrl.Shown(url));

    [Fact]
    public async Task One_bad_url_does_not_take_the_others_with_it_and_where_calls_are_dear_few_are_made()
    {
        var made = 0;
        var polls = 0;
        var service = new FakeService()
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""")
            .On(V1Paths.RemoteRequest, asked => asked.Text.Contains("/bad", StringComparison.Ordinal)
                ? FakeService.Json("""{"status":"KO","message":"No such protocol #55"}""", HttpStatusCode.BadRequest)
                : FakeService.Json($$"""{"status":"OK","id":"{{++made}}","urls":[],"headers":[]}"""))
            .On(V1Paths.RemoteLs, _ => FakeService.Json($$"""{"status":"OK","data":[{{string.Join(',', Enumerable.Range(1, made).Select(id => $$"""{"id":"{{id}}","request_date":"2026-06-01 14:00:00","execution_date":"{{(++polls > 20 ? "2026-06-01 15:00:00" : "1970-01-01 01:00:00")}}"}"""))}}]}"""))
            .On(V1Paths.RemoteInfo, asked =>
            {
                var item = """{"status":"OK","url":"x","download_link":"https://1fichier.com/?abcdefghij","message":"ok"}""";
                var isPair = asked.Text.Contains("\"id\":1", StringComparison.Ordinal);
                return FakeService.Json($$"""{"id":1,"request_date":"","execution_date":"2026-06-01 15:00:00","links":["x"{{(isPair ? ",\"y\"" : "")}}],"result":[{{item}}{{(isPair ? "," + item : "")}}]}""");
            });
        using var cli = new CliRunner { Handler = service, Time = service.Clock };
        cli.Variables["COFFRE_API_KEY"] = "0123456789abcdefghijklmnopqrstuv";

        var outcome = (await cli.RunAsync("remote", "add", "https://example.org/1", "https://example.org/2", "https://example.org/bad", "https://example.org/4", "--wait", "--json")).Is(ExitCode.Partial);

        Assert.Equal(["done", "done", "failed", "done"], outcome.Results.Select(item => item.GetProperty("state").GetString()));
        Assert.True(service.All(V1Paths.RemoteInfo).Count <= made);
        Assert.Contains(service.Clock.Waits, wait => wait >= TimeSpan.FromSeconds(10));
        Assert.All(service.Asked, asked => Assert.Equal("api.1fichier.com", asked.Uri.Host));
    }
}
