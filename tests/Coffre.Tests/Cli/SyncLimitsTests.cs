using Coffre.Cli.Running;
using Coffre.Client.Testing;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary><c>sync</c> against our server with 1fichier's limits, on a clock that runs only while the command waits: never locked, few calls.</summary>
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
