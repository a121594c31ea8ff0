using System.Text.Json;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Tests.Serving;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Cli;

/// <summary>How far a run is: drawn in place on a terminal of any width, told as JSON lines, or not at all.</summary>
public sealed class ProgressTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CliRunner _cli = new();
    private int _columns = 80;
    private int _rows = 24;

    public void Dispose() => _cli.Dispose();

    private StatusArea Area(TextWriter terminal) => new(terminal, () => (_columns, _rows), text => text.Replace("hunter2", "[secret]", StringComparison.Ordinal));

    private void Tick() => _time.Advance(TimeSpan.FromMilliseconds(200));

    [Fact]
    public async Task The_sum_and_each_file_show_speed_and_time_left_and_skipped_bytes_are_not_waited_for()
    {
        using var terminal = new MiniTerminal(80);
        await using var board = new ProgressBoard(Area(terminal), null, _time);
        board.Found(3, 4_000_000);
        using var one = board.Track("one.bin", 2_000_000);
        one.Report(500_000);
        board.Expect(-1_000_000);
        board.Done(1);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["1/3 files  500 kB of 3.0 MB  17 %  500 kB/s  0:05 left", "    25 %    500 kB/s   0:03 left  one.bin"], terminal.Screen);
    }

    [Fact]
    public async Task Speed_is_that_of_the_last_seconds_and_what_an_earlier_run_brought_is_no_speed()
    {
        await using var board = new ProgressBoard(null, null, _time);
        board.Found(1, 10_000_000);
        using var track = board.Track("f", 10_000_000, firstIsOld: true);
        track.Report(5_000_000);
        Assert.Equal((5_000_000, 0, null), (board.Read().BytesDone, board.Read().BytesPerSecond, board.Read().SecondsLeft));
        for (var i = 1; i <= 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            track.Report(5_000_000 + (i * 100_000L));
            board.Read();
        }

        Assert.Equal(100_000, board.Read().BytesPerSecond);
        Assert.Equal(30, board.Read().SecondsLeft);
        for (var i = 0; i < 12; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            board.Read();
        }

        Assert.Equal((0, null), (board.Read().BytesPerSecond, board.Read().SecondsLeft));
    }

    [Fact]
    public async Task A_transfer_that_failed_or_is_done_anew_leaves_the_sum_true()
    {
        await using var board = new ProgressBoard(null, null, _time);
        board.Found(3, 300);
        using (var batch = board.Track("a and 1 more", 200))
        {
            batch.Report(150);
            batch.Undo();
        }

        Assert.Equal((0, 300), (board.Read().BytesDone, board.Read().BytesTotal));
        using (var failed = board.Track("c", 100))
        {
            failed.Report(40);
        }

        Assert.Equal((40, 240), (board.Read().BytesDone, board.Read().BytesTotal));
    }

    [Fact]
    public async Task Messages_stand_above_and_progress_is_gone_at_the_end()
    {
        using var terminal = new MiniTerminal(80);
        var area = Area(terminal);
        await using (var board = new ProgressBoard(area, null, _time))
        {
            board.Found(1, 1000);
            using var track = board.Track("a", 1000);
            Tick();
            area.Clear();
            await terminal.WriteAsync("coffre: something to know\r\n");
            Tick();
            Assert.Equal(["coffre: something to know", "0/1 files  0 B of 1.0 kB  0 %  0 B/s  ? left", "     0 %       0 B/s      ? left  a"], terminal.Screen);
        }

        Assert.Equal(["coffre: something to know", ""], terminal.Screen);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(40)]
    [InlineData(20)]
    [InlineData(9)]
    [InlineData(1)]
    public async Task A_narrow_terminal_gets_cut_lines_and_never_more_of_them(int columns)
    {
        _columns = columns;
        using var terminal = new MiniTerminal(Math.Max(8, columns));
        await using var board = new ProgressBoard(Area(terminal), null, _time);
        board.Found(2, 5000);
        using var track = board.Track("a name that is long and has 漢字 and é in it, so that it fits nowhere", 5000);
        for (var i = 0; i < 50; i++)
        {
            track.Report(i * 100);
            Tick();
        }

        Assert.Equal(2, terminal.Screen.Length);
        Assert.Equal(0, terminal.Blanks);
        Assert.All(terminal.Screen, row => Assert.InRange(TextWidth.Of(row), 1, Math.Max(8, columns)));
    }

    [Fact]
    public async Task A_terminal_that_is_made_narrower_and_wider_keeps_nothing_of_the_old_lines()
    {
        using var terminal = new MiniTerminal(80);
        await using var board = new ProgressBoard(Area(terminal), null, _time);
        board.Found(2, 5000);
        using var track = board.Track("a name that is long enough to be wrapped when the window is made narrower", 5000);
        foreach (var columns in new[] { 80, 30, 61, 12, 79, 20, 120 })
        {
            Tick();
            _columns = columns;
            terminal.Resize(columns);
            Tick();
            Tick();
            Assert.Equal(2, terminal.Screen.Length);
            Assert.StartsWith("0/2 fi", terminal.Screen[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_low_terminal_shows_the_sum_alone_and_many_files_are_counted()
    {
        using var terminal = new MiniTerminal(80);
        await using var board = new ProgressBoard(Area(terminal), null, _time);
        var tracks = Enumerable.Range(0, 9).Select(i => board.Track($"f{i}", 10)).ToArray();
        Tick();
        Assert.Equal((6, "  and 5 more"), (terminal.Screen.Length, terminal.Screen[^1]));
        _rows = 3;
        Tick();
        Assert.Single(terminal.Screen);
        Array.ForEach(tracks, track => track.Dispose());
    }

    [Fact]
    public async Task A_wait_says_why_and_secrets_and_control_characters_in_names_do_not_come_out()
    {
        using var terminal = new MiniTerminal(80);
        await using var board = new ProgressBoard(Area(terminal), null, _time);
        board.Wait(new WaitNotice("Flood detected: IP Locked #374", 374, TimeSpan.FromSeconds(11.5)));
        using var track = board.Track("hunter2\u001b[2J", 10);
        Tick();
        Assert.Equal("waiting 12 s: Flood detected: IP Locked #374", terminal.Screen[1]);
        Assert.EndsWith("[secret]␛[2J", terminal.Screen[2], StringComparison.Ordinal);
        board.Wait(new WaitNotice("", null, TimeSpan.Zero));
        Tick();
        Assert.Equal(2, terminal.Screen.Length);
    }

    [Theory]
    [InlineData("é", 1)]
    [InlineData("e\u0301", 1)]
    [InlineData("漢字", 4)]
    [InlineData("🎉", 2)]
    [InlineData("ｱ", 1)]
    public void Columns_are_counted_as_terminals_do(string text, int columns) => Assert.Equal(columns, TextWidth.Of(text));

    [Fact]
    public async Task Json_lines_tell_status_once_a_second()
    {
        List<ProgressFigures> told = [];
        await using var board = new ProgressBoard(null, told.Add, _time);
        for (var i = 0; i < 50; i++)
        {
            Tick();
        }

        Assert.Equal(10, told.Count);
    }

    [Fact]
    public async Task Json_lines_of_a_run_are_items_warnings_and_a_summary_at_the_end()
    {
        await using var server = await TestServer.StartAsync();
        (await _cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();
        _cli.Write("d/a", "1");
        _cli.Write("d/b", "2");
        File.CreateSymbolicLink(_cli.Local("d/link"), "a");

        // Time stands still: a run that takes a second tells its status in between.
        _cli.Time = _time;
        var outcome = await _cli.RunAsync("put", _cli.Local("d"), _cli.Local("none"), ":/D/", "--output", "jsonl");
        outcome.Is(ExitCode.Partial);

        var lines = outcome.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["item", "item", "summary", "warning"], lines.Select(line => line.GetProperty("type").GetString()).Order(StringComparer.Ordinal));
        var summary = lines[^1];
        Assert.Equal(("summary", false, "coffre/1", 2, 1, 8), (
            summary.GetProperty("type").GetString(), summary.GetProperty("ok").GetBoolean(), summary.GetProperty("schema").GetString(),
            summary.GetProperty("items").GetInt32(), summary.GetProperty("warnings").GetInt32(), summary.GetProperty("exit_code").GetInt32()));
        Assert.Equal("partial", summary.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(2, lines.Count(line => line.GetProperty("type").GetString() == "item" && line.GetProperty("result").GetProperty("action").GetString() == "uploaded"));
    }

    [Fact]
    public async Task Wrong_use_is_a_summary_where_json_lines_were_asked_for_and_json_is_the_short_form()
    {
        var outcome = (await _cli.RunAsync("ls", "--bogus", "--output", "jsonl")).Is(ExitCode.Usage);
        Assert.Equal("summary", outcome.Json.GetProperty("type").GetString());
        Assert.True((await _cli.RunAsync("version", "--output", "json")).Ok().Json.GetProperty("ok").GetBoolean());
        (await _cli.RunAsync("version", "--output", "xml")).Is(ExitCode.Usage);
        _cli.Variables["COFFRE_OUTPUT"] = "jsonl";
        Assert.Equal(2, (await _cli.RunAsync("version")).Ok().Lines.Length);
    }

    [Fact]
    public async Task Nothing_is_drawn_where_there_is_no_terminal_and_on_one_it_is()
    {
        await using var server = await TestServer.StartAsync();
        (await _cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();
        var file = _cli.Write("a", new string('x', 1000));
        var plain = (await _cli.RunAsync("put", file, ":/")).Ok();
        Assert.DoesNotContain('\u001b', plain.Error + plain.Out);

        foreach (var (terminal, word, isDrawn) in new[] { ("xterm", "--json", true), ("dumb", "--json", false), ("xterm", "--no-progress", false), ("xterm", "-q", false) })
        {
            _cli.Variables["TERM"] = terminal;
            var wasDrawn = false;

            // On this clock the first tick comes at once, but a run may be over before it is heard.
            for (var i = 0; i < (isDrawn ? 50 : 2) && !wasDrawn; i++)
            {
                using var error = new StringWriter();
                using var output = new StringWriter();
                var world = _cli.World([], output, error, Stream.Null) with { IsErrorTerminal = true, Time = new Coffre.Client.Testing.FakeClock() };
                Assert.Equal(0, await App.RunAsync(["get", ":/a", _cli.Local("out/"), "--if-exists", "overwrite", word], world, CancellationToken.None));
                wasDrawn = error.ToString().Contains("files  ", StringComparison.Ordinal);
                Assert.DoesNotContain('\u001b', output.ToString());
            }

            Assert.Equal(isDrawn, wasDrawn);
        }
    }
}
