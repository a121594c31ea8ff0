using System.Net;
using System.Text.Json;
using Coffre.Cli.Running;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>Links in bulk: printed bare, guarded, listed, ended.</summary>
public sealed class LinkCommandTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        foreach (var name in new[] { "a/1.jpg", "a/2.jpg", "a/3.txt", "a/b/4.jpg" })
        {
            _cli.Write(name, name);
        }

        (await RunAsync("put", _cli.Local("a"), ":/")).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task<JsonElement> InfoAsync(string link) => (await _server.CallAsync("file/info.cgi", JsonSerializer.Serialize(new { url = link }))).Json;

    private async Task<int> CallsOfAsync(string endpoint, params string[] args) =>
        (await RunAsync([.. args, "--json", "--explain-requests"])).Ok().Json.GetProperty("requests").EnumerateArray()
            .Where(call => call.GetProperty("endpoint").GetString()!.EndsWith(endpoint, StringComparison.Ordinal)).Sum(call => call.GetProperty("calls").GetInt32());

    [Theory]
    [InlineData(":/a/1.jpg", 1)]
    [InlineData(":/a", 3)]
    [InlineData(":/a/ -R", 4)]
    [InlineData(":/a/*.jpg", 2)]
    [InlineData(":/a/?.* :/a/1.jpg", 3)]
    public async Task One_bare_link_a_line_for_files_folders_and_patterns(string words, int count)
    {
        var outcome = (await RunAsync(["link", .. words.Split(' ')])).Ok();

        Assert.Equal(count, outcome.Lines.Length);
        Assert.All(outcome.Lines, line => Assert.Matches(@"^http://127\.0\.0\.1:\d+/\?[a-z0-9]{20}$", line));
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public async Task A_list_may_hold_paths_and_links()
    {
        var link = (await RunAsync("link", ":/a/1.jpg")).Ok().Lines[0];

        Assert.Equal(3, (await _cli.PipeAsync($"# mine\n:/a/2.jpg\n\n{link}\n:/a/b\n", "link", "--from-file", "-")).Ok().Lines.Length);
        (await _cli.PipeAsync("# nothing\n", "link", "--from-file", "-")).Is(ExitCode.Usage);
        (await RunAsync("link", ":/a/*.png")).Is(ExitCode.NotFound);
    }

    [Fact]
    public async Task Password_description_and_rules_go_to_all_in_one_call()
    {
        Assert.Equal(1, await CallsOfAsync("file/chattr.cgi", "link", ":/a/*.jpg", "--password-file", _cli.Write("pw", "geheim99\n"), "--description", "Summer", "--inline", "--allow-ip", "127.0.0.0/8", "--allow-email", "x@example.org", "--premium-only"));

        foreach (var link in (await RunAsync("link", ":/a/*.jpg")).Ok().Lines)
        {
            var info = await InfoAsync(link);
            Assert.Equal((1, 1, "Summer"), (info.GetProperty("pass").GetInt32(), info.GetProperty("inline").GetInt32(), info.GetProperty("description").GetString()));
            Assert.Equal("""{"ip":["127.0.0.0/8"],"email":["x@example.org"],"premium":1}""", info.GetProperty("acl").GetRawText());
        }

        var listed = (await RunAsync("link", "list", ":/a", "-l")).Ok();
        Assert.Equal(2, listed.Lines.Count(line => line.Contains("  password  ", StringComparison.Ordinal)));
        Assert.Equal(2, (await RunAsync("link", "list", ":/a", "--access", "guarded", "--offline")).Ok().Lines.Length);
        Assert.Equal(2, (await RunAsync("link", "list", ":/a", "--access", "open")).Ok().Lines.Length);

        (await RunAsync("link", ":/a/*.jpg", "--no-password", "--allow-anyone")).Ok();
        Assert.Empty((await RunAsync("link", "list", "--access", "guarded", "--refresh")).Ok().Lines);

        // Asked for what is so already: done.
        (await RunAsync("link", ":/a/*.jpg", "--no-password")).Ok();
    }

    [Fact]
    public async Task A_password_is_asked_for_twice_made_or_read_and_never_an_argument()
    {
        _cli.Typed = new Queue<string>(["längeres-wort", "längeres-wort"]);
        (await RunAsync("link", ":/a/1.jpg", "--password")).Ok();
        _cli.Typed = new Queue<string>(["längeres-wort", "anderes-wort"]);
        (await RunAsync("link", ":/a/1.jpg", "--password")).Is(ExitCode.Usage);
        _cli.Typed = null;
        (await RunAsync("link", ":/a/1.jpg", "--password")).Is(ExitCode.Usage);

        var made = (await RunAsync("link", ":/a", "--password-generate")).Ok();
        Assert.All(made.Lines, line => Assert.StartsWith("http", line, StringComparison.Ordinal));
        var password = made.Error.Trim().Split(' ')[^1];
        Assert.Equal(16, password.Length);
        Assert.Single((await RunAsync("link", ":/a", "--password-generate", "--json")).Ok().Results.Select(result => result.GetProperty("password").GetString()).Distinct());

        foreach (var wrong in new[] { "--password=hunter2hunter2", "--password hunter2hunter2" })
        {
            var refused = (await RunAsync(["link", ":/a/1.jpg", .. wrong.Split(' ')])).Is(ExitCode.Usage);
            Assert.DoesNotContain("hunter2", refused.Error + refused.Out, StringComparison.Ordinal);
        }

        var shortOne = (await _cli.PipeAsync("abc\n", "link", ":/a/1.jpg", "--password-file", "-")).Is(ExitCode.Usage);
        Assert.Contains("at least 6", shortOne.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("link")]
    [InlineData("link :/a --inline --no-inline")]
    [InlineData("link :/a --no-password --password-generate")]
    [InlineData("link :/a --allow-anyone --premium-only")]
    [InlineData("link :/a --allow-ip banana")]
    [InlineData("link :/a --allow-country FRA")]
    [InlineData("link :/a --allow-email nobody")]
    [InlineData("link :/a --from-file /nowhere")]
    [InlineData("link revoke :/a")]
    [InlineData("link revoke")]
    [InlineData("link list :/a --access some")]
    public async Task Wrong_use_changes_nothing(string line)
    {
        var before = (await RunAsync("link", "list", ":/", "-l", "--refresh")).Ok().Lines;
        (await RunAsync(line.Split(' '))).Is(ExitCode.Usage);
        Assert.Equal(before, (await RunAsync("link", "list", ":/", "-l", "--refresh")).Ok().Lines);
    }

    [Fact]
    public async Task A_revoked_link_is_dead_and_the_file_has_another()
    {
        var old = (await RunAsync("link", ":/a", "-R")).Ok().Lines;

        var fresh = (await RunAsync("link", "revoke", ":/a", "-R", "-y", "--json")).Ok().Results;

        Assert.Equal(old.Order(StringComparer.Ordinal), fresh.Select(result => result.GetProperty("old_link").GetString()).Order(StringComparer.Ordinal));
        foreach (var link in old)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _server.CallAsync("file/info.cgi", JsonSerializer.Serialize(new { url = link }))).Status);
        }

        Assert.Equal("a/1.jpg"u8.ToArray(), (await RunAsync("cat", ":/a/1.jpg")).Ok().Bytes);
        Assert.Equal((await RunAsync("link", "list", ":/a", "--offline")).Ok().Lines, (await RunAsync("link", "list", ":/a", "--refresh")).Ok().Lines);
        Assert.Equal(["1.jpg", "2.jpg", "3.txt", "b/", "b/4.jpg"], (await RunAsync("ls", "-R", ":/a", "--refresh")).Ok().Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_guarded_file_is_not_opened_by_revoking_its_link_but_can_be_locked()
    {
        (await RunAsync("link", ":/a/1.jpg", "--password-generate")).Ok();

        var outcome = (await RunAsync("link", "revoke", ":/a/1.jpg", ":/a/2.jpg", "-y", "--json")).Is(ExitCode.Partial);
        Assert.Equal(":/a/2.jpg", Assert.Single(outcome.Results).GetProperty("path").GetString());
        Assert.Contains(":/a/1.jpg: A password or rule guards it", outcome.Error, StringComparison.Ordinal);

        var link = (await RunAsync("link", "revoke", ":/a/3.txt", "--lock")).Ok().Lines[0];
        Assert.Equal(link, (await RunAsync("link", ":/a/3.txt")).Ok().Lines[0]);
        var stranger = await _server.AddAccountAsync("other@example.org", 1_000_000);
        Assert.Equal(HttpStatusCode.Forbidden, (await _server.CallAsync("download/get_token.cgi", JsonSerializer.Serialize(new { url = link }), stranger)).Status);
        (await RunAsync("cat", ":/a/3.txt")).Ok();
    }

    [Fact]
    public async Task One_link_that_cannot_be_changed_fails_alone()
    {
        var stranger = await _server.AddAccountAsync("other@example.org", 1_000_000);
        var theirs = (await _server.UploadAsync("x", [1], 0, stranger)).GetProperty("download").GetString()!;

        var outcome = (await RunAsync("link", ":/a", theirs, "--description", "d", "--json")).Is(ExitCode.Partial);

        Assert.Equal(3, outcome.Results.Count);
        Assert.Contains(theirs, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_the_service_does_not_confirm_costs_no_file()
    {
        var service = new FakeService()
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[{"filename":"a","size":5,"date":"","url":"https://1fichier.com/?abcdefghij"},{"filename":"b","size":5,"date":"","url":"https://1fichier.com/?abcdefghik"}]}""")
            .On(V1Paths.FileCp, """{"status":"OK","copied":1,"urls":[{"from_url":"https://1fichier.com/?abcdefghij","to_url":"https://1fichier.com/?zzzzzzzzzz"}]}""")
            .On(V1Paths.FileRm, """{"status":"OK","removed":1}""");
        using var cli = new CliRunner { Handler = service, Time = service.Clock };
        cli.Variables["COFFRE_API_KEY"] = "0123456789abcdefghijklmnopqrstuv";

        var outcome = (await cli.RunAsync("link", "revoke", ":/", "-y")).Is(ExitCode.Partial);

        Assert.Equal(["https://1fichier.com/?zzzzzzzzzz"], outcome.Lines);
        Assert.Equal("""{"files":[{"url":"https://1fichier.com/?abcdefghij"}]}""", service.Last(V1Paths.FileRm).Text);
    }
}
