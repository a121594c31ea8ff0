using System.Text.Json;
using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>The index of the remote tree: what it answers, how it stays true, and that it can go at any time.</summary>
public sealed class IndexTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        _cli.Write("t/a.txt", "same");
        _cli.Write("t/b/copy of a.txt", "same");
        _cli.Write("t/b/100%_x.bin", new string('x', 5000));
        _cli.Write("t/b/c/Invoice [1].PDF", "invoice");
        (await RunAsync("put", _cli.Local("t"), ":/")).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task<int> CallsAsync(params string[] args) =>
        (await RunAsync([.. args, "--json", "--explain-requests"])).Ok().Json.GetProperty("requests").EnumerateArray().Sum(call => call.GetProperty("calls").GetInt32());

    [Fact]
    public async Task What_coffre_wrote_itself_is_known_without_a_call()
    {
        Assert.Equal(0, await CallsAsync("find", "invoice", "--in", ":/t"));
        Assert.Equal(0, await CallsAsync("du"));
        Assert.Equal(0, await CallsAsync("dedupe"));
        Assert.Equal(0, await CallsAsync("ls", "-R", "--offline"));
        Assert.Equal(0, await CallsAsync("tree", "--offline"));
    }

    [Theory]
    [InlineData("invoice", ":/t/b/c/Invoice [1].PDF")]
    [InlineData("*.pdf", ":/t/b/c/Invoice [1].PDF")]
    [InlineData("invoice [?].pdf", ":/t/b/c/Invoice [1].PDF")]
    [InlineData("%_", ":/t/b/100%_x.bin")]
    [InlineData("B", ":/t/b/ :/t/b/100%_x.bin")]
    [InlineData("a.txt", ":/t/a.txt :/t/b/copy of a.txt")]
    [InlineData("a.tx?", ":/t/a.txt")]
    [InlineData("nothing", "")]
    public async Task Names_are_found_by_part_and_by_pattern(string name, string expected) =>
        Assert.Equal(expected, string.Join(' ', (await RunAsync("find", name)).Ok().Lines));

    [Fact]
    public async Task Files_are_found_by_size_and_checksum_and_below_a_folder()
    {
        Assert.Equal([":/t/b/100%_x.bin"], (await RunAsync("find", "--min-size", "5000", "--max-size", "5000")).Ok().Lines);
        var checksum = (await RunAsync("info", ":/t/a.txt", "--json")).Ok().Results[0].GetProperty("checksum").GetString()!;
        Assert.Equal([":/t/b/copy of a.txt"], (await RunAsync("find", "--checksum", checksum.ToUpperInvariant(), "--in", ":/t/b")).Ok().Lines);
        Assert.Equal([":/t/b/"], (await RunAsync("find", "--type", "folder", "--in", ":/t", "b")).Ok().Lines);
        (await RunAsync("find", "--checksum", "abc")).Is(ExitCode.Usage);
    }

    [Fact]
    public async Task Sums_are_of_everything_below()
    {
        var usage = (await RunAsync("du", ":/t", "--depth", "2", "--json")).Ok().Results
            .Select(line => (line.GetProperty("path").GetString(), line.GetProperty("files").GetInt32(), line.GetProperty("size").GetInt32()));

        Assert.Equal([(":/t/b", 3, 5011), (":/t/b/c", 1, 7), (":/t", 4, 5015)], usage);
    }

    [Fact]
    public async Task Equal_contents_are_shown_and_removed_only_on_demand()
    {
        Assert.Equal([":/t/a.txt", ":/t/b/copy of a.txt"], (await RunAsync("dedupe")).Ok().Lines.Order(StringComparer.Ordinal));
        (await RunAsync("dedupe", "--same-folder", "--keep", "newest", "-y")).Ok();
        Assert.Equal(4, (await RunAsync("ls", "-R", "--json", ":/t")).Ok().Results.Count(entry => entry.GetProperty("type").GetString() is "file"));

        (await RunAsync("dedupe", "--keep", "oldest")).Is(ExitCode.Usage);
        (await RunAsync("dedupe", "--keep", "oldest", "-y")).Ok();

        Assert.Empty((await RunAsync("dedupe")).Ok().Lines);
        Assert.Equal(3, (await RunAsync("ls", "-R", "--json", "--refresh", ":/t")).Ok().Results.Count(entry => entry.GetProperty("type").GetString() is "file"));
    }

    [Fact]
    public async Task Equal_contents_stand_side_by_side_the_largest_first()
    {
        foreach (var (path, content) in new[] { ("d/a", "small"), ("d/b", "much larger"), ("d/e/c", "small"), ("d/e/f", "much larger"), ("d/g", "alone, and larger yet"), ("h", "small") })
        {
            _cli.Write(path, content);
        }

        (await RunAsync("put", _cli.Local("d"), _cli.Local("h"), ":/")).Ok();

        var lines = (await RunAsync("dedupe", ":/d")).Ok().Lines;
        Assert.Equal(4, lines.Length);
        Assert.Equal([":/d/b", ":/d/e/f"], lines.Take(2).Order(StringComparer.Ordinal));
        Assert.Equal([":/d/a", ":/d/e/c"], lines.Skip(2).Order(StringComparer.Ordinal));
        Assert.Equal(5, (await RunAsync("dedupe")).Ok().Lines.Count(line => line.StartsWith(":/d/", StringComparison.Ordinal) || line is ":/h"));
    }

    [Fact]
    public async Task Equal_notes_of_sync_are_no_copies()
    {
        _cli.Write("s/x/.coffre-sidecar", "notes");
        _cli.Write("s/y/.coffre-sidecar", "notes");
        (await RunAsync("put", _cli.Local("s"), ":/")).Ok();

        Assert.Equal(2, (await RunAsync("find", "sidecar", "--in", ":/s", "--all")).Ok().Lines.Length);
        Assert.Empty((await RunAsync("dedupe", ":/s")).Ok().Lines);
    }

    [Fact]
    public async Task A_copy_that_went_meanwhile_does_not_cost_the_last_one()
    {
        // Past the index: somebody else removes one of the two.
        var link = (await RunAsync("link", ":/t/a.txt")).Ok().Lines[0];
        (await _server.CallAsync("file/rm.cgi", JsonSerializer.Serialize(new { files = new[] { new { url = link } } }))).IsOk();

        (await RunAsync("dedupe", "--keep", "oldest", "-y")).Ok();

        Assert.Contains("copy of a.txt", await _server.ListNamesAsync(await FolderIdAsync(":/t/b")));
    }

    private async Task<long> FolderIdAsync(string path) => (await RunAsync("info", path, "--json")).Ok().Results[0].GetProperty("folder_id").GetInt64();

    [Fact]
    public async Task What_others_changed_is_seen_by_ls_at_once_and_by_find_after_a_refresh()
    {
        await _server.UploadAsync("theirs.txt", [1, 2], await FolderIdAsync(":/t"));
        Assert.Empty((await RunAsync("find", "theirs", "--offline")).Ok().Lines);

        Assert.Contains("theirs.txt", (await RunAsync("ls", ":/t")).Ok().Lines);
        Assert.Equal([":/t/theirs.txt"], (await RunAsync("find", "theirs")).Ok().Lines);

        await _server.MakeFolderAsync("new", await FolderIdAsync(":/t/b"));
        Assert.Equal([":/t/b/new/"], (await RunAsync("find", "new", "--refresh")).Ok().Lines);
    }

    [Fact]
    public async Task Moves_copies_and_removals_keep_it_true()
    {
        (await RunAsync("mv", ":/t/b", ":/moved")).Ok();
        (await RunAsync("mv", ":/t/a.txt", ":/moved/z.txt")).Ok();
        (await RunAsync("cp", ":/moved/z.txt", ":/t/y.txt")).Ok();
        (await RunAsync("cp", "-r", ":/moved/c", ":/t/")).Ok();
        (await RunAsync("rm", "-y", ":/moved/100%_x.bin")).Ok();
        (await RunAsync("rm", "-y", "-r", ":/moved/c")).Ok();
        (await RunAsync("mkdir", ":/t/empty")).Ok();

        var known = (await RunAsync("ls", "-R")).Ok().Lines;
        var offline = (await RunAsync("ls", "-R", "--offline")).Ok().Lines;

        Assert.Equal(["moved/", "moved/copy of a.txt", "moved/z.txt", "t/", "t/c/", "t/c/Invoice [1].PDF", "t/empty/", "t/y.txt"], known.Order(StringComparer.Ordinal));
        Assert.Equal(known, offline);
    }

    [Fact]
    public async Task Answers_say_how_old_they_are()
    {
        var outcome = (await RunAsync("find", "invoice", "--json")).Ok();
        Assert.True(outcome.Json.GetProperty("as_of").GetDateTimeOffset() <= TimeProvider.System.GetUtcNow());

        Assert.Contains("from the index, as of", (await RunAsync("ls", "--offline")).Ok().Error, StringComparison.Ordinal);
        Assert.False((await RunAsync("ls", "--json")).Ok().Json.TryGetProperty("as_of", out _));
    }

    [Fact]
    public async Task It_can_be_removed_or_damaged_without_loss()
    {
        var before = (await RunAsync("find", "a")).Ok().Lines;
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_cli.Folder, "state", "coffre"), "index-*.db"));

        await File.WriteAllBytesAsync(file, [.. Enumerable.Repeat((byte)'x', 10_000)]);
        Assert.Equal(before, (await RunAsync("find", "a")).Ok().Lines);

        File.Delete(file);
        (await RunAsync("ls", "--offline")).Is(ExitCode.NotFound);
        Assert.Equal(before, (await RunAsync("find", "a")).Ok().Lines);
    }

    [Fact]
    public async Task Another_account_has_another_index()
    {
        var other = await _server.AddAccountAsync("other@example.org", 1_000_000);
        (await _cli.PipeAsync(other, "auth", "login", "--profile", "other", "--url", _server.Address.ToString())).Ok();

        Assert.Empty((await RunAsync("find", "invoice", "--in", "other:/")).Ok().Lines);
    }

    [Theory]
    [InlineData("tree")]
    [InlineData("ls")]
    [InlineData("find a")]
    [InlineData("du")]
    [InlineData("dedupe")]
    public async Task Each_question_says_how_old_its_answer_is(string line)
    {
        var outcome = (await RunAsync([.. line.Split(' '), "--offline"])).Ok();
        Assert.Contains("from the index, as of", outcome.Error, StringComparison.Ordinal);
        Assert.True((await RunAsync([.. line.Split(' '), "--offline", "--json"])).Ok().Json.TryGetProperty("as_of", out _));
    }

    [Fact]
    public async Task Rotating_the_key_or_logging_in_with_another_of_the_account_keeps_it()
    {
        (await RunAsync("keys", "rotate")).Ok();
        Assert.Equal(0, await CallsAsync("find", "invoice", "--in", ":/t"));
        (await RunAsync("keys", "regenerate", "-y")).Ok();
        Assert.Equal(0, await CallsAsync("find", "invoice", "--in", ":/t"));

        var other = (await RunAsync("keys", "new", "laptop")).Ok().Lines[0];
        (await _cli.PipeAsync(other, "auth", "login", "--url", _server.Address.ToString())).Ok();
        Assert.Equal(0, await CallsAsync("find", "invoice", "--in", ":/t"));
        Assert.Single(Directory.GetFiles(Path.Combine(_cli.Folder, "state", "coffre"), "index-*.db"));

        // One that sees another root has another tree.
        var narrow = (await RunAsync("keys", "new", "narrow", "--folder", ":/t/b")).Ok().Lines[0];
        (await _cli.PipeAsync(narrow, "auth", "login", "--url", _server.Address.ToString())).Ok();
        Assert.NotEqual(0, await CallsAsync("find", "invoice"));
    }

    [Fact]
    public async Task A_twin_that_went_is_no_duplicate_any_more()
    {
        (await RunAsync("rm", "-y", ":/t/a.txt")).Ok();
        Assert.Empty((await RunAsync("dedupe", "--offline")).Ok().Lines);
        (await RunAsync("cp", ":/t/b/copy of a.txt", ":/t/a.txt")).Ok();
        Assert.Equal(2, (await RunAsync("dedupe")).Ok().Lines.Length);
    }

    [Fact]
    public async Task Flags_that_contradict_each_other_are_refused() =>
        (await RunAsync("ls", "--offline", "--refresh")).Is(ExitCode.Usage);

    [Fact]
    public async Task Only_its_owner_can_read_it()
    {
        (await RunAsync("ls")).Ok();

        foreach (var file in Directory.GetFiles(Path.Combine(_cli.Folder, "state"), "*", SearchOption.AllDirectories))
        {
            // Elsewhere the folder of the user does it.
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }
}
