using Coffre.Server.Settings;
using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Server.Housekeeping;

/// <summary>Sweeps every now and then, and soon after files were removed.</summary>
internal sealed partial class SweepTask(Sweeper sweeper, IBlobStore store, FreedSignal signal, ServerSettings settings, TimeProvider clock, ILogger<SweepTask> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var path in (store as DiskBlobStore)?.UnreadableSegments ?? [])
        {
            LogUnreadable(path);
        }

        using var timer = new PeriodicTimer(settings.Seconds(SettingList.SweepSeconds), clock);

        // This process holds the lock of the data folder: what has no name and is older than it belongs to nobody.
        var start = clock.GetUtcNow();
        await TryAsync(token => sweeper.SweepAsync(clock.GetUtcNow() - start, token), stoppingToken);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        var freed = signal.WaitAsync(stoppingToken).AsTask();
        while (!stoppingToken.IsCancellationRequested)
        {
            var first = await Task.WhenAny(tick, freed);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            if (first == freed)
            {
                freed = signal.WaitAsync(stoppingToken).AsTask();
                await TryAsync(sweeper.SweepFreedAsync, stoppingToken);
            }
            else
            {
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
                await TryAsync(sweeper.SweepAsync, stoppingToken);
            }
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task<SweepReport>> sweep, CancellationToken cancellationToken)
    {
        try
        {
            var report = await sweep(cancellationToken);
            if (report != new SweepReport(0, 0, 0, 0))
            {
                LogSwept(report.Uploads, report.Removed, report.Orphans, report.Staging);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }
        catch (Exception exception)
        {
            // The next sweep tries again; the server goes on.
            LogFailed(exception);
        }
    }

    [LoggerMessage(LogLevel.Information, "Swept {Uploads} expired uploads, {Removed} removed blobs, {Orphans} orphans, {Staging} unfinished writes")]
    private partial void LogSwept(int uploads, int removed, int orphans, int staging);

    [LoggerMessage(LogLevel.Critical, "The segment {Path} is damaged so badly that the files in it cannot be found; it is left as it is. Put a copy from a backup in its place and start again")]
    private partial void LogUnreadable(string path);

    [LoggerMessage(LogLevel.Error, "The sweep failed; it is tried again later")]
    private partial void LogFailed(Exception exception);
}
