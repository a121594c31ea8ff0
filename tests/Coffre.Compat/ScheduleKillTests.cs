using System.Net;
using System.Net.Sockets;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>Scheduled jobs as processes: a run that is killed leaves no lock behind, and one scheduler starts what is due until it is stopped.</summary>
public sealed class ScheduleKillTests
{
    // Well-formed, and nobody's.
    private static readonly string Key = "cof_" + new string('0', 22) + "3s6CKv";

    [Fact]
    public async Task A_run_that_is_killed_is_interrupted_and_its_lock_is_free()
    {
        using var folder = new TempFolder();

        // A service that takes the connection and never answers.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var environment = Environment(folder, $"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}");
        (await CoffreAsync(folder, environment, "job", "add", "slow", "--every", "1h", "--", "quota")).Ok();
        using (var run = Tool.Start(Repository.Command[0], [.. Repository.Command.Skip(1), "job", "run", "slow"], environment, folder.Path))
        {
            await Until.HoldsAsync(async () => (await StateAsync(folder, environment)).Contains("\"state\":\"running\"", StringComparison.Ordinal), "the job runs");
            Assert.Equal(14, (await CoffreAsync(folder, environment, "job", "run", "slow")).ExitCode);
            run.Kill();
            await run.WaitForExitAsync();
        }

        var state = await StateAsync(folder, environment);
        Assert.Contains("\"state\":\"waiting\"", state, StringComparison.Ordinal);
        var history = (await CoffreAsync(folder, environment, "job", "history", "slow")).Ok().Lines;
        Assert.Equal(2, history.Count);
        Assert.Contains("interrupted", history[0], StringComparison.Ordinal);
        Assert.Contains("skipped", history[1], StringComparison.Ordinal);
        (await CoffreAsync(folder, environment, "job", "rm", "slow")).Ok();
    }

    [Fact]
    public async Task The_scheduler_starts_what_is_due_alone_and_ends_when_it_is_told_to()
    {
        using var folder = new TempFolder();
        var environment = Environment(folder, "http://127.0.0.1:9");
        (await CoffreAsync(folder, environment, "job", "add", "often", "--cron", "* * * * * *", "--", "version")).Ok();
        using var scheduler = Tool.Start(Repository.Command[0], [.. Repository.Command.Skip(1), "scheduler", "run"], environment, folder.Path);
        await Until.HoldsAsync(
            async () => (await CoffreAsync(folder, environment, "job", "history", "often")).Lines.Count(line => line.Contains("succeeded", StringComparison.Ordinal)) >= 2, "two runs went well");

        Assert.Equal(14, (await CoffreAsync(folder, environment, "scheduler", "run", "--once")).ExitCode);
        Signals.Send(scheduler.Id, Signals.Terminate);
        await scheduler.WaitForExitAsync();
        Assert.Equal(143, scheduler.ExitCode);
        var runs = (await CoffreAsync(folder, environment, "job", "history", "often", "--json")).Ok().Output;
        Assert.Contains("\"trigger\":\"schedule\"", runs, StringComparison.Ordinal);
        Assert.DoesNotContain("\"outcome\":\"failed\"", runs, StringComparison.Ordinal);
    }

    private static async Task<string> StateAsync(TempFolder folder, Dictionary<string, string> environment) =>
        (await CoffreAsync(folder, environment, "job", "show", "slow", "--json")).Ok().Output;

    private static Dictionary<string, string> Environment(TempFolder folder, string url) => new()
    {
        ["HOME"] = folder.Path,
        ["XDG_CONFIG_HOME"] = folder["config"],
        ["XDG_STATE_HOME"] = folder["state"],
        ["COFFRE_URL"] = url,
        ["COFFRE_API_KEY_FILE"] = folder.Write("key", Key),
    };

    private static Task<ToolResult> CoffreAsync(TempFolder folder, Dictionary<string, string> environment, params string[] arguments) =>
        Tool.RunAsync(Repository.Command[0], [.. Repository.Command.Skip(1), .. arguments], environment: environment, folder: folder.Path);
}
