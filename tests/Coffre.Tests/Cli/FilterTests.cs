using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>The flags that choose files: tried, going up, coming down.</summary>
public sealed class FilterTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        foreach (var name in new[] { "t/a.txt", "t/b.jpg", "t/sub/c.txt", "t/sub/d.jpg", "t/empty/.keep", "t/cache/.nobackup", "t/cache/e.txt", "t/big.txt" })
        {
            _cli.Write(name, name == "t/big.txt" ? new string('x', 3000) : name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task<string> UpAsync(params string[] flags)
    {
        _ = await RunAsync("rm", "-r", "-y", ":/up");
        (await RunAsync(["put", _cli.Local("t") + "/", ":/up", .. flags])).Ok();
        return string.Join(' ', (await RunAsync("ls", "-R", ":/up")).Ok().Lines);
    }

    [Fact]
    public async Task Only_what_the_rules_take_goes_up_and_no_folder_that_they_empty()
    {
        Assert.Equal("sub/ sub/c.txt a.txt big.txt", await UpAsync("--include", "*.txt", "--exclude-if-present", ".nobackup"));
        Assert.Equal("sub/ sub/c.txt sub/d.jpg", await UpAsync("--filter", "+ /sub/**", "--filter", "- *"));
        Assert.Equal("cache/ cache/.nobackup cache/e.txt sub/ sub/c.txt sub/d.jpg a.txt b.jpg", await UpAsync("--max-size", "1000B", "--exclude", "empty/"));
    }

    [Fact]
    public async Task Only_what_the_rules_take_comes_down()
    {
        await UpAsync();

        (await RunAsync("get", ":/up/", _cli.Local("back"), "--include", "/sub/*.txt")).Ok();

        Assert.Equal(["sub/c.txt"], Directory.GetFiles(_cli.Local("back"), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_cli.Local("back"), path)));
        Assert.Equal(["sub"], Directory.GetDirectories(_cli.Local("back"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Ages_count_from_the_date_of_the_file()
    {
        File.SetLastWriteTimeUtc(_cli.Local("t/a.txt"), DateTime.UtcNow.AddDays(-40));

        Assert.Equal("a.txt", await UpAsync("--min-age", "30d", "--exclude", "*/**"));
    }

    [Fact]
    public async Task Lists_of_files_come_from_files_and_from_standard_input()
    {
        Assert.Equal("sub/ sub/c.txt b.jpg", await UpAsync("--files-from", _cli.Write("list", "# two\n b.jpg \n\n/sub/c.txt\nmissing\n")));
        Assert.Equal("a.txt", await UpAsync("--files-from0", _cli.Write("zero", "a.txt\0missing\0")));
        (await RunAsync("rm", "-r", "-y", ":/up")).Ok();
        (await _cli.PipeAsync("b.jpg\n", "put", _cli.Local("t/"), ":/up", "--files-from-raw", "-")).Ok();
        Assert.Equal(["b.jpg"], (await RunAsync("ls", "-R", ":/up")).Ok().Lines);
        (await _cli.PipeAsync("b.jpg\n", "put", _cli.Local("t/"), ":/up", "--include-from", "-", "--filter-from", "-")).Is(ExitCode.Usage);
    }

    [Fact]
    public async Task Files_that_are_named_are_judged_by_their_names()
    {
        (await RunAsync("put", _cli.Local("t/a.txt"), _cli.Local("t/b.jpg"), ":/named/", "--exclude", "*.jpg")).Ok();

        Assert.Equal(["a.txt"], (await RunAsync("ls", ":/named")).Ok().Lines);
    }

    [Fact]
    public async Task The_deciding_rule_is_named_with_its_place()
    {
        var rules = _cli.Write("rules.txt", "# first\n- *.jpg\n+ sub/**\n");

        var lines = (await RunAsync("filters", "test", "b.jpg", "sub/c.txt", "nowhere/x", "sub/", "--in", _cli.Local("t"), "--filter-from", rules)).Ok().Lines;

        Assert.Equal($"excluded  b.jpg  - *.jpg ({rules}:2)", lines[0]);
        Assert.Equal($"included  sub/c.txt  + sub/** ({rules}:3)", lines[1]);
        Assert.Equal("included  nowhere/x  no rule matches", lines[2]);
        Assert.Equal($"included  sub/  + sub/** ({rules}:3)", lines[3]);
    }

    [Fact]
    public async Task Size_and_markers_of_what_is_there_count_in_a_test()
    {
        string[] tail = ["--in", _cli.Local("t"), "--min-size", "1k", "--exclude-if-present", ".nobackup", "--json"];

        var results = (await RunAsync(["filters", "test", "big.txt", _cli.Local("t/a.txt"), "cache/e.txt", "gone.txt", .. tail])).Ok().Results;

        Assert.Equal([true, false, false, true], results.Select(result => result.GetProperty("included").GetBoolean()));
        Assert.Equal("it is smaller than --min-size", results[1].GetProperty("rule").GetString());
        Assert.Equal("cache/.nobackup is present (--exclude-if-present)", results[2].GetProperty("rule").GetString());
        Assert.Equal([true, true, true, false], results.Select(result => result.GetProperty("exists").GetBoolean()));
    }

    [Theory]
    [InlineData("--include", "[")]
    [InlineData("--filter", "*.jpg")]
    [InlineData("--filter-from", "/nowhere/rules")]
    [InlineData("--files-from", "/")]
    [InlineData("--min-size", "large")]
    [InlineData("--max-age", "long ago")]
    public async Task A_wrong_rule_is_an_error_of_use_with_a_cure(string flag, string value)
    {
        var outcome = (await RunAsync("put", _cli.Local("t"), ":/", flag, value, "--json")).Is(ExitCode.Usage);

        Assert.NotEmpty(outcome.Json.GetProperty("error").GetProperty("advice").GetString()!);
        Assert.Empty((await RunAsync("ls", ":/")).Ok().Lines);
    }

    [Fact]
    public async Task A_wrong_limit_of_bandwidth_is_an_error_of_use_and_a_right_one_lets_everything_through()
    {
        (await RunAsync("put", _cli.Local("t"), ":/", "--bwlimit", "fast", "--json")).Is(ExitCode.Usage);

        Assert.Contains("big.txt", await UpAsync("--bwlimit", "100M:off", "--include", "big.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_outside_of_the_walk_is_refused() => (await RunAsync("filters", "test", "../x")).Is(ExitCode.Usage);

    [Fact]
    public async Task Rules_come_from_the_environment_one_on_each_line()
    {
        _cli.Variables["COFFRE_EXCLUDE"] = "*.jpg\n*.txt";

        Assert.Equal("cache/ cache/.nobackup empty/ empty/.keep sub/", await UpAsync());
    }

    [Fact]
    public async Task A_job_keeps_rule_files_in_full_and_patterns_as_they_are()
    {
        var rules = Path.GetRelativePath(".", _cli.Write("rules", "- *.jpg\n"));
        var folder = Path.GetRelativePath(".", _cli.Local("t"));
        (await RunAsync("put", folder, ":/j/", "--filter-from", rules, "--exclude", folder)).Ok();

        var words = (await RunAsync("job", "list", "--all", "--json")).Ok().Results[0].GetProperty("words").EnumerateArray().Select(word => word.GetString()).ToArray();

        Assert.Equal(["put", _cli.Local("t"), ":/j/", "--filter-from", _cli.Local("rules"), "--exclude", folder], words);
    }
}
