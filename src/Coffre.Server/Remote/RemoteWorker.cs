using System.Collections.Concurrent;
using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Housekeeping;
using Coffre.Server.Settings;

namespace Coffre.Server.Remote;

/// <summary>Takes waiting URLs, the oldest first, so many at once: in all, for an account, from a host. Sleeps while nothing waits.</summary>
internal sealed partial class RemoteWorker(
    CatalogStore catalog, RemoteTable table, RemoteJob job, RemoteSignal signal, ServerSettings settings, ILogger<RemoteWorker> logger)
    : SteadyTask(logger)
{
    private const int Candidates = 500;
    private readonly int _parallel = settings.Int(RemoteSettings.Parallel);
    private readonly int _perAccount = settings.Int(RemoteSettings.PerAccount);
    private readonly int _perHost = settings.Int(RemoteSettings.PerHost);
    private readonly ConcurrentDictionary<RemoteKey, (string Host, Task Task)> _running = new();

    protected override async Task BeginAsync(CancellationToken stoppingToken)
    {
        if (!settings.Flag(RemoteSettings.Enabled))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken);
        }

        await catalog.WriteAsync(table.ResetRunning, stoppingToken);
    }

    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        await StartAllAsync(stoppingToken);
        await signal.WaitAsync(stoppingToken);
    }

    protected override Task EndAsync() => Task.WhenAll(_running.Values.Select(run => run.Task));

    private async Task StartAllAsync(CancellationToken stoppingToken)
    {
        while (_running.Count < _parallel)
        {
            var waiting = await catalog.ReadAsync(session => table.ListWaiting(session, Candidates), stoppingToken);
            if (waiting.FirstOrDefault(MayStart) is not { } url)
            {
                return;
            }

            var request = await catalog.WriteAsync(
                session =>
                {
                    table.Begin(session, url.Key);
                    return table.Find(session, url.Key.AccountId, url.Key.RequestId)!;
                },
                stoppingToken);
            var ready = new TaskCompletionSource();
            _running[url.Key] = (HostOf(url), RunAsync(request, url, ready.Task, stoppingToken));
            ready.SetResult();
        }
    }

    private bool MayStart(RemoteUrl url) =>
        _running.Keys.Count(key => key.AccountId == url.Key.AccountId) < _perAccount
        && _running.Values.Count(run => run.Host == HostOf(url)) < _perHost;

    private static string HostOf(RemoteUrl url) => SourceUrl.TryRead(url.Url, out var source) ? source.IdnHost : "";

    private async Task RunAsync(RemoteRequest request, RemoteUrl url, Task ready, CancellationToken stoppingToken)
    {
        await ready.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await job.RunAsync(request, url, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; the URL waits for the next start.
        }
        catch (Exception exception)
        {
            LogBroken(exception, request.Id);
            await catalog.WriteAsync(session => table.End(session, url.Key, link: null, KoCatalogue.Get(FullDisk.IsCauseOf(exception) ? KoCode.DiskFull : KoCode.InternalError).Text), CancellationToken.None);
        }
        finally
        {
            _running.TryRemove(url.Key, out _);
            signal.Raise();
        }
    }

    [LoggerMessage(LogLevel.Error, "Remote request {RequestId} failed in a way that nobody thought of")]
    private partial void LogBroken(Exception exception, long requestId);
}
