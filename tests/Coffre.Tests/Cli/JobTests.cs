using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>Runs as they are kept on disk: listed, shown, gone on with.</summary>
public sealed class JobTests : IAsyncLifetime
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

    private string JobFile => Assert.Single(Directory.GetFiles(Path.Combine(_cli.Folder, "state", "coffre", "jobs"), "*.json"));

    private async Task<string> FailAsync()
    {
        _cli.Write("t/a", "1");
        _cli.Write("t/b", "22");
        (await RunAsync("put", _cli.Local("t/a"), ":/t/")).Ok();
        (await RunAsync("job", "rm", Path.GetFileNameWithoutExtension(JobFile))).Ok();
        (await RunAsync("put", _cli.Local("t"), ":/", "--if-exists", "fail")).Is(ExitCode.Partial);
        return Path.GetFileNameWithoutExtension(JobFile);
    }

    [Fact]
    public async Task A_run_that_went_well_is_listed_only_on_demand()
    {
        (await RunAsync("put", _cli.Write("a", "1"), ":/")).Ok();

        Assert.Empty((await RunAsync("job", "list")).Ok().Lines);
        var job = Assert.Single((await RunAsync("jobs", "list", "--all", "--json")).Ok().Results);
        Assert.Equal(("done", 1, 1), (job.GetProperty("state").GetString(), job.GetProperty("moved_files").GetInt32(), job.GetProperty("bytes").GetInt32()));
    }

    [Fact]
    public async Task A_run_that_failed_says_what_and_is_gone_on_with()
    {
        var id = await FailAsync();

        Assert.Contains("failed", Assert.Single((await RunAsync("job", "list")).Ok().Lines), StringComparison.Ordinal);
        var shown = Assert.Single((await RunAsync("job", "show", id, "--json")).Ok().Results);
        Assert.Equal("conflict", Assert.Single(shown.GetProperty("failures").EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal(8, shown.GetProperty("exit_code").GetInt32());

        (await RunAsync("rm", "-y", ":/t/a", ":/t/b")).Ok();
        (await RunAsync("job", "resume", id[..10])).Ok();

        Assert.Equal(["a", "b"], (await RunAsync("ls", ":/t")).Ok().Lines);
        Assert.Empty((await RunAsync("job", "list")).Ok().Lines);
        var done = Assert.Single((await RunAsync("job", "list", "-a", "--json")).Ok().Results);
        Assert.Equal(("done", 2), (done.GetProperty("state").GetString(), done.GetProperty("runs").GetInt32()));
    }

    [Fact]
    public async Task A_run_that_was_killed_is_interrupted_whatever_its_file_says()
    {
        var id = await FailAsync();
        await File.WriteAllTextAsync(JobFile, (await File.ReadAllTextAsync(JobFile)).Replace("\"failed\"", "\"running\"", StringComparison.Ordinal));

        Assert.Equal("interrupted", Assert.Single((await RunAsync("job", "list", "--json")).Ok().Results).GetProperty("state").GetString());

        // One that a living run holds is neither gone on with nor forgotten.
        using var held = new FileStream(Path.ChangeExtension(JobFile, ".lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal("running", Assert.Single((await RunAsync("job", "list", "--json")).Ok().Results).GetProperty("state").GetString());
        (await RunAsync("job", "resume", id)).Is(ExitCode.Conflict);
        (await RunAsync("job", "rm", id)).Is(ExitCode.Conflict);
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_job_that_a_later_run_finishes()
    {
        _cli.Write("t/a", "1");
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();

        (await _cli.RunAsync([], stopped.Token, "put", _cli.Local("t"), ":/")).Is(ExitCode.Interrupted);

        var job = Assert.Single((await RunAsync("job", "list", "--json")).Ok().Results);
        Assert.Equal("interrupted", job.GetProperty("state").GetString());
        (await RunAsync("job", "resume", job.GetProperty("id").GetString()!)).Ok();
        Assert.Equal(["a"], (await RunAsync("ls", ":/t")).Ok().Lines);
    }

    [Fact]
    public async Task Local_paths_are_kept_in_full()
    {
        (await RunAsync("put", _cli.Write("a", "1"), ":/")).Ok();
        (await RunAsync("get", ":/a", _cli.Local("x/../back/"))).Ok();

        var words = (await RunAsync("job", "list", "-a", "--json")).Ok().Results[1].GetProperty("words").EnumerateArray().Select(word => word.GetString());
        Assert.Equal(["get", ":/a", _cli.Local("back/")], words);
    }

    [Fact]
    public async Task What_is_not_there_is_told()
    {
        (await RunAsync("job", "show", "nothing")).Is(ExitCode.NotFound);
        (await RunAsync("job", "resume", "nothing")).Is(ExitCode.NotFound);
        Assert.False((await RunAsync("job", "resume", "nothing", "--json")).Json.GetProperty("ok").GetBoolean());
        Assert.Empty((await RunAsync("job", "list")).Ok().Lines);
    }
}
