using Coffre.Cli.Running;
using Coffre.Client.Testing;
using Coffre.Server.Limits;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary><c>sync</c>, <c>cleanup</c> and <c>watch</c> against our server with 1fichier's limits, on a clock that runs only while the command waits: never locked, few calls.</summary>
public sealed class SyncLimitsTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private readonly FakeClock _clock = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(("Limits:Profile", "1fichier"));
        _cli.Time = _clock;
        _cli.Handler = new InStep(_cli.Handler, _server, _clock);
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    [Fact]
    public async Task Sync_is_never_refused_and_a_run_without_changes_lists_each_folder_once()
    {
        for (var folder = 0; folder < 12; folder++)
        {
            for (var file = 0; file < 8; file++)
            {
                _cli.Write($"t/d{folder}/f{file}", $"{folder} {file}");
            }
        }

        var up = await RunAsync("sync", _cli.Local("t"), ":/t");
        var again = await RunAsync("sync", _cli.Local("t"), ":/t", "--delete");
        Directory.Move(_cli.Local("t/d3"), _cli.Local("t/e3"));
        var moved = await RunAsync("sync", _cli.Local("t"), ":/t", "--delete");
        var down = await RunAsync("sync", ":/t", _cli.Local("back"));

        // A folder each: made, and three calls for its files with their sidecar.
        Assert.InRange(up.Calls, 12 * 4, 12 * 4 + 4);
        Assert.Equal((0, 0, 0, 0), (up.Refused, again.Refused, moved.Refused, down.Refused));
        Assert.InRange(again.Calls, 12, 14);
        Assert.Empty(again.Outcome.Results);
        Assert.Equal(8, moved.Outcome.Results.Count(step => step.GetProperty("action").GetString() is "move"));
        Assert.Equal(96, Directory.GetFiles(_cli.Local("back"), "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Apply_looks_at_the_service_again_even_where_a_listing_counts_as_fresh()
    {
        _cli.Write("t/a", "1");
        await RunAsync("sync", _cli.Local("t"), ":/t");
        var folder = (await RunAsync("info", ":/t")).Outcome.Results[0].GetProperty("folder_id").GetInt64();
        _cli.Write("t/b", "2");
        await RunAsync("plan", "sync", _cli.Local("t"), ":/t", "--out", _cli.Local("p.json"));
        _clock.Advance(TimeSpan.FromSeconds(2));
        _server.Clock.Advance(TimeSpan.FromSeconds(2));
        await _server.UploadAsync("theirs", [1], folder);

        var outcome = (await _cli.RunAsync("apply", _cli.Local("p.json"))).Is(ExitCode.Conflict);

        Assert.Contains(":/t has changed", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cleanup_is_never_refused_whether_it_moves_into_the_trash_or_removes_for_good()
    {
        for (var folder = 0; folder < 12; folder++)
        {
            for (var day = 1; day <= 8; day++)
            {
                _cli.Write($"t/d{folder}/db-2031-05-0{day}.gz", $"{folder} {day}");
            }
        }

        await RunAsync("put", _cli.Local("t") + "/", ":/t");
        var moved = await RunAsync("cleanup", ":/t", "--keep-last", "2", "-y");
        var removed = await RunAsync("cleanup", ":/.coffre-trash", "--include", "*", "--permanent", "--allow-last", "-y");

        Assert.Equal((72, 72), (Count(moved, "moved"), Count(removed, "removed")));
        Assert.Equal((0, 0, 0), (moved.Refused, removed.Refused, await LocksAsync()));

        // A folder each: looked at, made in the trash, and one call for all that moves. What is removed needs no folder.
        Assert.InRange(moved.Calls, 12 * 3, (12 * 3) + 6);
        Assert.InRange(removed.Calls, 12, 12 + 6);
        Assert.Equal(24, (await RunAsync("ls", "-R", ":/t")).Outcome.Results.Count(entry => entry.GetProperty("type").GetString() is "file"));

        static int Count((int Calls, int Refused, CliOutcome Outcome) run, string action) =>
            run.Outcome.Results.Count(result => result.GetProperty("action").GetString() == action);
    }

    [Fact]
    public async Task Watch_is_never_refused_neither_while_it_sends_nor_while_it_proves_what_it_sent()
    {
        for (var folder = 0; folder < 12; folder++)
        {
            for (var file = 0; file < 8; file++)
            {
                _cli.Write($"w/d{folder}/f{file}", $"{folder} {file}");
            }
        }

        string[] watch = ["watch", _cli.Local("w"), ":/w", "--once", "--settle", "0s"];
        var sent = await RunAsync(watch);
        var again = await RunAsync(watch);
        var tidied = await RunAsync([.. watch, "--after", "delete"]);

        Assert.Equal((96, 0), (sent.Outcome.Results.Count, again.Outcome.Results.Count));
        Assert.Equal((0, 0, 0, 0), (sent.Refused, again.Refused, tidied.Refused, await LocksAsync()));

        // A folder each: made, and three calls for its files; for the proof it is looked at once.
        Assert.InRange(sent.Calls, 12 * 4, (12 * 4) + 4);
        Assert.Equal(0, again.Calls);
        Assert.InRange(tidied.Calls, 12, 12 + 4);
        Assert.Empty(Directory.GetFiles(_cli.Local("w"), "*", SearchOption.AllDirectories));
    }

    private Task<int> LocksAsync() => _server.Catalog.ReadAsync(session => _server.Room<LockTable>().List(session, 10).Count, CancellationToken.None).AsTask();

    private async Task<(int Calls, int Refused, CliOutcome Outcome)> RunAsync(params string[] args)
    {
        // Longer than a listing counts as fresh there.
        _clock.Advance(TimeSpan.FromSeconds(31));
        var outcome = (await _cli.RunAsync([.. args, "--json", "--explain-requests"])).Ok();
        var requests = outcome.Json.GetProperty("requests").EnumerateArray().ToArray();
        return (requests.Sum(call => call.GetProperty("calls").GetInt32()), requests.Sum(call => call.GetProperty("refused").GetInt32()), outcome);
    }

    /// <summary>Brings the server's clock to the command's before each request.</summary>
    private sealed class InStep(HttpMessageHandler inner, TestServer server, FakeClock clock) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);
        private readonly Lock _gate = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                if (clock.GetUtcNow() > server.Clock.GetUtcNow())
                {
                    server.Clock.SetUtcNow(clock.GetUtcNow());
                }
            }

            return _inner.SendAsync(request, cancellationToken);
        }
    }
}
