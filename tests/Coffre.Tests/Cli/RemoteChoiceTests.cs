using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>What commands show and take of remote folders: not the notes of sync, and of exports and links what the filter takes.</summary>
public sealed class RemoteChoiceTests : IAsyncLifetime
{
    private const string Notes = ".coffre-sidecar";

    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        _cli.Write("m/a.txt", "text");
        _cli.Write("m/sub/b.log", "a log");
        _cli.Write("m/sub/c.txt", "more text");
        _cli.Write("m/left/NOT", "marker");
        _cli.Write("m/left/d.txt", "left out");
        (await RunAsync("sync", _cli.Local("m"), ":/m")).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    [Theory]
    [InlineData("ls", "-R", ":/m")]
    [InlineData("tree", ":/m")]
    [InlineData("find", "sidecar", "--in", ":/m")]
    public async Task The_notes_of_sync_are_shown_only_when_all_is_asked_for(params string[] command)
    {
        Assert.DoesNotContain(Notes, (await RunAsync(command)).Ok().Out, StringComparison.Ordinal);
        var all = (await RunAsync([.. command, "--all"])).Ok().Out;
        Assert.Equal(3, all.Split(Notes).Length - 1);
    }

    [Fact]
    public async Task A_folder_is_told_and_completed_without_the_notes_which_are_told_by_name()
    {
        Assert.Contains("2 folders, 1 files (4 B)", (await RunAsync("info", ":/m")).Ok().Out, StringComparison.Ordinal);
        Assert.Contains(Notes, (await RunAsync("info", ":/m/" + Notes)).Ok().Out, StringComparison.Ordinal);
        Assert.Equal([":/m/a.txt", ":/m/left/", ":/m/sub/"], (await RunAsync("complete", "--", "ls", ":/m/")).Ok().Lines.Select(line => line.Split('\t')[0]));
        Assert.Empty((await RunAsync("complete", "--", "ls", ":/m/.coffre")).Ok().Lines);
    }

    [Fact]
    public async Task A_folder_is_listed_and_drawn_after_what_lies_in_the_folders_before_it()
    {
        _cli.Write("deep/a/one/x.txt", "1");
        _cli.Write("deep/a/y.txt", "2");
        _cli.Write("deep/b/z.txt", "3");
        (await RunAsync("put", _cli.Local("deep"), ":/deep")).Ok();

        Assert.Equal(["a/", "a/one/", "a/one/x.txt", "a/y.txt", "b/", "b/z.txt"], (await RunAsync("ls", "-R", ":/deep")).Ok().Lines);
        Assert.Equal(["a/", "b/"], (await RunAsync("ls", ":/deep")).Ok().Lines);
        string[] drawn = [":/deep", "├── a/", "│   ├── one/", "│   │   └── x.txt", "│   └── y.txt", "└── b/", "    └── z.txt"];
        Assert.Equal(drawn, (await RunAsync("tree", ":/deep")).Ok().Out.TrimEnd().Split('\n'));
        Assert.Equal([":/deep", "├── a/", "└── b/"], (await RunAsync("tree", ":/deep", "--depth", "1")).Ok().Out.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task The_notes_take_no_place_of_a_limited_search()
    {
        Assert.Equal([":/m/a.txt"], (await RunAsync("find", "--in", ":/m", "--type", "file", "--max-size", "100", "--limit", "1")).Ok().Lines);
        Assert.Contains("b.log", (await RunAsync("find", "--in", ":/m/sub", "--type", "file", "--limit", "1")).Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_that_ends_with_notes_is_drawn_to_its_end()
    {
        var lines = (await RunAsync("tree", ":/m/sub")).Ok().Out.TrimEnd().Split('\n');
        Assert.Equal([":/m/sub", "├── b.log", "└── c.txt"], lines);
    }

    [Fact]
    public async Task A_folder_comes_down_without_the_notes_which_can_be_had_by_name()
    {
        (await RunAsync("get", ":/m/", _cli.Local("back") + "/")).Ok();
        string[] names = ["a.txt", "left/NOT", "left/d.txt", "sub/b.log", "sub/c.txt"];
        Assert.Equal(names, Directory.GetFiles(_cli.Local("back"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_cli.Local("back"), path).Replace('\\', '/')).Order(StringComparer.Ordinal));

        (await RunAsync("get", ":/m/" + Notes, _cli.Local("notes"))).Ok();
        Assert.Contains("sidecar", await File.ReadAllTextAsync(_cli.Local("notes"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.txt left/NOT left/d.txt sub/b.log sub/c.txt")]
    [InlineData("sub/b.log", "--include", "*.log")]
    [InlineData("a.txt left/NOT left/d.txt sub/c.txt", "--exclude", "*.log")]
    [InlineData("a.txt left/NOT left/d.txt", "--exclude", "/sub/")]
    [InlineData("a.txt sub/b.log sub/c.txt", "--exclude-if-present", "NOT")]
    [InlineData("sub/c.txt", "--filter", "+ /sub/*.txt", "--filter", "- *")]
    public async Task Exports_and_links_of_a_folder_have_what_the_filter_takes(string expected, params string[] filter)
    {
        var exported = (await RunAsync(["export", ":/m", "--format", "links", .. filter])).Ok().Out;
        Assert.Equal(expected.Split(' '), exported.TrimEnd().Split('\n').Select(line => line[..line.LastIndexOf(": http", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));

        var links = (await RunAsync(["link", "-R", ":/m", .. filter])).Ok().Out.TrimEnd().Split('\n');
        Assert.Equal(expected.Split(' ').Length, links.Distinct(StringComparer.Ordinal).Count());
        Assert.All(links, link => Assert.Contains(link, exported, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Links_of_the_notes_are_listed_and_revoked_with_the_others()
    {
        Assert.Equal(3, (await RunAsync("link", "list", ":/m", "-l")).Ok().Out.Split(Notes).Length - 1);
        var link = (await RunAsync("link", ":/m/sub/" + Notes)).Ok().Out;
        (await RunAsync("link", "revoke", "-R", "-y", ":/m/sub")).Ok();
        Assert.NotEqual(link, (await RunAsync("link", ":/m/sub/" + Notes)).Ok().Out);
    }

    [Theory]
    [InlineData("export", ":/m")]
    [InlineData("link", "-R", ":/m")]
    public async Task A_wrong_rule_is_refused_with_its_cure(params string[] command)
    {
        var refused = (await RunAsync([.. command, "--filter", "x y"])).Is(ExitCode.Usage);
        Assert.Contains("a rule is '+ PATTERN'", refused.Error, StringComparison.Ordinal);
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);
}
