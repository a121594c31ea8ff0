using System.Text.Json;
using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary><c>sync</c>, <c>copy</c>, <c>plan</c>, <c>apply</c>: what they do, and above all what they do not.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SyncTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Moment = new(2020, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

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

    private string Write(string name, string text, DateTimeOffset? modified = null)
    {
        var path = _cli.Write(name, text);
        File.SetLastWriteTimeUtc(path, (modified ?? Moment).UtcDateTime);
        return path;
    }

    /// <summary>Twenty files, so that one or two may go.</summary>
    private void WriteMany(string folder)
    {
        for (var i = 0; i < 20; i++)
        {
            Write($"{folder}/f{i:00}", $"content {i}");
        }
    }

    private async Task<string[]> RemoteAsync(string path = ":/t") =>
        [.. (await RunAsync("ls", "-R", "--refresh", path)).Ok().Lines.Where(line => !line.EndsWith(".coffre-sidecar", StringComparison.Ordinal))];

    private static Dictionary<string, int> Calls(CliOutcome outcome) => outcome.Json.GetProperty("requests").EnumerateArray()
        .ToDictionary(call => call.GetProperty("endpoint").GetString()!.Split(' ')[1], call => call.GetProperty("calls").GetInt32());

    private Task<CliOutcome> UpAsync(params string[] more) => RunAsync(["sync", _cli.Local("t"), ":/t", .. more]);

    private Task<CliOutcome> DownAsync(params string[] more) => RunAsync(["sync", ":/t", _cli.Local("back"), .. more]);

    private static string[] Steps(CliOutcome outcome) => [.. outcome.Results.Select(step => $"{step.GetProperty("action").GetString()} {step.GetProperty("path").GetString()}")];

    [Fact]
    public async Task A_second_run_lists_each_folder_once_and_sends_nothing()
    {
        Write("t/a", "1");
        Write("t/b/c", "22");
        var first = (await UpAsync("--json", "--explain-requests")).Ok();
        Assert.Equal(["make_folder b", "upload a", "upload b/c"], Steps(first).Order(StringComparer.Ordinal));

        // The sidecar of a folder goes with its small files: one upload for each folder.
        Assert.Equal(2, Calls(first)["upload.cgi"]);

        var second = (await UpAsync("--json", "--explain-requests")).Ok();

        Assert.Empty(second.Results);
        Assert.Equal(["v1/folder/ls.cgi=3"], Calls(second).Select(call => $"{call.Key}={call.Value}"));
    }

    [Fact]
    public async Task Nothing_is_deleted_without_being_told()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        File.Delete(_cli.Local("t/f01"));

        (await UpAsync()).Ok();
        (await RunAsync("copy", _cli.Local("t"), ":/t")).Ok();
        Assert.Contains("f01", await RemoteAsync());

        (await DownAsync()).Ok();
        Write("back/mine", "mine");
        (await DownAsync()).Ok();
        (await RunAsync("copy", ":/t", _cli.Local("back"))).Ok();
        Assert.True(File.Exists(_cli.Local("back/mine")));
        (await RunAsync("copy", _cli.Local("t"), ":/t", "--delete")).Is(ExitCode.Usage);
    }

    [Fact]
    public async Task What_is_deleted_on_the_service_lies_in_the_trash_of_the_account_with_its_time()
    {
        WriteMany("t");
        Write("t/d/doomed", "doomed");
        (await UpAsync()).Ok();
        Directory.Delete(_cli.Local("t/d"), recursive: true);

        (await UpAsync("--delete")).Ok();

        Assert.DoesNotContain(await RemoteAsync(), line => line.StartsWith("d/", StringComparison.Ordinal));
        var stamp = Assert.Single((await RunAsync("ls", ":/.coffre-trash")).Ok().Lines).TrimEnd('/');
        Assert.Matches(@"^\d{8}T\d{6}Z$", stamp);
        (await RunAsync("sync", $":/.coffre-trash/{stamp}/t", _cli.Local("saved"))).Ok();
        Assert.Equal("doomed", await File.ReadAllTextAsync(_cli.Local("saved/d/doomed")));
        Assert.Equal(Moment.UtcDateTime, File.GetLastWriteTimeUtc(_cli.Local("saved/d/doomed")));
    }

    [Fact]
    public async Task What_is_deleted_here_lies_in_a_trash_beside_the_folder()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        (await DownAsync()).Ok();
        Write("back/mine/x", "mine");

        (await DownAsync("--delete")).Ok();

        Assert.False(Directory.Exists(_cli.Local("back/mine")));
        var day = Assert.Single(Directory.GetDirectories(_cli.Local(".coffre-trash")));
        Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(day, "back", "mine", "x")));
        Assert.Empty((await DownAsync("--delete", "--json")).Ok().Results);
    }

    [Fact]
    public async Task Permanent_leaves_no_trash()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        (await DownAsync()).Ok();
        File.Delete(_cli.Local("t/f01"));

        Assert.Contains("delete f01", Steps((await UpAsync("--delete", "--delete-mode", "permanent", "--json")).Ok()));
        (await DownAsync("--delete", "--delete-mode", "permanent")).Ok();

        Assert.DoesNotContain(".coffre-trash/", (await RunAsync("ls", "--refresh", ":/")).Ok().Lines);
        Assert.False(Directory.Exists(_cli.Local(".coffre-trash")));
        Assert.False(File.Exists(_cli.Local("back/f01")));
    }

    [Fact]
    public async Task An_empty_source_stops_the_run_and_nothing_is_done()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        Directory.CreateDirectory(_cli.Local("empty"));
        (await RunAsync("mkdir", ":/empty")).Ok();

        var up = (await RunAsync("sync", _cli.Local("empty"), ":/t", "--delete", "--max-delete-percent", "100", "--json")).Is(ExitCode.Guard);
        (await RunAsync("sync", ":/empty", _cli.Local("t"), "--delete", "--max-delete-percent", "100")).Is(ExitCode.Guard);

        Assert.Equal("guard", up.Json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(20, (await RemoteAsync()).Length);
        Assert.Equal(20, Directory.GetFiles(_cli.Local("t")).Length);
        (await RunAsync("sync", _cli.Local("gone"), ":/t", "--delete")).Is(ExitCode.NotFound);
        (await RunAsync("sync", ":/gone", _cli.Local("t"), "--delete")).Is(ExitCode.NotFound);
    }

    [Fact]
    public async Task Too_many_deletions_stop_the_run_with_the_flag_that_allows_them()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        File.Delete(_cli.Local("t/f01"));
        File.Delete(_cli.Local("t/f02"));
        File.Delete(_cli.Local("t/f03"));
        Write("t/new", "new");

        var percent = (await UpAsync("--delete")).Is(ExitCode.Guard);
        Assert.Contains("--max-delete-percent 15", percent.Error, StringComparison.Ordinal);
        Assert.Contains("--max-delete 3", (await UpAsync("--delete", "--max-delete", "2")).Is(ExitCode.Guard).Error, StringComparison.Ordinal);
        Assert.Contains("--max-delete 3", (await UpAsync("--delete", "--max-delete", "2", "--dry-run")).Is(ExitCode.Guard).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("new", await RemoteAsync());
        Assert.Empty((await RunAsync("job", "list")).Ok().Lines);

        (await UpAsync("--delete", "--max-delete-percent", "15")).Ok();
        Assert.Equal(18, (await RemoteAsync()).Length);
    }

    [Fact]
    public async Task A_file_with_another_path_is_moved_on_the_service_and_keeps_its_link()
    {
        WriteMany("t");
        Write("t/old/big", "the same content", Moment);
        (await UpAsync()).Ok();
        var link = (await RunAsync("link", ":/t/old/big")).Ok().Lines[0];
        Directory.CreateDirectory(_cli.Local("t/new"));
        File.Move(_cli.Local("t/old/big"), _cli.Local("t/new/larger"));
        Directory.Delete(_cli.Local("t/old"));
        File.Move(_cli.Local("t/f01"), _cli.Local("t/g01"));

        var outcome = (await UpAsync("--delete", "--json", "--explain-requests")).Ok();

        Assert.Contains("move new/larger", Steps(outcome));
        Assert.Contains("move g01", Steps(outcome));
        Assert.DoesNotContain(Steps(outcome), step => step.StartsWith("upload", StringComparison.Ordinal) || step.StartsWith("trash", StringComparison.Ordinal));
        Assert.Equal((1, 1), (Calls(outcome)["v1/file/mv.cgi"], Calls(outcome)["v1/file/rename.cgi"]));
        Assert.Equal(link, (await RunAsync("link", ":/t/new/larger")).Ok().Lines[0]);
        Assert.DoesNotContain("old/", await RemoteAsync());
        Assert.Empty((await UpAsync("--delete", "--json")).Ok().Results);
        (await DownAsync()).Ok();
        Assert.Equal(Moment.UtcDateTime, File.GetLastWriteTimeUtc(_cli.Local("back/new/larger")));
    }

    [Fact]
    public async Task Without_delete_the_content_is_copied_on_the_service_and_the_old_path_stays()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        File.Move(_cli.Local("t/f01"), _cli.Local("t/g01"));

        var outcome = (await UpAsync("--json", "--explain-requests")).Ok();

        Assert.Equal(["copy g01"], Steps(outcome));
        Assert.Equal(1, Calls(outcome)["v1/file/cp.cgi"]);
        Assert.Superset(new HashSet<string> { "f01", "g01" }, (await RemoteAsync()).ToHashSet());
        Assert.Empty((await UpAsync("--json")).Ok().Results);
    }

    [Fact]
    public async Task A_path_that_changed_on_the_service_is_followed_here_without_a_download()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        (await DownAsync()).Ok();
        (await RunAsync("mv", ":/t/f01", ":/t/sub/g01")).Ok();

        var outcome = (await DownAsync("--delete", "--json", "--explain-requests")).Ok();

        Assert.Contains("move sub/g01", Steps(outcome));
        Assert.DoesNotContain("v1/download/get_token.cgi", Calls(outcome).Keys);
        Assert.Equal("content 1", await File.ReadAllTextAsync(_cli.Local("back/sub/g01")));
        Assert.False(File.Exists(_cli.Local("back/f01")));
    }

    [Fact]
    public async Task Size_and_time_decide_then_the_checksum_and_flags_change_that()
    {
        Write("t/a", "one");
        (await UpAsync()).Ok();

        Write("t/a", "two");
        Assert.Empty((await UpAsync("--json")).Ok().Results);
        Assert.Equal(["upload a"], Steps((await UpAsync("--checksum", "--json")).Ok()));

        Write("t/a", "six", Moment.AddDays(1));
        Assert.Empty((await UpAsync("--size-only", "--json")).Ok().Results);
        Assert.Empty((await UpAsync("--ignore-existing", "--json")).Ok().Results);
        Assert.Equal(["upload a"], Steps((await UpAsync("--json")).Ok()));

        File.SetLastWriteTimeUtc(_cli.Local("t/a"), Moment.AddDays(2).UtcDateTime);
        Assert.Equal(["note a"], Steps((await UpAsync("--json")).Ok()));
        File.SetUnixFileMode(_cli.Local("t/a"), UnixFileMode.UserRead);
        Assert.Equal(["note a"], Steps((await UpAsync("--json")).Ok()));
        (await DownAsync()).Ok();
        Assert.Equal((UnixFileMode.UserRead, Moment.AddDays(2).UtcDateTime), (File.GetUnixFileMode(_cli.Local("back/a")), File.GetLastWriteTimeUtc(_cli.Local("back/a"))));
        (await UpAsync("--size-only", "--checksum")).Is(ExitCode.Usage);
    }

    [Fact]
    public async Task A_file_that_others_put_there_is_compared_by_checksum_and_sent_only_if_it_differs()
    {
        Write("t/same", "same");
        Write("t/other", "mine!");
        (await RunAsync("put", Write("o/same", "same"), Write("o/other", "yours"), ":/t/")).Ok();

        Assert.Equal(["note same", "upload other"], Steps((await UpAsync("--json")).Ok()).Order(StringComparer.Ordinal));
        Assert.Equal(["other", "same"], await RemoteAsync());
        Assert.Equal("mine!", System.Text.Encoding.UTF8.GetString((await RunAsync("cat", ":/t/other")).Ok().Bytes));
    }

    [Fact]
    public async Task A_plan_is_kept_looked_at_and_applied_exactly()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        File.Delete(_cli.Local("t/f01"));
        Write("t/new", "new");
        var file = _cli.Local("p.json");

        var planned = (await RunAsync("plan", "sync", _cli.Local("t"), ":/t", "--delete", "--out", file)).Ok();
        Assert.Contains("coffre apply", planned.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("new", await RemoteAsync());
        var text = await File.ReadAllTextAsync(file);
        Assert.DoesNotContain(_server.Key, text, StringComparison.Ordinal);
        Assert.Equal(["upload new", "trash f01"], JsonDocument.Parse(text).RootElement.GetProperty("actions").EnumerateArray()
            .Select(step => $"{step.GetProperty("action").GetString()} {step.GetProperty("path").GetString()}"));

        Assert.Equal(["trash f01", "upload new"], Steps((await RunAsync("apply", file, "--json")).Ok()).Order(StringComparer.Ordinal));
        Assert.Contains("new", await RemoteAsync());
        Assert.Equal("stale_plan", (await RunAsync("apply", file, "--json")).Is(ExitCode.Conflict).Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_plan_is_refused_when_either_side_moved_or_the_file_was_changed()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        Write("t/new", "new");
        var file = _cli.Local("p.json");
        async Task PlanAsync() => (await RunAsync("plan", "sync", _cli.Local("t"), ":/t", "--out", file)).Ok();

        await PlanAsync();
        Write("t/newer", "newer");
        Assert.Contains(_cli.Local("t") + " has changed", (await RunAsync("apply", file)).Is(ExitCode.Conflict).Error, StringComparison.Ordinal);

        await PlanAsync();
        (await RunAsync("put", Write("x", "theirs"), ":/t/")).Ok();
        Assert.Contains(":/t has changed", (await RunAsync("apply", file)).Is(ExitCode.Conflict).Error, StringComparison.Ordinal);

        await PlanAsync();
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"newer\"", "\"../evil\"", StringComparison.Ordinal));
        (await RunAsync("apply", file)).Is(ExitCode.Conflict);
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"sync\"", "\"rm\"", StringComparison.Ordinal));
        (await RunAsync("apply", file)).Is(ExitCode.Usage);
        (await RunAsync("apply", Write("no.json", "{"))).Is(ExitCode.Usage);
        (await RunAsync("apply", _cli.Local("gone.json"))).Is(ExitCode.NotFound);
        Assert.DoesNotContain("new", await RemoteAsync());
    }

    [Fact]
    public async Task A_dry_run_prints_each_step_with_its_reason_and_changes_nothing()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        File.Delete(_cli.Local("t/f01"));
        Write("t/f02", "longer content");

        var lines = (await UpAsync("--delete", "-n")).Ok().Lines;

        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^upload +14 B  f02  \(another size\)$", lines[0]);
        Assert.Matches(@"^trash +9 B  f01  \(not in the source\)$", lines[1]);
        Assert.Contains("f01", await RemoteAsync());
        Assert.Equal(lines, (await RunAsync("plan", "sync", _cli.Local("t"), ":/t", "--delete")).Ok().Lines);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_never_looks_like_deletions()
    {
        WriteMany("t");
        Write("t/sub/kept", "kept");
        (await UpAsync("-L")).Ok();
        Directory.Delete(_cli.Local("t/sub"), recursive: true);
        Directory.CreateDirectory(_cli.Local("t/sub"));
        File.CreateSymbolicLink(_cli.Local("t/sub/loop"), "loop");
        File.Delete(_cli.Local("t/f01"));
        Write("t/new", "new");

        // A link to itself: the system refuses to follow it, for root too.
        (await UpAsync("-L", "--delete")).Is(ExitCode.Partial);

        var there = await RemoteAsync();
        Assert.Superset(new HashSet<string> { "sub/kept", "f01", "new" }, there.ToHashSet());
    }

    [Fact]
    public async Task A_listing_that_fails_never_looks_like_emptiness()
    {
        WriteMany("t");
        Write("t/sub/x", "x");
        (await UpAsync()).Ok();
        (await DownAsync()).Ok();
        var sub = (await RunAsync("info", ":/t/sub", "--json")).Ok().Results[0].GetProperty("folder_id").GetInt64();
        var inner = _cli.Handler;
        _cli.Handler = new Spoiler(inner, async request => request.Content is { } body && request.RequestUri!.AbsolutePath.EndsWith("/folder/ls.cgi", StringComparison.Ordinal)
            && (await body.ReadAsStringAsync()).Contains($":{sub}", StringComparison.Ordinal));

        Assert.NotEqual(ExitCode.Success, (await DownAsync("--delete", "--retries", "0", "--max-delete-percent", "100")).ExitCode);
        Assert.NotEqual(ExitCode.Success, (await UpAsync("--delete", "--retries", "0", "--max-delete-percent", "100")).ExitCode);

        Assert.True(File.Exists(_cli.Local("back/sub/x")));
        _cli.Handler = inner;
        Assert.Contains("sub/x", await RemoteAsync());
    }

    [Fact]
    public async Task A_run_that_was_cut_is_a_job_and_the_next_does_what_is_left()
    {
        for (var i = 0; i < 6; i++)
        {
            Write($"t/d{i}/big", new string((char)('a' + i), 1_200_000));
        }

        using var stop = new CancellationTokenSource();
        var uploads = 0;
        var inner = _cli.Handler;
        _cli.Handler = new Spoiler(inner, request =>
        {
            if (request.RequestUri!.AbsolutePath == "/upload.cgi" && Interlocked.Increment(ref uploads) == 4)
            {
                stop.Cancel();
            }

            return Task.FromResult(false);
        });
        (await _cli.RunAsync([], stop.Token, "sync", _cli.Local("t"), ":/t", "--transfers", "1")).Is(ExitCode.Interrupted);
        _cli.Handler = inner;
        var job = Assert.Single((await RunAsync("job", "list", "--json")).Ok().Results);
        Assert.Equal("interrupted", job.GetProperty("state").GetString());

        var rest = (await RunAsync("job", "resume", job.GetProperty("id").GetString()!, "--json")).Ok();

        Assert.InRange(Steps(rest).Count(step => step.StartsWith("upload", StringComparison.Ordinal)), 1, 5);
        Assert.Equal(6, (await RemoteAsync()).Count(line => line.EndsWith("/big", StringComparison.Ordinal)));
        Assert.Empty((await UpAsync("--json")).Ok().Results);
    }

    [Fact]
    public async Task A_plan_whose_run_was_cut_is_gone_on_with_by_its_job_and_not_past_its_steps()
    {
        for (var i = 0; i < 4; i++)
        {
            Write($"t/d{i}/big", new string((char)('a' + i), 1_200_000));
        }

        var file = _cli.Local("p.json");
        (await RunAsync("plan", "sync", _cli.Local("t"), ":/t", "--transfers", "1", "--out", file)).Ok();
        using var stop = new CancellationTokenSource();
        var uploads = 0;
        var inner = _cli.Handler;
        _cli.Handler = new Spoiler(inner, request =>
        {
            if (request.RequestUri!.AbsolutePath == "/upload.cgi" && Interlocked.Increment(ref uploads) == 3)
            {
                stop.Cancel();
            }

            return Task.FromResult(false);
        });
        (await _cli.RunAsync([], stop.Token, "apply", file)).Is(ExitCode.Interrupted);
        _cli.Handler = inner;
        var id = Assert.Single((await RunAsync("job", "list", "--json")).Ok().Results).GetProperty("id").GetString()!;

        (await RunAsync("apply", file)).Is(ExitCode.Conflict);
        Write("t/more", "not planned");
        (await RunAsync("job", "resume", id)).Is(ExitCode.Conflict);
        File.Delete(_cli.Local("t/more"));
        (await RunAsync("job", "resume", id)).Ok();

        Assert.Equal(4, (await RemoteAsync()).Count(line => line.EndsWith("/big", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_not_kept_and_its_old_version_stays()
    {
        Write("t/big", new string('a', 2_000_000));
        Write("t/doomed", "doomed");
        (await UpAsync()).Ok();
        Write("t/big", new string('b', 2_000_000), Moment.AddDays(1));
        File.Delete(_cli.Local("t/doomed"));
        var inner = _cli.Handler;
        _cli.Handler = new Spoiler(inner, request =>
        {
            if (request.RequestUri!.AbsolutePath == "/upload.cgi")
            {
                File.SetLastWriteTimeUtc(_cli.Local("t/big"), Moment.AddDays(2).UtcDateTime);
            }

            return Task.FromResult(false);
        });

        var outcome = (await UpAsync("--delete", "--max-delete-percent", "100", "--json")).Is(ExitCode.Failure);
        _cli.Handler = inner;

        Assert.Equal("local_changed", outcome.Results.First(step => step.GetProperty("state").GetString() is "failed").GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(["big", "doomed"], await RemoteAsync());
        Assert.All((await RunAsync("cat", ":/t/big", "--count", "9")).Ok().Bytes, letter => Assert.Equal((byte)'a', letter));
    }

    [Fact]
    public async Task A_local_file_that_changed_since_it_was_looked_at_is_neither_replaced_nor_deleted()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        (await DownAsync()).Ok();
        Write("t/f01", "another content", Moment.AddDays(1));
        (await UpAsync()).Ok();
        var inner = _cli.Handler;
        _cli.Handler = new Spoiler(inner, request =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("get_token.cgi", StringComparison.Ordinal))
            {
                Write("back/f01", "mine, just now", Moment.AddDays(5));
            }

            return Task.FromResult(false);
        });
        Write("back/extra", "extra");

        // Its content is asked for, and then it is not the file that was seen.
        var outcome = await DownAsync("--delete", "--json");
        _cli.Handler = inner;

        Assert.NotEqual(ExitCode.Success, outcome.ExitCode);
        Assert.Equal("mine, just now", await File.ReadAllTextAsync(_cli.Local("back/f01")));
        Assert.True(File.Exists(_cli.Local("back/extra")));
    }

    [Fact]
    public async Task A_file_where_a_folder_was_and_the_reverse_need_delete_and_go_into_the_trash()
    {
        WriteMany("t");
        Write("t/one/x", "x");
        Write("t/two", "two");
        (await UpAsync()).Ok();
        Directory.Delete(_cli.Local("t/one"), recursive: true);
        File.Delete(_cli.Local("t/two"));
        Write("t/one", "file now");
        Write("t/two/y", "folder now");

        (await UpAsync()).Is(ExitCode.Partial);
        Assert.Superset(new HashSet<string> { "one/x", "two" }, (await RemoteAsync()).ToHashSet());
        (await UpAsync("--delete", "--delete-mode", "permanent")).Ok();

        Assert.Superset(new HashSet<string> { "one", "two/y" }, (await RemoteAsync()).ToHashSet());
        Assert.Empty((await UpAsync("--delete", "--json")).Ok().Results);
        Assert.Contains((await RunAsync("find", "x", "--in", ":/.coffre-trash")).Ok().Lines, line => line.EndsWith("/t/one/x", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_filter_excludes_is_neither_copied_nor_deleted()
    {
        WriteMany("t");
        Write("t/keep.tmp", "local");
        Write("t/cache/x", "x");
        (await UpAsync("--exclude", "*.tmp", "--exclude", "/cache/**")).Ok();
        Assert.DoesNotContain("keep.tmp", await RemoteAsync());
        (await RunAsync("put", Write("theirs.tmp", "theirs"), ":/t/")).Ok();
        (await RunAsync("put", Write("theirs", "theirs"), ":/t/cache/")).Ok();

        Assert.Empty((await UpAsync("--exclude", "*.tmp", "--exclude", "/cache/**", "--delete", "--json")).Ok().Results);

        // Too large at the source is not the same as gone.
        Write("t/f01", new string('x', 5000));
        Assert.Empty((await UpAsync("--max-size", "1k", "--exclude", "*.tmp", "--exclude", "/cache/**", "--delete", "--json")).Ok().Results);
        Assert.Superset(new HashSet<string> { "theirs.tmp", "cache/theirs", "f01" }, (await RemoteAsync()).ToHashSet());
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("""{"coffre":"sidecar","version":2}""")]
    [InlineData("""{"coffre":"sidecar","version":1,"files":[null]}""")]
    public async Task A_foreign_or_damaged_sidecar_is_a_warning_and_stays_and_costs_no_file(string content)
    {
        WriteMany("t");
        (await RunAsync("put", Write(".coffre-sidecar", content), ":/t/")).Ok();
        var up = (await UpAsync()).Ok();
        Assert.Contains("remove it to have a new one made", up.Error, StringComparison.Ordinal);
        Assert.Equal(content, System.Text.Encoding.UTF8.GetString((await RunAsync("cat", ":/t/.coffre-sidecar")).Ok().Bytes));

        (await DownAsync()).Ok();
        Write("back/empty only the sidecar might know", "");
        (await DownAsync("--delete")).Ok();
        Assert.True(File.Exists(_cli.Local("back/empty only the sidecar might know")));
    }

    [Fact]
    public async Task A_note_counts_only_for_the_version_that_it_was_written_for()
    {
        Write("t/a", "one");
        (await UpAsync()).Ok();
        (await RunAsync("put", Write("o/a", "two"), ":/t/")).Ok();

        (await DownAsync()).Ok();

        Assert.Equal("two", await File.ReadAllTextAsync(_cli.Local("back/a")));
        Assert.NotEqual(Moment.UtcDateTime, File.GetLastWriteTimeUtc(_cli.Local("back/a")));
    }

    [Fact]
    public async Task A_link_that_is_left_out_is_not_taken_for_a_deletion()
    {
        WriteMany("t");
        (await UpAsync()).Ok();
        File.Delete(_cli.Local("t/f01"));
        File.CreateSymbolicLink(_cli.Local("t/f01"), "f02");

        var outcome = (await UpAsync("--delete")).Ok();

        Assert.Contains("symbolic link", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("f01", await RemoteAsync());
    }

    [Fact]
    public async Task Names_that_the_service_or_this_machine_could_misread_stay_inside()
    {
        await _server.UploadAsync("a／b", [1], await _server.MakeFolderAsync("t"));
        (await DownAsync()).Ok();
        Assert.True(File.Exists(_cli.Local("back/a／b")));
        Assert.DoesNotContain((await RunAsync("sync", _cli.Local("back"), ":/t", "--json")).Ok().Results, step => step.GetProperty("action").GetString() is not "note");
    }

    [Theory]
    [InlineData(":/a", ":/b", "coffre cp -r")]
    [InlineData("a", "b", "write :/b")]
    [InlineData("-", ":/b", "Folders are wanted")]
    [InlineData("https://files.example.org/?abcdefghij0123456789", "b", "Folders are wanted")]
    public async Task Two_places_of_one_kind_are_refused_with_the_cure(string source, string destination, string cure)
    {
        foreach (var verb in new[] { "sync", "copy" })
        {
            Assert.Contains(cure, (await RunAsync(verb, source, destination)).Is(ExitCode.Usage).Error, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task A_file_is_no_folder()
    {
        Write("t/a", "1");
        (await UpAsync()).Ok();
        (await RunAsync("sync", _cli.Local("t/a"), ":/t")).Is(ExitCode.Usage);
        (await RunAsync("sync", ":/t/a", _cli.Local("back"))).Is(ExitCode.NotFound);
        (await RunAsync("sync", ":/t", _cli.Local("t/a"))).Is(ExitCode.NotFound);
    }

    /// <summary>Sees each request; answers those with HTTP 500 that it is told to.</summary>
    private sealed class Spoiler(HttpMessageHandler inner, Func<HttpRequestMessage, Task<bool>> spoils) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            await spoils(request) ? new HttpResponseMessage(System.Net.HttpStatusCode.InternalServerError) : await _inner.SendAsync(request, cancellationToken);
    }
}
