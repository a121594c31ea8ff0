using Coffre.Cli.Running;
using Coffre.Cli.Watching;
using Coffre.Protocol.V1;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>Watching a folder: only what is complete goes up, once, and is tidied up only when it is safe there.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class WatchTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2031, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        Directory.CreateDirectory(_cli.Local("w"));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> WatchAsync(params string[] flags) => _cli.RunAsync(["watch", _cli.Local("w"), ":/w", "--once", "--settle", "0s", .. flags]);

    private async Task<string> ThereAsync(string path = ":/w") =>
        string.Join(' ', (await _cli.RunAsync("ls", "-R", path)).Lines.Where(line => !line.EndsWith('/')));

    [Fact]
    public async Task What_is_complete_goes_up_with_its_folders_and_what_is_not_stays()
    {
        foreach (var name in new[] { "a.txt", "sub/b.txt", "c.part", "d.crdownload", "e.!qB", "f.tmp", "g.iso", "g.iso.aria2", "~$h.docx" })
        {
            _cli.Write("w/" + name, name);
        }

        (await WatchAsync()).Ok();

        Assert.Equal("a.txt sub/b.txt", string.Join(' ', (await ThereAsync()).Split(' ').Order(StringComparer.Ordinal)));
        Assert.Equal(9, Directory.GetFiles(_cli.Local("w"), "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task What_was_sent_is_not_sent_again_by_the_next_run_even_if_it_is_gone_there()
    {
        _cli.Write("w/a.txt", "1");
        (await WatchAsync()).Ok();
        (await _cli.RunAsync("rm", "-y", ":/w/a.txt")).Ok();

        var second = (await WatchAsync("--json")).Ok();
        Assert.Empty(second.Results);

        _cli.Write("w/a.txt", "another");
        (await WatchAsync()).Ok();
        Assert.Equal("a.txt", await ThereAsync());
    }

    [Fact]
    public async Task After_a_proved_upload_the_local_file_goes_if_that_is_wanted()
    {
        _cli.Write("w/sub/a.txt", "1");
        _cli.Write("w/keep.log", "2");

        (await WatchAsync("--after", "delete", "--exclude", "*.log")).Ok();

        Assert.Equal("sub/a.txt", await ThereAsync());
        Assert.Equal(["keep.log"], Directory.GetFiles(_cli.Local("w"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task After_a_proved_upload_the_local_file_moves_and_replaces_nothing_there()
    {
        _cli.Write("w/sub/a.txt", "1");
        _cli.Write("done/sub/a.txt", "older");

        (await WatchAsync("--after", "move", "--move-to", _cli.Local("done"))).Ok();

        Assert.Empty(Directory.GetFiles(_cli.Local("w"), "*", SearchOption.AllDirectories));
        Assert.Equal("older", await File.ReadAllTextAsync(_cli.Local("done/sub/a.txt")));
        Assert.Equal("1", await File.ReadAllTextAsync(_cli.Local("done/sub/a (1).txt")));
    }

    [Theory]
    [InlineData("update")]
    [InlineData("overwrite")]
    [InlineData("rename")]
    public async Task A_run_that_was_stopped_before_it_tidied_up_is_finished_by_the_next(string ifExists)
    {
        _cli.Write("w/a.txt", "1");
        (await WatchAsync()).Ok();

        var outcome = (await WatchAsync("--after", "delete", "--if-exists", ifExists, "--json")).Ok();

        Assert.Equal("skipped", Assert.Single(outcome.Results).GetProperty("action").GetString());
        Assert.Equal(("a.txt", false), (await ThereAsync(), File.Exists(_cli.Local("w/a.txt"))));
    }

    [Fact]
    public async Task A_note_of_an_earlier_run_costs_no_last_copy()
    {
        _cli.Write("w/a.txt", "1");
        (await WatchAsync()).Ok();
        (await _cli.RunAsync("rm", "-y", ":/w/a.txt")).Ok();

        (await WatchAsync("--after", "delete")).Ok();

        Assert.Equal(("a.txt", false), (await ThereAsync(), File.Exists(_cli.Local("w/a.txt"))));
    }

    [Fact]
    public async Task A_new_file_that_looks_like_one_that_was_tidied_up_is_sent()
    {
        foreach (var (text, after) in new[] { ("1", "delete"), ("2", "keep") })
        {
            File.SetLastWriteTimeUtc(_cli.Write("w/a.txt", text), Noon.UtcDateTime);
            (await WatchAsync("--after", after)).Ok();
        }

        Assert.Equal("2", System.Text.Encoding.UTF8.GetString((await _cli.RunAsync("cat", ":/w/a.txt")).Ok().Bytes));
    }

    [Fact]
    public async Task Where_the_service_names_no_checksum_the_local_file_stays()
    {
        _cli.Write("w/a.txt", "1");
        var direct = _cli.Handler;
        _cli.Handler = new AnswerEditor(direct, (path, text) => path == V1Paths.UploadEnd ? text.Replace("\"whirlpool\":\"", "\"whirlpool\":\"-", StringComparison.Ordinal) : text);

        Assert.Contains("did not confirm", (await WatchAsync("--after", "delete")).Ok().Error, StringComparison.Ordinal);
        _cli.Handler = direct;
        Assert.Empty((await WatchAsync("--after", "delete", "--json")).Ok().Results);

        Assert.Equal(("a.txt", true), (await ThereAsync(), File.Exists(_cli.Local("w/a.txt"))));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_sent_is_waited_for_and_sent_again()
    {
        var path = _cli.Write("w/a.txt", "1");
        var reports = 0;
        _cli.Time = new ActingClock(() => { });
        _cli.Handler = new AnswerEditor(_cli.Handler, (asked, text) =>
        {
            if (asked == V1Paths.UploadEnd && ++reports == 1)
            {
                File.WriteAllText(path, "another");
            }

            return text;
        });

        (await WatchAsync()).Ok();

        Assert.Equal("another", System.Text.Encoding.UTF8.GetString((await _cli.RunAsync("cat", ":/w/a.txt")).Ok().Bytes));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_looked_into_is_no_success()
    {
        _cli.Write("w/a.txt", "1");
        _cli.Time = new ActingClock(() =>
        {
            if (Directory.Exists(_cli.Local("w")))
            {
                Directory.Delete(_cli.Local("w"), recursive: true);
            }
        });

        var outcome = (await _cli.RunAsync("watch", _cli.Local("w"), ":/w", "--once", "--settle", "20s", "--json")).Is(ExitCode.Partial);

        Assert.Equal("partial", outcome.Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task An_upload_that_fails_leaves_the_local_file_and_is_tried_again_by_the_next_run()
    {
        _cli.Write("w/a.txt", "1");
        (await _cli.RunAsync("mkdir", ":/w/a.txt")).Ok();

        Assert.NotEqual(ExitCode.Success, (await WatchAsync("--after", "delete")).ExitCode);
        Assert.True(File.Exists(_cli.Local("w/a.txt")));

        (await _cli.RunAsync("rm", "-r", "-y", ":/w/a.txt")).Ok();
        (await WatchAsync("--after", "delete")).Ok();
        Assert.Equal(("a.txt", false), (await ThereAsync(), File.Exists(_cli.Local("w/a.txt"))));
    }

    [Fact]
    public async Task A_file_that_grows_is_waited_for_until_it_stands_still()
    {
        var path = _cli.Write("w/a.txt", "1");
        var looks = 0;
        _cli.Time = new ActingClock(() =>
        {
            if (++looks <= 5)
            {
                File.AppendAllText(path, "+");
                File.SetLastWriteTimeUtc(path, Noon.UtcDateTime);
            }
        });

        (await _cli.RunAsync("watch", _cli.Local("w"), ":/w", "--once", "--settle", "20s")).Ok();

        Assert.Equal("1+++++", System.Text.Encoding.UTF8.GetString((await _cli.RunAsync("cat", ":/w/a.txt")).Ok().Bytes));
        Assert.True(looks >= 7, $"{looks} waits");
    }

    [Fact]
    public async Task A_second_watch_of_the_folder_is_refused_with_a_code_of_its_own()
    {
        using (WatchState.Open(Path.Combine(_cli.Folder, "state", "coffre"), _cli.Local("w"), ":/elsewhere"))
        {
            var outcome = (await WatchAsync("--json")).Is(ExitCode.Busy);
            Assert.Equal(("busy", 14), (outcome.Json.GetProperty("error").GetProperty("code").GetString(), outcome.Json.GetProperty("error").GetProperty("exit_code").GetInt32()));
        }

        (await WatchAsync()).Ok();
    }

    [Fact]
    public async Task A_watch_goes_on_until_it_is_stopped_and_takes_what_comes_meanwhile()
    {
        _cli.Write("w/a.txt", "1");
        using var stop = new CancellationTokenSource();
        var looks = 0;
        _cli.Time = new ActingClock(() =>
        {
            if (++looks == 3)
            {
                _cli.Write("w/b.txt", "2");
            }
            else if (looks >= 12)
            {
                stop.Cancel();
            }
        });

        var outcome = await _cli.RunAsync([], stop.Token, "watch", _cli.Local("w"), ":/w", "--settle", "0s");

        Assert.Equal(ExitCode.Interrupted, outcome.ExitCode);
        _cli.Time = TimeProvider.System;
        Assert.Equal("a.txt b.txt", await ThereAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_go_ends_no_watch_and_holds_up_no_other()
    {
        (await _cli.RunAsync("mkdir", ":/w/a.txt")).Ok();
        _cli.Write("w/a.txt", "1");
        using var stop = new CancellationTokenSource();
        var looks = 0;
        _cli.Time = new ActingClock(() =>
        {
            if (++looks == 3)
            {
                _cli.Write("w/b.txt", "2");
            }
            else if (looks >= 16)
            {
                stop.Cancel();
            }
        });

        var outcome = await _cli.RunAsync([], stop.Token, "watch", _cli.Local("w"), ":/w", "--settle", "0s", "--rescan", "1s");

        Assert.Equal(ExitCode.Interrupted, outcome.ExitCode);
        _cli.Time = TimeProvider.System;
        Assert.Equal("b.txt", await ThereAsync());

        // Two seconds a look: the first try, and one after fifteen seconds at most.
        Assert.InRange(outcome.Error.Split("a.txt: ").Length - 1, 1, 2);
    }

    [Theory]
    [InlineData("--if-exists skip")]
    [InlineData("--after move")]
    [InlineData("--move-to /tmp/elsewhere")]
    [InlineData("--after move --move-to INSIDE")]
    [InlineData("--settle soon")]
    [InlineData("--settle 2d")]
    [InlineData("--rescan 0s")]
    public async Task Flags_that_make_no_sense_are_refused(string flags)
    {
        _cli.Write("w/a.txt", "1");

        (await _cli.RunAsync(["watch", _cli.Local("w"), ":/w", "--once", .. flags.Split(' ').Select(word => word == "INSIDE" ? _cli.Local("w/done") : word)])).Is(ExitCode.Usage);

        Assert.Empty((await _cli.RunAsync("ls", ":/")).Ok().Lines);
    }

    [Fact]
    public async Task What_cannot_be_watched_is_told()
    {
        (await _cli.RunAsync("watch", _cli.Local("nowhere"), ":/w", "--once")).Is(ExitCode.NotFound);
        (await _cli.RunAsync("watch", _cli.Local("w"), _cli.Local("w"), "--once")).Is(ExitCode.Usage);
        (await _cli.RunAsync("watch", _cli.Local("w"), ":/w", "--json")).Is(ExitCode.Usage);
    }

    [Fact]
    public void Only_what_looks_the_same_for_the_whole_span_is_still()
    {
        var settler = new Settler(TimeSpan.FromSeconds(10));

        Assert.False(settler.IsStill("a", 1, Noon, Noon));
        Assert.False(settler.IsStill("a", 1, Noon, Noon.AddSeconds(9)));
        Assert.False(settler.IsStill("a", 2, Noon, Noon.AddSeconds(11)));
        Assert.False(settler.IsStill("a", 2, Noon.AddSeconds(1), Noon.AddSeconds(20)));
        Assert.True(settler.IsStill("a", 2, Noon.AddSeconds(1), Noon.AddSeconds(30)));
        Assert.False(settler.IsStill("b", 2, Noon.AddDays(-9), Noon.AddSeconds(30)));
        settler.Restart("a");
        Assert.False(settler.IsStill("a", 2, Noon.AddSeconds(1), Noon.AddSeconds(31)));
        settler.KeepOnly(new HashSet<string>());
        Assert.False(settler.IsStill("a", 2, Noon.AddSeconds(1), Noon.AddSeconds(60)));

        // A clock that was set back proves nothing.
        Assert.False(settler.IsStill("a", 2, Noon.AddSeconds(1), Noon.AddSeconds(-3600)));
    }

    [Fact]
    public void Files_open_for_writing_are_seen_where_the_system_tells()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells.");
        var (written, read, closed) = (_cli.Write("w/1", ""), _cli.Write("w/2", ""), _cli.Write("w/3", ""));
        using var writer = new FileStream(written, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        using var reader = new FileStream(read, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

        Assert.Equal([written], OpenFiles.WrittenAmong(new HashSet<string> { written, read, closed }));
        Assert.Empty(OpenFiles.WrittenAmong(new HashSet<string> { written }, processes: "/nowhere"));
    }

    [Fact]
    public async Task A_file_that_is_open_for_writing_is_not_sent()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells.");
        var path = _cli.Write("w/a.txt", "1");
        var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var before = "";
        _cli.Time = new ActingClock(() =>
        {
            before = ThereAsync().GetAwaiter().GetResult();
            writer.Dispose();
        });

        (await WatchAsync()).Ok();

        _cli.Time = TimeProvider.System;
        Assert.Equal(("", "a.txt"), (before, await ThereAsync()));
    }

    [Fact]
    public void Notes_survive_a_kill_in_the_middle_of_a_line()
    {
        var place = _cli.Local("state-of-its-own");
        _cli.Write("w/a", "1");
        _cli.Write("w/b", "2");
        _cli.Write("w/c", "3");
        using (var state = WatchState.Open(place, _cli.Local("w"), ":/x"))
        {
            state.Add(new SentNote("a", 1, Noon, "https://x/?1", "aa"));
            state.Add(new SentNote("b", 1, Noon, "https://x/?2", "bb"));
            state.Add(new SentNote("gone", 1, Noon, "https://x/?3", "cc"));
            state.Add(new SentNote("c", 1, Noon, "https://x/?4", "dd"));
            state.Forget("c");
            Assert.Null(state.Find("c", 1, Noon));
        }

        var file = Assert.Single(Directory.GetFiles(place, "*.jsonl", SearchOption.AllDirectories));
        File.AppendAllText(file, "{\"path\":\"c\",\"si");
        using (var state = WatchState.Open(place, _cli.Local("w"), ":/x"))
        {
            Assert.Equal("https://x/?1", state.Find("a", 1, Noon)!.Link);
            Assert.Null(state.Find("a", 2, Noon));
            Assert.Null(state.Find("a", 1, Noon.AddSeconds(1)));
            Assert.Null(state.Find("gone", 1, Noon));
            Assert.Null(state.Find("c", 1, Noon));
        }

        using var other = WatchState.Open(place, _cli.Local("w"), ":/y");
        Assert.Null(other.Find("a", 1, Noon));
        if (!OperatingSystem.IsWindows())
        {
            Assert.All(Directory.GetFiles(place, "*", SearchOption.AllDirectories), path => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
        }
    }

    /// <summary>A clock on which waiting takes no time, and something happens during each wait.</summary>
    private sealed class ActingClock(Action act) : TimeProvider
    {
        private readonly Lock _gate = new();
        private TimeSpan _passed;

        public override DateTimeOffset GetUtcNow()
        {
            lock (_gate)
            {
                return Noon + _passed;
            }
        }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => (GetUtcNow() - Noon).Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            // Neither limits of calls nor the timer of the progress line are waits.
            if (dueTime > TimeSpan.Zero && period == Timeout.InfiniteTimeSpan && state is not CancellationTokenSource)
            {
                lock (_gate)
                {
                    _passed += dueTime;
                }

                ThreadPool.QueueUserWorkItem(_ =>
                {
                    act();
                    callback(state);
                });
            }

            return new Spent();
        }

        private sealed class Spent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
