using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Coffre.Cli.Running;
using Coffre.Cli.Schedules;
using Coffre.Protocol;
using Coffre.Tests.Client;
using Coffre.Tests.Serving;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Cli;

/// <summary>Commands that run at times of their own: definitions, runs without overlap, history, missed runs, notices.</summary>
public sealed class ScheduleTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly CliRunner _cli = new();
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly List<string> _ran = [];

    public ScheduleTests()
    {
        _cli.Time = _time;
        _cli.StartCommand = (child, _) =>
        {
            _ran.Add(string.Join(' ', child.Words));
            return Task.FromResult(0);
        };
    }

    public void Dispose() => _cli.Dispose();

    private Task<CliOutcome> AddAsync(params string[] args) => _cli.RunAsync(["job", "add", .. args]);

    private async Task<JsonElement[]> HistoryAsync(string name = "n") =>
        [.. (await _cli.RunAsync("job", "history", name, "--json")).Ok().Results.Select(result => result.GetProperty("run"))];

    private async Task<string[]> OutcomesAsync() => [.. (await HistoryAsync()).Select(run => run.GetProperty("outcome").GetString()!)];

    private async Task<JsonElement> ShowAsync() => (await _cli.RunAsync("job", "show", "n", "--json")).Ok().Results[0];

    private Task<CliOutcome> TickAsync() => _cli.RunAsync("scheduler", "run", "--once");

    [Fact]
    public async Task A_job_is_added_listed_shown_run_disabled_and_removed()
    {
        (await AddAsync("n", "--cron", "0 3 * * *", "--timezone", "Europe/Paris", "--", "ls", ":/a b")).Ok();
        (await AddAsync("n", "--every", "1h", "--", "ls")).Is(ExitCode.Conflict);

        var shown = await ShowAsync();
        Assert.Equal(("scheduled", "waiting", "2026-06-02T01:00:00+00:00"), (shown.GetProperty("kind").GetString(), shown.GetProperty("state").GetString(), shown.GetProperty("next_due").GetString()));
        Assert.Contains("0 3 * * *", Assert.Single((await _cli.RunAsync("job", "list")).Ok().Lines), StringComparison.Ordinal);
        Assert.Contains("coffre ls ':/a b'", (await _cli.RunAsync("job", "show", "n")).Ok().Out, StringComparison.Ordinal);
        (await _cli.RunAsync("job", "run", "n")).Ok();
        Assert.Equal(["ls :/a b"], _ran);
        var record = Assert.Single(await HistoryAsync());
        Assert.Equal(("succeeded", "manual", 0), (record.GetProperty("outcome").GetString(), record.GetProperty("trigger").GetString(), record.GetProperty("exit_code").GetInt32()));

        Assert.Equal("disabled", (await _cli.RunAsync("job", "disable", "n", "--json")).Ok().Results[0].GetProperty("state").GetString());
        _time.Advance(TimeSpan.FromDays(3));
        (await TickAsync()).Ok();
        (await _cli.RunAsync("job", "enable", "n")).Ok();
        (await TickAsync()).Ok();
        Assert.Single(_ran);

        (await _cli.RunAsync("jobs", "rm", "n")).Ok();
        Assert.Empty((await _cli.RunAsync("job", "list", "--all")).Ok().Lines);
        (await _cli.RunAsync("job", "run", "n")).Is(ExitCode.NotFound);
        Assert.Empty(Directory.GetFiles(_cli.Local("state/coffre/schedule"), "n.*"));
    }

    [Theory]
    [InlineData("1n --every 1h -- ls")]
    [InlineData("../n --every 1h -- ls")]
    [InlineData("n -- ls")]
    [InlineData("n --every 1h --cron @daily -- ls")]
    [InlineData("n --every 30s -- ls")]
    [InlineData("n --every soon -- ls")]
    [InlineData("n --every 1h")]
    [InlineData("n --every 1h -- bogus")]
    [InlineData("n --every 1h -- ls --bogus")]
    [InlineData("n --every 1h -- keys")]
    [InlineData("n --every 1h -- put one")]
    [InlineData("n --every 1h -- job run n")]
    [InlineData("n --every 1h -- auth login")]
    [InlineData("n --every 1h -- scheduler run")]
    [InlineData("n --every 1h -- sh -c date")]
    [InlineData("n --cron nonsense -- ls")]
    [InlineData("n --cron 0_0_31_2_* -- ls")]
    [InlineData("n --cron @daily --timezone Mars/Olympus -- ls")]
    [InlineData("n --every 1h --missed perhaps -- ls")]
    [InlineData("n --every 1h --ping ftp://x -- ls")]
    [InlineData("n --every 1h --ping https://me:secret@hc.example.org/x -- ls")]
    [InlineData("n --every 1h --webhook https://x.example.org -- ls")]
    [InlineData("n --every 1h --mail-to a@example.org -- ls")]
    [InlineData("n --every 1h --mail-to nobody --smtp smtp://x --smtp-from a@example.org -- ls")]
    [InlineData("n --every 1h --mail-to a@example.org --smtp smtp://me:secret@x --smtp-from a@example.org -- ls")]
    [InlineData("n --every 1h --smtp smtps://me:secret@x -- ls")]
    [InlineData("n --every 1h -- ls --api-key x")]
    [InlineData("n --every 1h -- remote add https://me:secret@example.org/f")]
    [InlineData("n --every 1h -- remote add https://example.org/f?token=secret@x")]
    [InlineData("n --every 1h -- remote add https://example.org/f --header Cookie:_secret@x")]
    [InlineData("n --every 1h -- ls 0123456789abcdefghijklmnopqrstuv")]
    public async Task What_makes_no_sense_is_refused_and_leaves_no_job(string line)
    {
        var outcome = (await AddAsync([.. line.Split(' ').Select(word => word.Replace('_', ' '))])).Is(ExitCode.Usage);

        Assert.DoesNotContain("0123456789abcdef", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret@", outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_cli.Local("config/coffre/jobs")));
    }

    [Fact]
    public async Task A_secret_as_an_argument_is_refused_and_one_for_the_keyring_is_asked_for_and_goes_with_the_job()
    {
        var refused = (await AddAsync("n", "--every", "1h", "--webhook", "https://x.example.org", "--webhook-secret", "hunter2hunter2", "--", "ls")).Is(ExitCode.Usage);
        Assert.DoesNotContain("hunter2", refused.Error, StringComparison.Ordinal);

        (await _cli.PipeAsync("hunter2hunter2\n", "job", "add", "n", "--every", "1h", "--webhook", "https://x.example.org", "--webhook-secret", "keyring", "--", "ls")).Ok();
        Assert.Equal(["hunter2hunter2"], _cli.Keyring.Items.Values);
        Assert.DoesNotContain("hunter2", await File.ReadAllTextAsync(_cli.Local("config/coffre/jobs/n.json")), StringComparison.Ordinal);
        (await _cli.RunAsync("job", "rm", "n")).Ok();
        Assert.Empty(_cli.Keyring.Items);
    }

    [Fact]
    public async Task A_real_command_that_fails_leaves_its_exit_code_duration_and_last_words_in_the_history()
    {
        await using var server = await TestServer.StartAsync();
        _cli.StartCommand = null;
        _cli.Time = TimeProvider.System;
        (await _cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();
        var file = _cli.Write("a.txt", "1");
        (await AddAsync("n", "--every", "1h", "--", "put", file, ":/up/")).Ok();

        var link = (await _cli.RunAsync("job", "run", "n")).Ok();
        Assert.Contains(server.Address.ToString(), link.Out, StringComparison.Ordinal);
        File.Delete(file);
        var failed = await _cli.RunAsync("job", "run", "n", "--json");

        failed.Is((ExitCode)failed.Results[0].GetProperty("run").GetProperty("exit_code").GetInt32());
        Assert.Equal("job_failed", failed.Json.GetProperty("error").GetProperty("code").GetString());
        var records = await HistoryAsync();
        Assert.Equal(["succeeded", "failed"], records.Select(record => record.GetProperty("outcome").GetString()));
        Assert.Contains("a.txt", records[1].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.True(records[1].GetProperty("duration_seconds").GetDouble() >= 0);
    }

    [Fact]
    public async Task A_second_start_is_skipped_and_recorded_and_the_first_goes_on()
    {
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        var (begun, ends) = (new TaskCompletionSource(), new TaskCompletionSource<int>());
        _cli.StartCommand = (_, _) =>
        {
            begun.SetResult();
            return ends.Task;
        };
        var first = _cli.RunAsync("job", "run", "n");
        await begun.Task;

        (await _cli.RunAsync("job", "run", "n")).Is(ExitCode.Busy);
        Assert.Equal("running", (await ShowAsync()).GetProperty("state").GetString());
        (await _cli.RunAsync("job", "rm", "n")).Is(ExitCode.Conflict);
        ends.SetResult(0);
        (await first).Ok();

        Assert.Equal(["succeeded", "skipped"], (await OutcomesAsync()));
    }

    [Fact]
    public async Task A_run_that_was_killed_is_interrupted_and_blocks_nobody()
    {
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        Directory.CreateDirectory(_cli.Local("state/coffre/schedule"));
        new RunHistory(_cli.Local("state/coffre/schedule"), "n", _time).Put(new RunRecord { Id = "x", Job = "n", Trigger = "schedule", Outcome = RunRecord.Running, Started = Noon });
        await File.AppendAllTextAsync(_cli.Local("state/coffre/schedule/n.jsonl"), "{\"id\":\"cut sho");

        Assert.Equal("waiting", (await ShowAsync()).GetProperty("state").GetString());
        Assert.Contains("interrupted", await File.ReadAllTextAsync(_cli.Local("state/coffre/schedule/n.jsonl")), StringComparison.Ordinal);
        (await _cli.RunAsync("job", "run", "n")).Ok();
        Assert.Equal(["interrupted", "succeeded"], await OutcomesAsync());
    }

    [Fact]
    public async Task A_stop_is_handed_to_the_command_and_recorded()
    {
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        using var stop = new CancellationTokenSource();
        _cli.StartCommand = async (_, cancellationToken) =>
        {
            await stop.CancelAsync();
            return cancellationToken.IsCancellationRequested ? 130 : 0;
        };

        (await _cli.RunAsync([], stop.Token, "job", "run", "n")).Is(ExitCode.Interrupted);
        Assert.Equal(["interrupted"], await OutcomesAsync());
    }

    [Fact]
    public async Task The_scheduler_starts_each_due_time_once()
    {
        (await AddAsync("n", "--cron", "*/5 * * * *", "--", "ls")).Ok();
        await TickAsync();
        Assert.Empty(_ran);
        for (var i = 0; i < 12; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await TickAsync();
            await TickAsync();
        }

        Assert.Equal(2, _ran.Count);
        Assert.Equal(["2026-06-01T12:05:00+00:00", "2026-06-01T12:10:00+00:00"], (await HistoryAsync()).Select(run => run.GetProperty("due").GetString()));
        (await _cli.RunAsync("job", "run", "n")).Ok();
        _time.Advance(TimeSpan.FromMinutes(4));
        await TickAsync();
        Assert.Equal(4, _ran.Count);
    }

    [Theory]
    [InlineData("catch-up", 1, "succeeded")]
    [InlineData("flag", 0, "missed")]
    [InlineData("skip", 0, "passed")]
    public async Task Runs_that_the_machine_slept_through_are_caught_up_once_flagged_or_passed_over(string missed, int runs, string outcome)
    {
        (await AddAsync("n", "--cron", "0 * * * *", "--missed", missed, "--", "ls")).Ok();
        _time.Advance(TimeSpan.FromHours(5.5));
        Assert.Equal(("overdue", 5), ((await ShowAsync()).GetProperty("state").GetString(), (await ShowAsync()).GetProperty("open_runs").GetInt32()));
        Assert.Contains("overdue", (await _cli.RunAsync("job", "list")).Ok().Out, StringComparison.Ordinal);

        await TickAsync();
        await TickAsync();

        Assert.Equal(runs, _ran.Count);
        var record = Assert.Single(await HistoryAsync());
        Assert.Equal((outcome, missed == "catch-up" ? 4 : 5), (record.GetProperty("outcome").GetString(), record.GetProperty("missed_runs").GetInt32()));
        Assert.Equal("waiting", (await ShowAsync()).GetProperty("state").GetString());
        _time.Advance(TimeSpan.FromMinutes(31));
        await TickAsync();
        Assert.Equal(runs + 1, _ran.Count);
    }

    [Theory]
    [InlineData("catch-up", 1)]
    [InlineData("flag", 0)]
    public async Task A_timer_of_systemd_that_starts_late_does_the_same(string missed, int runs)
    {
        (await AddAsync("n", "--cron", "0 * * * *", "--missed", missed, "--", "ls")).Ok();
        _time.Advance(TimeSpan.FromHours(2.5));

        (await _cli.RunAsync("job", "run", "n", "--scheduled")).Ok();

        Assert.Equal(runs, _ran.Count);
        Assert.Equal("waiting", (await ShowAsync()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_timer_of_systemd_that_asks_often_runs_each_due_time_once_and_none_of_a_disabled_job()
    {
        (await AddAsync("n", "--every", "1h", "--missed", "flag", "--", "ls")).Ok();
        _time.Advance(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 36; i++)
        {
            (await _cli.RunAsync("job", "run", "n", "--scheduled")).Ok();
            await TickAsync();
            _time.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.Equal(["2026-06-01T13:00:00+00:00", "2026-06-01T14:00:00+00:00"], (await HistoryAsync()).Select(run => run.GetProperty("due").GetString()));
        Assert.Equal(["succeeded", "succeeded"], await OutcomesAsync());
        (await _cli.RunAsync("job", "disable", "n")).Ok();
        _time.Advance(TimeSpan.FromMinutes(1));
        (await _cli.RunAsync("job", "run", "n", "--scheduled")).Ok();
        Assert.Equal(2, _ran.Count);
    }

    [Fact]
    public async Task A_due_time_that_another_starter_has_dealt_with_meanwhile_is_not_run_again()
    {
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        _time.Advance(TimeSpan.FromHours(1));
        var history = new RunHistory(_cli.Local("state/coffre/schedule"), "n", _time);
        Directory.CreateDirectory(_cli.Local("state/coffre/schedule"));
        var other = await history.TryHoldAsync();
        var late = _cli.RunAsync("job", "run", "n", "--scheduled");
        history.Put(new RunRecord { Id = "x", Job = "n", Trigger = "schedule", Outcome = RunRecord.Succeeded, Started = Noon, Due = Noon.AddHours(1) });
        await other!.DisposeAsync();

        (await late).Ok();
        Assert.Empty(_ran);
        Assert.Single(await HistoryAsync());
    }

    [Fact]
    public async Task Jobs_that_fail_or_cannot_start_show_in_the_exit_code_and_an_unreadable_history_stops_no_other_job()
    {
        (await AddAsync("a", "--every", "1h", "--", "ls", ":/a")).Ok();
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        _cli.Write("state/coffre/schedule/a.jsonl", """{"id":"x","job":"a","trigger":"manual","outcome":"running","started":"2026-06-01T12:00:00+00:00"}""" + "\n");
        Directory.CreateDirectory(_cli.Local("state/coffre/schedule/a.lock"));
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Contains("job a:", (await TickAsync()).Is(ExitCode.Partial).Error, StringComparison.Ordinal);
        Assert.Equal(["ls"], _ran);
        Assert.StartsWith("n ", Assert.Single((await _cli.RunAsync("job", "list")).Ok().Lines), StringComparison.Ordinal);

        Directory.Delete(_cli.Local("state/coffre/schedule/a.lock"));
        (await TickAsync()).Ok();
        _cli.StartCommand = (child, _) => Task.FromResult(child.Words.Count == 1 ? 12 : 0);
        _time.Advance(TimeSpan.FromHours(1));
        (await TickAsync()).Is(ExitCode.Partial);
    }

    [Fact]
    public async Task A_history_that_cannot_be_read_hides_no_other()
    {
        (await AddAsync("a", "--every", "1h", "--", "ls", ":/a")).Ok();
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        _time.Advance(TimeSpan.FromHours(1));
        (await TickAsync()).Ok();
        File.Delete(_cli.Local("state/coffre/schedule/a.lock"));
        _cli.Write("state/coffre/schedule/a.jsonl", """{"id":"x","job":"a","trigger":"manual","outcome":"running","started":"2026-06-01T12:00:00+00:00"}""" + "\n");
        Directory.CreateDirectory(_cli.Local("state/coffre/schedule/a.lock"));

        var shown = (await _cli.RunAsync("job", "history", "--json")).Is(ExitCode.Partial);

        Assert.Equal("n", Assert.Single(shown.Results).GetProperty("run").GetProperty("job").GetString());
        Assert.Contains("job a:", shown.Error, StringComparison.Ordinal);
        Assert.NotEqual(ExitCode.Success, (await _cli.RunAsync("job", "history", "a")).ExitCode);
    }

    [Fact]
    public async Task One_scheduler_runs_at_a_time_and_a_broken_definition_does_not_keep_others_from_running()
    {
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        (await AddAsync("m", "--cron", "@hourly", "--", "ls", ":/m")).Ok();
        _cli.Write("config/coffre/jobs/b.json", "{ not json");
        var text = await File.ReadAllTextAsync(_cli.Local("config/coffre/jobs/m.json"));
        _cli.Write("config/coffre/jobs/m.json", text.Replace("@hourly", "nonsense", StringComparison.Ordinal));
        _time.Advance(TimeSpan.FromHours(1));
        var warned = (await TickAsync()).Is(ExitCode.Partial);
        Assert.Equal(["ls"], _ran);
        Assert.Contains("b.json", warned.Error, StringComparison.Ordinal);
        Assert.Contains("nonsense", warned.Error, StringComparison.Ordinal);

        using var stop = new CancellationTokenSource();
        var running = _cli.RunAsync([], stop.Token, "scheduler", "run");
        while (!File.Exists(_cli.Local("state/coffre/schedule/.scheduler.lock")))
        {
            await Task.Yield();
        }

        (await TickAsync()).Is(ExitCode.Busy);
        await stop.CancelAsync();
        (await running).Is(ExitCode.Interrupted);
    }

    [Fact]
    public async Task Pings_tell_start_success_and_failure()
    {
        var service = new FakeService();
        foreach (var path in new[] { "/ping/uuid/start", "/ping/uuid", "/ping/uuid/fail" })
        {
            service.On(path, _ => new HttpResponseMessage(HttpStatusCode.OK));
        }

        _cli.Handler = service;
        (await AddAsync("n", "--every", "1h", "--ping", "https://hc.example.org/ping/uuid?rid=1", "--", "ls")).Ok();
        (await _cli.RunAsync("job", "run", "n")).Ok();
        _cli.StartCommand = (child, _) =>
        {
            child.Error("coffre: The quota is full. Free some room.");
            return Task.FromResult(12);
        };
        (await _cli.RunAsync("job", "run", "n")).Is(ExitCode.QuotaOrPlan);

        Assert.Equal(["/ping/uuid/start?rid=1", "/ping/uuid?rid=1", "/ping/uuid/start?rid=1", "/ping/uuid/fail?rid=1"], service.Asked.Select(asked => asked.Uri.PathAndQuery));
        Assert.Equal("n failed 12: The quota is full. Free some room.", service.Asked[^1].Text);
        Assert.DoesNotContain("uuid", (await _cli.RunAsync("job", "show", "n")).Ok().Out, StringComparison.Ordinal);
        Assert.Equal("hc.example.org/…", (await ShowAsync()).GetProperty("job").GetProperty("ping").GetString());
    }

    [Fact]
    public async Task A_webhook_is_signed_with_its_time_and_anybody_with_the_secret_can_check_it()
    {
        var service = new FakeService().On("/hook", _ => new HttpResponseMessage(HttpStatusCode.NoContent));
        _cli.Handler = service;
        var key = RandomNumberGenerator.GetBytes(24);
        var file = _cli.Write("secret", "whsec_" + Convert.ToBase64String(key) + "\n");
        (await AddAsync("n", "--every", "1h", "--webhook", "https://hooks.example.org/hook", "--webhook-secret", "file:" + file, "--", "ls")).Ok();
        (await _cli.RunAsync("job", "run", "n")).Ok();

        var asked = Assert.Single(service.Asked);
        var signed = $"{asked.Header("webhook-id")}.{asked.Header("webhook-timestamp")}.{asked.Text}";
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed))), asked.Header("webhook-signature"));
        Assert.Equal(Noon.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), asked.Header("webhook-timestamp"));
        var body = JsonDocument.Parse(asked.Text).RootElement;
        Assert.Equal(("job.succeeded", "n", 0), (body.GetProperty("type").GetString(), body.GetProperty("data").GetProperty("job").GetString(), body.GetProperty("data").GetProperty("exit_code").GetInt32()));
        Assert.Null(asked.Authorization);
    }

    [Fact]
    public async Task Notices_that_fail_are_recorded_and_never_fail_the_job()
    {
        var service = new FakeService()
            .On("/ping/start", _ => throw new HttpRequestException("no route"))
            .On("/ping", _ => new HttpResponseMessage(HttpStatusCode.NotFound))
            .On("/hook", _ => new HttpResponseMessage(HttpStatusCode.InternalServerError));
        _cli.Handler = service;
        var file = _cli.Write("secret", "hunter2hunter2");
        (await AddAsync(
            "n", "--every", "1h", "--ping", "https://hc.example.org/ping", "--webhook", "https://hooks.example.org/hook", "--webhook-secret", "file:" + file,
            "--mail-to", "a@example.org", "--mail-on", "always", "--smtp", "smtp://127.0.0.1:9", "--smtp-from", "b@example.org", "--", "ls")).Ok();
        File.Delete(file);

        var outcome = (await _cli.RunAsync("job", "run", "n")).Ok();

        var troubles = (await HistoryAsync())[0].GetProperty("notice_troubles").EnumerateArray().Select(trouble => trouble.GetString()!).ToArray();
        Assert.Equal(["ping", "ping", "webhook", "mail"], troubles.Select(trouble => trouble.Split(' ')[0]));
        Assert.Contains("ping failed", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_mailed_with_the_password_from_its_place()
    {
        await using var smtp = new TinySmtp();
        _cli.Variables["MY_SMTP"] = "hunter2hunter2";
        (await AddAsync(
            "n", "--every", "1h", "--mail-to", "a@example.org, b@example.org", "--smtp", $"smtp://me%40example.org@127.0.0.1:{smtp.Port}", "--smtp-from", "c@example.org",
            "--smtp-password", "env:MY_SMTP", "--", "ls")).Ok();
        (await _cli.RunAsync("job", "run", "n")).Ok();
        Assert.Empty(smtp.Mails);
        _cli.StartCommand = (child, _) =>
        {
            child.Error("coffre: it broke, says cof_canaryCANARYcanary1234abcdef");
            return Task.FromResult(1);
        };

        (await _cli.RunAsync("job", "run", "n")).Is(ExitCode.Failure);

        await smtp.WaitAsync(1);
        var mail = Assert.Single(smtp.Mails);
        Assert.Equal("me@example.org hunter2hunter2", smtp.SignedIn);
        Assert.Equal(("coffre: n failed", 2), (mail.Subject, mail.To.Count));
        Assert.Contains("it broke, says [secret]", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Units_are_printed_written_right_for_systemd_and_removed_with_the_job()
    {
        _cli.Variables["COFFRE_API_KEY_FILE"] = "/run/100% \"key\"";
        (await AddAsync("n", "--cron", "30 2 * * MON-FRI", "--timezone", "Europe/Paris", "--", "ls", ":/")).Ok();
        var printed = (await _cli.RunAsync("job", "install", "n", "--print", "--json")).Ok().Results;
        Assert.False(Directory.Exists(_cli.Local("config/systemd")));
        var written = (await _cli.RunAsync("job", "install", "n")).Ok();
        var (service, timer) = (_cli.Local("config/systemd/user/coffre-n.service"), _cli.Local("config/systemd/user/coffre-n.timer"));

        Assert.Equal([service, timer], written.Lines);
        string[] contents = [await File.ReadAllTextAsync(service), await File.ReadAllTextAsync(timer)];
        Assert.Equal(contents, printed.Select(unit => unit.GetProperty("content").GetString()));
        Assert.Contains("ExecStart=\"/opt/coffre\" \"job\" \"run\" \"n\" \"--scheduled\"\n", await File.ReadAllTextAsync(service), StringComparison.Ordinal);
        Assert.Contains("Environment=\"COFFRE_API_KEY_FILE=/run/100%% \\\"key\\\"\"\n", await File.ReadAllTextAsync(service), StringComparison.Ordinal);
        Assert.Contains("OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 02:30:00 Europe/Paris\nAccuracySec=1s\nPersistent=true\n", await File.ReadAllTextAsync(timer), StringComparison.Ordinal);
        Assert.True((await ShowAsync()).GetProperty("installed").GetBoolean());
        await File.WriteAllTextAsync(service, (await File.ReadAllTextAsync(service)).Replace("/opt/coffre", "/bin/true", StringComparison.Ordinal));
        if (RecurrenceTests.Systemd("verify", "--user", "--man=no", service, timer) is { } said)
        {
            Assert.Equal("", said.Trim());
        }

        (await _cli.RunAsync("job", "rm", "n")).Ok();
        Assert.False(File.Exists(service) || File.Exists(timer));
        (await AddAsync("n", "--cron", "0 0 L * *", "--", "ls")).Ok();
        (await _cli.RunAsync("job", "install", "n")).Is(ExitCode.Usage);
        (await AddAsync("e", "--every", "6h", "--", "ls")).Ok();
        (await _cli.RunAsync("job", "install", "e")).Ok();
        Assert.Contains("OnActiveSec=300s\nOnUnitActiveSec=300s\n", await File.ReadAllTextAsync(_cli.Local("config/systemd/user/coffre-e.timer")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/data\nExecStartPre=/bin/evil")]
    [InlineData("/data\r")]
    [InlineData("/data\\")]
    [InlineData("/data ")]
    public async Task A_folder_that_would_change_the_unit_is_refused(string folder)
    {
        (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        var path = _cli.Local("config/coffre/jobs/n.json");
        var job = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        job["folder"] = folder;
        await File.WriteAllTextAsync(path, job.ToJsonString());

        (await _cli.RunAsync("job", "install", "n")).Is(ExitCode.Usage);
        Assert.False(Directory.Exists(_cli.Local("config/systemd")));
    }

    [Fact]
    public async Task A_bundle_for_support_holds_neither_commands_that_print_secrets_nor_who_owns_an_account()
    {
        _cli.Variables["COFFRE_API_KEY_COMMAND"] = "curl -H 'X: hunter2' https://vault";
        (await AddAsync("n", "--every", "1h", "--webhook", "https://x.example.org", "--webhook-secret", "command:echo \"hunter3\"", "--", "ls")).Ok();
        _cli.Write("state/coffre/account-12.json", """{"email":"owner@example.org"}""");
        _cli.Variables.Remove("COFFRE_API_KEY_COMMAND");

        (await _cli.RunAsync("support", "bundle", "-y", "--out", _cli.Local("b.zip"))).Ok();

        var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_cli.Local("b.zip")));
        Assert.Contains("jobs/n.json", text, StringComparison.Ordinal);
        Assert.All(["hunter2", "hunter3", "owner@example.org"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_keeps_its_folder_and_where_its_key_lies_but_no_key()
    {
        _cli.Variables["COFFRE_API_KEY"] = ApiKey.New();
        _cli.Variables["COFFRE_URL"] = "https://files.example.org";
        var warned = (await AddAsync("n", "--every", "1h", "--", "ls")).Ok();
        Assert.Contains("COFFRE_API_KEY", warned.Error, StringComparison.Ordinal);
        CommandRun? started = null;
        _cli.StartCommand = (child, _) =>
        {
            started = child;
            return Task.FromResult(0);
        };
        (await _cli.RunAsync("job", "run", "n")).Ok();

        Assert.Equal(Path.GetFullPath("."), (await ShowAsync()).GetProperty("job").GetProperty("folder").GetString());
        Assert.Equal(["COFFRE_URL"], started!.Environment.Keys);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_cli.Local("config/coffre/jobs/n.json")));
        }
    }
}
