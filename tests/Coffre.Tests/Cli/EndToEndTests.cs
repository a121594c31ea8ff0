using System.Text;
using System.Text.Json;
using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>The command against a whole server.</summary>
public sealed class EndToEndTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task<string> TreeAsync(string path = ":/") =>
        string.Join(' ', (await RunAsync("ls", "-R", path)).Ok().Lines.Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_file_goes_up_is_listed_linked_told_read_and_comes_back()
    {
        var file = _cli.Write("été 1.txt", "hello world");

        var link = (await RunAsync("put", file, ":/Docs/")).Ok().Out.Trim();

        Assert.StartsWith(_server.Address.ToString(), link, StringComparison.Ordinal);
        Assert.Equal(["été 1.txt"], (await RunAsync("ls", ":/Docs")).Ok().Lines);
        Assert.Equal([link], (await RunAsync("link", ":/Docs/été 1.txt")).Ok().Lines);
        Assert.Equal("hello world", Encoding.UTF8.GetString((await RunAsync("cat", ":/Docs/été 1.txt")).Ok().Bytes));
        Assert.Equal("lo wo", Encoding.UTF8.GetString((await RunAsync("cat", link, "--offset", "3", "--count", "5")).Ok().Bytes));
        Assert.Empty((await RunAsync("cat", link, "--offset", "300")).Ok().Bytes);
        var info = (await RunAsync("info", link, "--json")).Ok().Results[0];
        Assert.Equal(("été 1.txt", 11), (info.GetProperty("name").GetString(), info.GetProperty("size").GetInt32()));
        (await RunAsync("get", link, _cli.Local("back/"))).Ok();
        (await RunAsync("get", ":/Docs/été 1.txt", _cli.Local("other.txt"))).Ok();
        Assert.Equal("hello world", await File.ReadAllTextAsync(_cli.Local("back/été 1.txt")));
        Assert.Equal("hello world", await File.ReadAllTextAsync(_cli.Local("other.txt")));
    }

    [Fact]
    public async Task A_tree_with_odd_names_comes_back_the_same()
    {
        var names = new[]
        {
            "plain.txt", "q'uo\"te", "a$b`c\\d", "<x>", " both ", "tab\there", "line\nend", "＄5", "‛", "．．", "x.part", "été 漢字 🎉", ":*?|%;[]~#&", "...", "-", "@home",
            new string('n', 200), string.Concat(Enumerable.Repeat("é", 120)), "dir with 'quotes'/deep/and $dollar/file", "twins/a", "twins/A",
        };
        foreach (var name in names)
        {
            _cli.Write("tree/" + name, "content of " + name);
        }

        File.WriteAllBytes(_cli.Local("tree/empty"), []);
        Directory.CreateDirectory(_cli.Local("tree/empty folder/in it"));
        File.WriteAllBytes(_cli.Local("tree/large"), new byte[3_000_000]);

        (await RunAsync("put", _cli.Local("tree"), ":/Copy")).Ok();
        (await RunAsync("get", ":/Copy", _cli.Local("back"))).Ok();

        Assert.Equal(Snapshot("tree"), Snapshot("back"));
        Assert.Contains("q'uo\"te", (await RunAsync("ls", ":/Copy")).Ok().Out, StringComparison.Ordinal);
        Assert.Equal("content of a$b`c\\d", Encoding.UTF8.GetString((await RunAsync("cat", ":/Copy/a$b`c\\d")).Ok().Bytes));
    }

    private string Snapshot(string folder)
    {
        var root = _cli.Local(folder);
        return string.Join('\n', Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => Path.GetRelativePath(root, path) + (File.Exists(path) ? "=" + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))) : "/")));
    }

    [Fact]
    public async Task Folders_go_where_cp_would_put_them()
    {
        _cli.Write("d/f", "1");

        (await RunAsync("put", _cli.Local("d"), ":/X")).Ok();
        Assert.Equal("f", await TreeAsync(":/X"));
        (await RunAsync("put", _cli.Local("d"), ":/X")).Ok();
        Assert.Equal("d/ d/f f", await TreeAsync(":/X"));
        (await RunAsync("put", _cli.Local("d") + "/", ":/X")).Ok();
        Assert.Equal("d/ d/f f", await TreeAsync(":/X"));
        (await RunAsync("put", _cli.Local("d"), ":/Y/")).Ok();
        Assert.Equal("d/ d/f", await TreeAsync(":/Y"));
        (await RunAsync("put", _cli.Local("d/f"), _cli.Local("d"), ":/Z")).Ok();
        Assert.Equal("d/ d/f f", await TreeAsync(":/Z"));

        (await RunAsync("get", ":/Y", _cli.Local("new"))).Ok();
        (await RunAsync("get", ":/Y", _cli.Local("new"))).Ok();
        (await RunAsync("get", ":/Y/", _cli.Local("contents"))).Ok();
        Assert.True(File.Exists(_cli.Local("new/d/f")) && File.Exists(_cli.Local("new/Y/d/f")) && File.Exists(_cli.Local("contents/d/f")));
    }

    [Fact]
    public async Task The_same_again_is_skipped_and_what_changed_is_replaced()
    {
        _cli.Write("d/same", "1");
        _cli.Write("d/changed", "old");
        (await RunAsync("put", _cli.Local("d"), ":/D")).Ok();
        _cli.Write("d/changed", "new");

        var actions = (await RunAsync("put", _cli.Local("d") + "/", ":/D", "--json")).Ok().Results
            .ToDictionary(result => Path.GetFileName(result.GetProperty("source").GetString()!), result => result.GetProperty("action").GetString());

        Assert.Equal(("skipped", "uploaded"), (actions["same"], actions["changed"]));
        Assert.Equal("changed same", await TreeAsync(":/D"));
        Assert.Equal("new", Encoding.UTF8.GetString((await RunAsync("cat", ":/D/changed")).Ok().Bytes));

        (await RunAsync("get", ":/D/", _cli.Local("d"), "--json")).Ok();
        var again = (await RunAsync("get", ":/D/", _cli.Local("d"), "--json")).Ok();
        Assert.All(again.Results, result => Assert.Equal("skipped", result.GetProperty("action").GetString()));
    }

    [Theory]
    [InlineData("skip", 0, "a=1")]
    [InlineData("overwrite", 0, "a=2")]
    [InlineData("rename", 0, "a=1,a (1)=2")]
    [InlineData("fail", 6, "a=1")]
    public async Task A_taken_name_is_treated_as_told(string policy, int exitCode, string expected)
    {
        (await _cli.PipeAsync("1", "put", "-", ":/a")).Ok();
        var file = _cli.Write("a", "2");

        (await RunAsync("put", file, ":/a", "--if-exists", policy)).Is((ExitCode)exitCode);

        var found = new List<string>();
        foreach (var name in (await RunAsync("ls")).Ok().Lines)
        {
            found.Add($"{name}={Encoding.UTF8.GetString((await RunAsync("cat", ":/" + name)).Ok().Bytes)}");
        }

        Assert.Equal(expected.Split(',').Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Copies_and_moves_go_where_they_should_and_links_stay()
    {
        (await _cli.PipeAsync("1", "put", "-", ":/A/f")).Ok();
        var link = (await RunAsync("link", ":/A/f")).Ok().Out;

        (await RunAsync("mv", ":/A/f", ":/A/g")).Ok();
        (await RunAsync("mv", ":/A/g", ":/B/")).Ok();
        (await RunAsync("mv", ":/B/g", ":/A/h")).Ok();
        Assert.Equal("A/ A/h B/", await TreeAsync());
        Assert.Equal(link, (await RunAsync("link", ":/A/h")).Ok().Out);

        (await RunAsync("cp", ":/A/h", ":/A/i")).Ok();
        (await RunAsync("cp", "-r", ":/A", ":/C")).Ok();
        (await RunAsync("cp", link.Trim(), ":/C/imported")).Ok();
        (await RunAsync("mv", ":/C", ":/B/")).Ok();
        (await RunAsync("mv", ":/B/C", ":/B/D")).Ok();
        Assert.Equal("A/ A/h A/i B/ B/D/ B/D/h B/D/i B/D/imported", await TreeAsync());

        (await RunAsync("cp", ":/A/h", ":/A/i")).Is(ExitCode.Conflict);
        (await RunAsync("cp", ":/A", ":/E")).Is(ExitCode.Usage);
        (await RunAsync("mv", ":/B", ":/B/D/")).Is(ExitCode.Conflict);
        (await RunAsync("mv", ":/A/h", ":/A/h")).Is(ExitCode.Conflict);
        (await RunAsync("mv", ":/A/h", ":/A/i", "--if-exists", "overwrite")).Ok();
        Assert.Equal("A/ A/i B/ B/D/ B/D/h B/D/i B/D/imported", await TreeAsync());
    }

    [Fact]
    public async Task Removing_asks_and_takes_no_folder_by_mistake()
    {
        (await _cli.PipeAsync("1", "put", "-", ":/A/B/f")).Ok();

        (await RunAsync("rm", ":/A/B/f")).Is(ExitCode.Usage);
        (await RunAsync("rm", "-y", ":/A")).Is(ExitCode.Usage);
        (await RunAsync("rm", "-y", "-r", ":/")).Is(ExitCode.Usage);
        _cli.Typed = new Queue<string>(["n", "y"]);
        (await RunAsync("rm", "-r", ":/A")).Is(ExitCode.Failure);
        Assert.Equal("A/ A/B/ A/B/f", await TreeAsync());
        (await RunAsync("rm", "-r", ":/A")).Ok();
        Assert.Equal("", await TreeAsync());
    }

    [Fact]
    public async Task Json_is_one_envelope_with_what_was_found()
    {
        (await _cli.PipeAsync("hello", "put", "-", ":/A/f")).Ok();

        var json = (await RunAsync("ls", ":/A", "--json")).Ok().Json;

        Assert.Equal(["ok", "schema", "results", "warnings", "error"], json.EnumerateObject().Select(property => property.Name));
        var entry = json.GetProperty("results")[0];
        Assert.Equal(("file", ":/A/f", 5), (entry.GetProperty("type").GetString(), entry.GetProperty("path").GetString(), entry.GetProperty("size").GetInt32()));
        Assert.Equal(128, entry.GetProperty("checksum").GetString()!.Length);
        Assert.Equal(TimeSpan.Zero, entry.GetProperty("date").GetDateTimeOffset().Offset);
        Assert.Equal(JsonValueKind.Null, json.GetProperty("error").ValueKind);
        var quota = (await RunAsync("quota", "--json")).Ok().Results[0];
        Assert.Equal(5, quota.GetProperty("used").GetInt64());
    }

    [Theory]
    [InlineData("ls :/none", 5)]
    [InlineData("cat :/none", 5)]
    [InlineData("get :/none out", 5)]
    [InlineData("put none :/", 5)]
    [InlineData("info http://127.0.0.1/?abcdefghij0123456789", 5)]
    [InlineData("cat http://127.0.0.1/?abcdefghij0123456789", 5)]
    [InlineData("rm -y :/none", 5)]
    [InlineData("mv :/none :/b", 5)]
    [InlineData("cat :/", 2)]
    [InlineData("put - :/", 2)]
    [InlineData("rm -y :/", 2)]
    [InlineData("ls work:/", 3)]
    public async Task What_is_not_there_or_makes_no_sense_has_its_exit_code(string command, int exitCode)
    {
        var outcome = (await RunAsync([.. command.Split(' '), "--json"])).ExitCode == (ExitCode)exitCode || command.StartsWith("cat", StringComparison.Ordinal)
            ? await RunAsync(command.Split(' '))
            : throw new InvalidOperationException(command);

        Assert.StartsWith("coffre: ", outcome.Is((ExitCode)exitCode).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_exit_code_3()
    {
        _cli.Variables["COFFRE_API_KEY"] = Coffre.Protocol.ApiKey.New();

        (await RunAsync("ls")).Is(ExitCode.NotLoggedIn);
    }

    [Fact]
    public async Task A_server_that_is_gone_is_exit_code_13()
    {
        _cli.Variables["COFFRE_API_KEY"] = Coffre.Protocol.ApiKey.New();

        Assert.Contains("No answer", (await RunAsync("ls", "--url", "http://127.0.0.1:9", "--retries", "0")).Is(ExitCode.Network).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_account_is_exit_code_12_and_stops_the_run()
    {
        _cli.Variables["COFFRE_API_KEY"] = await _server.AddAccountAsync("small@example.com", 1000);
        File.WriteAllBytes(_cli.Local("big"), new byte[5000]);

        var outcome = (await RunAsync("put", _cli.Local("big"), ":/", "--json")).Is(ExitCode.QuotaOrPlan);

        Assert.Equal("quota_exceeded", outcome.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Empty((await RunAsync("ls")).Ok().Lines);
    }

    [Fact]
    public async Task Some_that_fail_among_others_are_exit_code_8_and_the_others_are_there()
    {
        var good = _cli.Write("good", "1");

        var outcome = (await RunAsync("put", good, _cli.Local("missing"), ":/D/", "--json")).Is(ExitCode.Partial);

        Assert.Equal("partial", outcome.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("good", await TreeAsync(":/D"));
    }

    [Fact]
    public async Task Links_pipes_and_loops_are_left_out_and_told()
    {
        _cli.Write("d/real", "1");
        File.CreateSymbolicLink(_cli.Local("d/link"), _cli.Local("d/real"));
        File.CreateSymbolicLink(_cli.Local("d/dangling"), _cli.Local("nothing"));
        Directory.CreateSymbolicLink(_cli.Local("d/loop"), _cli.Local("d"));
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", _cli.Local("d/pipe")))
        {
            await mkfifo.WaitForExitAsync();
        }

        var without = (await RunAsync("put", _cli.Local("d"), ":/D", "--json")).Ok();
        Assert.Equal(4, without.Json.GetProperty("warnings").GetArrayLength());
        Assert.Equal("real", await TreeAsync(":/D"));

        (await RunAsync("put", "-L", _cli.Local("d"), ":/E")).Ok();
        Assert.Equal("link real", await TreeAsync(":/E"));
    }

    [Fact]
    public async Task A_stopped_run_says_how_to_go_on()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var outcome = (await _cli.RunAsync([], stop.Token, "ls")).Is(ExitCode.Interrupted);

        Assert.Contains("run the same command again", outcome.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Each_remote_folder_is_listed_at_most_once_in_a_run()
    {
        for (var i = 0; i < 5; i++)
        {
            _cli.Write($"d/sub/f{i}", "x");
        }

        (await RunAsync("put", _cli.Local("d"), ":/D")).Ok();
        var outcome = (await RunAsync("put", _cli.Local("d/sub/f1"), _cli.Local("d/sub/f2"), _cli.Local("d"), ":/D/", "-vv")).Ok();

        Assert.Equal(2, outcome.Error.Split("/v1/folder/ls.cgi").Length - 1);
    }

    [Fact]
    public async Task Standard_input_of_any_length_goes_up_as_it_comes()
    {
        var input = new byte[2_500_000];
        new Random(3).NextBytes(input);

        (await _cli.RunAsync(input, CancellationToken.None, "put", "-", ":/dump")).Ok();

        Assert.Equal(input, (await RunAsync("get", ":/dump", "-")).Ok().Bytes);
    }

    [Fact]
    public async Task A_folder_that_takes_a_files_place_is_a_conflict()
    {
        (await _cli.PipeAsync("1", "put", "-", ":/D")).Ok();
        _cli.Write("d/D/x", "1");

        (await RunAsync("put", _cli.Local("d") + "/", ":/")).Is(ExitCode.Conflict);
        (await RunAsync("mkdir", ":/D")).Is(ExitCode.Conflict);
    }
}
