using Coffre.Cli.Cleaning;
using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>Cleanup: says what and why, then does that and no more.</summary>
public sealed class CleanupTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        _cli.Variables["COFFRE_TIME_ZONE"] = "UTC";
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task PutAsync(params string[] names)
    {
        foreach (var name in names)
        {
            _cli.Write("b/" + name, name);
        }

        (await RunAsync("put", _cli.Local("b") + "/", ":/b")).Ok();
    }

    private async Task<string> TreeAsync(string path = ":/b") => string.Join(' ', (await RunAsync("ls", "-R", "--all", path)).Ok().Lines.Where(line => !line.EndsWith('/')));

    [Fact]
    public async Task Counts_keep_the_newest_of_each_day_of_each_series_by_the_date_in_the_name()
    {
        await PutAsync("db-2031-05-01.gz", "db-2031-05-02.gz", "db-2031-05-03.gz", "www_20310501T0100Z.gz", "www_20310501T2300Z.gz", "note.txt");

        var outcome = (await RunAsync("cleanup", ":/b", "--include", "*.gz", "--keep-daily", "2", "-y", "--json")).Ok();

        Assert.Equal("db-2031-05-02.gz db-2031-05-03.gz note.txt www_20310501T2300Z.gz", await TreeAsync());
        var plan = outcome.Results.Where(result => result.TryGetProperty("reason", out _)).ToDictionary(result => result.GetProperty("path").GetString()!, result => result);
        Assert.Equal(5, plan.Count);
        Assert.Equal(("remove", "no count keeps it"), (plan[":/b/db-2031-05-01.gz"].GetProperty("action").GetString(), plan[":/b/db-2031-05-01.gz"].GetProperty("reason").GetString()));
        Assert.Equal("daily 1 of 2", plan[":/b/db-2031-05-03.gz"].GetProperty("reason").GetString());
        Assert.Equal((":/b/db-*.gz", "name"), (plan[":/b/db-2031-05-03.gz"].GetProperty("series").GetString(), plan[":/b/db-2031-05-03.gz"].GetProperty("date_from").GetString()));
        Assert.Equal(2, outcome.Results.Count(result => result.GetProperty("action").GetString() == "moved"));
    }

    [Fact]
    public async Task What_goes_lies_in_the_dated_trash_under_its_path()
    {
        await PutAsync("x/db-2031-05-01.gz", "x/db-2031-05-02.gz");

        (await RunAsync("cleanup", ":/b", "--keep-last", "1", "-y")).Ok();

        Assert.Equal("x/db-2031-05-02.gz", await TreeAsync());
        Assert.Matches("^[0-9]{8}T[0-9]{6}Z/b/x/db-2031-05-01.gz$", await TreeAsync(":/.coffre-trash"));
        (await RunAsync("cleanup", ":/.coffre-trash", "--include", "*", "-y")).Is(ExitCode.Usage);
        (await RunAsync("cleanup", ":/.coffre-trash", "--include", "*", "--permanent", "--allow-last", "--prune-folders", "-y")).Ok();
        Assert.Empty((await RunAsync("ls", "--all", ":/.coffre-trash")).Ok().Lines);
    }

    [Fact]
    public async Task Said_twice_the_second_time_does_nothing()
    {
        await PutAsync([.. Enumerable.Range(1, 28).Select(day => $"db-2031-05-{day:00}.gz")]);
        string[] words = ["cleanup", ":/b", "--keep-daily", "3", "--keep-weekly", "2", "--permanent", "-y"];

        (await RunAsync(words)).Ok();
        var left = await TreeAsync();
        var second = (await RunAsync(words)).Ok();

        Assert.Equal("db-2031-05-25.gz db-2031-05-26.gz db-2031-05-27.gz db-2031-05-28.gz", left);
        Assert.DoesNotContain("remove ", second.Out, StringComparison.Ordinal);
        Assert.Equal(left, await TreeAsync());
    }

    [Fact]
    public async Task Nothing_goes_in_a_dry_run_and_nothing_without_a_yes()
    {
        await PutAsync("a.tmp", "b.tmp");

        var dry = (await RunAsync("cleanup", ":/b", "--include", "*.tmp", "--dry-run")).Ok();
        Assert.Equal(2, dry.Lines.Count(line => line.StartsWith("remove ", StringComparison.Ordinal) && line.EndsWith("(it matches)", StringComparison.Ordinal)));
        Assert.Contains("2 of 2 files (10 B) would go; days are those of UTC", dry.Error, StringComparison.Ordinal);
        (await RunAsync("cleanup", ":/b", "--include", "*.tmp")).Is(ExitCode.Usage);
        _cli.Typed = new Queue<string>(["n"]);
        (await RunAsync("cleanup", ":/b", "--include", "*.tmp")).Is(ExitCode.Failure);

        Assert.Equal("a.tmp b.tmp", await TreeAsync());
    }

    [Fact]
    public async Task Age_counts_from_the_arrival_and_spares_the_last_of_a_dated_series()
    {
        _cli.Time = new LateClock(_server.Clock, TimeSpan.Zero);
        await PutAsync("film.mkv", "db-2031-05-01.gz", "db-2031-05-02.gz");
        (await RunAsync("cleanup", ":/b", "--min-age", "90d", "-y")).Ok();
        Assert.Equal("db-2031-05-01.gz db-2031-05-02.gz film.mkv", await TreeAsync());

        _cli.Time = new LateClock(_server.Clock, TimeSpan.FromDays(100));
        var outcome = (await RunAsync("cleanup", ":/b", "--min-age", "90d", "-y")).Ok();

        Assert.Equal("db-2031-05-02.gz", await TreeAsync());
        Assert.Contains("the last of its series", outcome.Out, StringComparison.Ordinal);
        (await RunAsync("cleanup", ":/b", "--min-age", "90d", "--allow-last", "-y")).Ok();
        Assert.Empty(await TreeAsync());
    }

    [Fact]
    public async Task A_file_whose_arrival_nobody_knows_is_not_old()
    {
        await PutAsync("film.mkv");
        _cli.Handler = new AnswerEditor(_cli.Handler, (_, text) => text.Replace("\"date\":\"", "\"date\":\"on ", StringComparison.Ordinal));
        _cli.Variables["XDG_STATE_HOME"] = _cli.Local("another-state");
        _cli.Time = new LateClock(_server.Clock, TimeSpan.FromDays(100));

        (await RunAsync("cleanup", ":/b", "--min-age", "90d", "-y")).Ok();

        Assert.Equal("film.mkv", await TreeAsync());
    }

    [Fact]
    public async Task Notes_of_sync_go_by_no_rule_outside_of_the_trash()
    {
        await PutAsync("one.txt", ".coffre-sidecar");

        (await RunAsync("cleanup", ":/b", "--include", "*", "-y")).Ok();
        Assert.Equal(".coffre-sidecar", await TreeAsync());

        (await RunAsync("mv", ":/b", ":/.coffre-trash/")).Ok();
        (await RunAsync("cleanup", ":/.coffre-trash", "--include", "*", "--permanent", "--prune-folders", "--allow-last", "-y")).Ok();
        Assert.Empty((await RunAsync("ls", "--all", ":/.coffre-trash")).Ok().Lines);
    }

    [Fact]
    public async Task The_oldest_go_until_the_rest_has_room_and_what_a_count_keeps_stays()
    {
        // 16 bytes each.
        await PutAsync("db-2031-05-01.gz", "db-2031-05-02.gz", "db-2031-05-03.gz", "db-2031-05-04.gz");

        (await RunAsync("cleanup", ":/b", "--max-total", "40B", "--permanent", "-y")).Ok();
        Assert.Equal("db-2031-05-03.gz db-2031-05-04.gz", await TreeAsync());
        (await RunAsync("cleanup", ":/b", "--max-total", "1B", "--keep-last", "2", "-y")).Ok();
        Assert.Equal("db-2031-05-03.gz db-2031-05-04.gz", await TreeAsync());
        (await RunAsync("cleanup", ":/b", "--max-total", "0B", "-y")).Ok();
        Assert.Equal("db-2031-05-04.gz", await TreeAsync());
    }

    [Fact]
    public async Task The_account_is_freed_to_a_percentage_for_good_only()
    {
        await PutAsync("a-2031-05-01.bin", "a-2031-05-02.bin");

        (await RunAsync("cleanup", ":/b", "--max-used", "50", "-y")).Is(ExitCode.Usage);
        var outcome = (await RunAsync("cleanup", ":/b", "--max-used", "100", "--permanent", "-y")).Ok();

        Assert.Contains("there is room", outcome.Out, StringComparison.Ordinal);
        Assert.Equal("a-2031-05-01.bin a-2031-05-02.bin", await TreeAsync());
    }

    [Fact]
    public async Task Folders_that_it_empties_go_on_demand_and_no_others()
    {
        await PutAsync("x/y/old.tmp", "x/z/keep.txt", "w/old.tmp", "w/other.txt");
        (await RunAsync("mkdir", ":/b/empty")).Ok();

        (await RunAsync("cleanup", ":/b", "--include", "*.tmp", "--prune-folders", "--permanent", "-y")).Ok();

        Assert.Equal(["empty/", "w/", "w/other.txt", "x/", "x/z/", "x/z/keep.txt"], (await RunAsync("ls", "-R", ":/b")).Ok().Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Several_rules_come_from_a_file_and_a_file_belongs_to_the_first_that_takes_it()
    {
        await PutAsync("db-2031-05-01.gz", "db-2031-05-02.gz", "a b.tmp", "keep.tmp", "other.txt");
        var rules = _cli.Write("rules", "# backups\n--include 'db-*.gz' --keep-last 1\n\n--include keep.tmp --max-total 1G\n--include \"*.tmp\"\n");

        var outcome = (await RunAsync("cleanup", ":/b", "--rules", rules, "-y", "--json")).Ok();

        Assert.Equal("db-2031-05-02.gz keep.tmp other.txt", await TreeAsync());
        Assert.Contains(outcome.Results, result => result.TryGetProperty("rule", out var rule) && rule.GetString() == rules + ":5");
    }

    [Theory]
    [InlineData("--keep-dayly 7", "")]
    [InlineData("--include 'a", "")]
    [InlineData("--ignore-case", "")]
    [InlineData("# none", "")]
    [InlineData("--include a", "--keep-last 1")]
    public async Task A_wrong_file_of_rules_is_an_error_of_use(string text, string more)
    {
        await PutAsync("a");

        (await RunAsync(["cleanup", ":/b", "--rules", _cli.Write("rules", text), "-y", .. more.Split(' ', StringSplitOptions.RemoveEmptyEntries)])).Is(ExitCode.Usage);

        Assert.Equal("a", await TreeAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("--series folder")]
    [InlineData("--keep-within ever --include a")]
    [InlineData("--time-zone Moon/Base --include a")]
    [InlineData("--max-total much")]
    [InlineData("--keep-last -1")]
    public async Task A_rule_without_bounds_or_sense_is_refused(string words)
    {
        await PutAsync("a");

        (await RunAsync(["cleanup", ":/b", "-y", .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)])).Is(ExitCode.Usage);

        Assert.Equal("a", await TreeAsync());
    }

    [Fact]
    public async Task Words_of_the_environment_alone_let_nothing_go()
    {
        await PutAsync("a");
        _cli.Variables["COFFRE_EXCLUDE"] = "*.tmp";

        (await RunAsync("cleanup", ":/b", "-y")).Is(ExitCode.Usage);

        Assert.Equal("a", await TreeAsync());
    }

    [Fact]
    public async Task A_folder_is_a_series_where_that_is_said()
    {
        await PutAsync("one.gz", "two.gz", "three.gz");

        (await RunAsync("cleanup", ":/b", "--include", "*.gz", "--keep-last", "1", "--series", "folder", "-y")).Ok();

        Assert.Single((await RunAsync("ls", ":/b")).Ok().Lines);
    }

    [Fact]
    public async Task A_hundred_files_go_with_one_call()
    {
        await PutAsync([.. Enumerable.Range(0, 120).Select(number => $"f{number}.tmp")]);

        var outcome = (await RunAsync("cleanup", ":/b", "--include", "*.tmp", "--permanent", "-y", "--json", "--explain-requests")).Ok();

        Assert.Equal(2, outcome.Json.GetProperty("requests").EnumerateArray().Single(count => count.GetProperty("endpoint").GetString() == "POST v1/file/rm.cgi").GetProperty("calls").GetInt32());
        Assert.Empty(await TreeAsync());
    }

    [Theory]
    [InlineData("db-2031-05-01.gz", "2031-05-01 00:00:00", "db-*.gz")]
    [InlineData("20310501.tar", "2031-05-01 00:00:00", "*.tar")]
    [InlineData("x_20310501T0230.log", "2031-05-01 02:30:00", "x_*.log")]
    [InlineData("x 2031-05-01 02.30.15 y", "2031-05-01 02:30:15", "x * y")]
    [InlineData("dump-2031_05_01-235959Z.sql", "2031-05-01 23:59:59", "dump-*.sql")]
    [InlineData("db-2031-13-01.gz", null, "db-#-#-#.gz")]
    [InlineData("IMG_1234567890123.jpg", null, "IMG_#.jpg")]
    [InlineData("v12.zip", null, "v#.zip")]
    [InlineData("plain.txt", null, "plain.txt")]
    public void Dates_in_names_are_found_and_what_is_left_is_the_series(string name, string? date, string series)
    {
        Assert.Equal(date, NameDate.Find(name, TimeZoneInfo.Utc)?.ToString("yyyy-MM-dd HH:mm:ss", null));
        Assert.Equal(series, NameDate.SeriesOf(name));
    }

    [Fact]
    public void Dates_in_names_are_of_the_zone_unless_they_say_otherwise()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("t", TimeSpan.FromHours(2), "t", "t");

        Assert.Equal(22, NameDate.Find("a-2031-05-02", zone)!.Value.UtcDateTime.Hour);
        Assert.Equal(1, NameDate.Find("a-20310502T0100Z", zone)!.Value.UtcDateTime.Hour);
    }

    /// <summary>What the server's clock says, and later.</summary>
    private sealed class LateClock(TimeProvider server, TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => server.GetUtcNow() + by;
    }
}
