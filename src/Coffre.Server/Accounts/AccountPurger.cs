using System.Threading.Channels;
using Coffre.Server.Catalog;
using Coffre.Server.Files;
using Coffre.Server.Ftp;
using Coffre.Server.Housekeeping;
using Coffre.Server.Settings;

namespace Coffre.Server.Accounts;

/// <summary>Takes away what deleted accounts held: some rows at a time, so that nobody else's writes wait. A restart goes on where it was.</summary>
internal sealed partial class AccountPurger(
    CatalogStore catalog, DeletionTable table, FileTable files, BlobTable blobs, AccountTable accounts, FtpTable ftp, WaitingFiles waiting, FreedSignal freed,
    ServerSettings settings, TimeProvider clock, ILogger<AccountPurger> logger) : BackgroundService
{
    /// <summary>Rows of one transaction.</summary>
    public const int Batch = 200;

    private readonly Channel<bool> _raised = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>An account was deleted.</summary>
    public void Raise() => _raised.Writer.TryWrite(true);

    /// <summary>All that deleted accounts left; returns how many rows.</summary>
    public async Task<long> PurgeAsync(CancellationToken cancellationToken)
    {
        var gone = 0L;
        foreach (var id in await catalog.ReadAsync(table.ListUnpurged, cancellationToken))
        {
            gone += await PurgeAsync(id, cancellationToken);
        }

        if (gone > 0)
        {
            freed.Raise();
        }

        return gone;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await TryAsync(stoppingToken);
                using var awake = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(Task.Delay(settings.Seconds(SettingList.SweepSeconds), clock, awake.Token), _raised.Reader.ReadAsync(awake.Token).AsTask());
                await awake.CancelAsync();
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start goes on.
        }
    }

    private async Task TryAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await PurgeAsync(stoppingToken) is > 0 and var gone)
            {
                LogPurged(gone);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The next time may fare better; the server goes on.
            LogFailed(exception);
        }
    }

    private async Task<long> PurgeAsync(long id, CancellationToken cancellationToken)
    {
        var gone = await RepeatAsync(session => DeleteFiles(session, id), cancellationToken);
        gone += await RepeatAsync(session => DropWaiting(session, id), cancellationToken);
        for (var kind = 0; kind < DeletionTable.RemainKinds; kind++)
        {
            var one = kind;
            gone += await RepeatAsync(session => table.DeleteSome(session, one, id, Batch), cancellationToken);
        }

        await catalog.WriteAsync(
            session =>
            {
                table.Purged(session, id);
                return true;
            },
            cancellationToken);
        return gone;
    }

    private async Task<long> RepeatAsync(Func<CatalogSession, int> some, CancellationToken cancellationToken)
    {
        var gone = 0L;
        while (await catalog.WriteAsync(some, cancellationToken) is > 0 and var count)
        {
            gone += count;
        }

        return gone;
    }

    /// <summary>Names and links go; bytes that nobody shows any more are queued for the sweep in the same transaction.</summary>
    private int DeleteFiles(CatalogSession session, long id)
    {
        var some = files.List(session, id, folderId: null, new ArrivalWindow()).Take(Batch).ToList();
        foreach (var file in some)
        {
            files.Delete(session, file);
            blobs.DropReference(session, id, file.BlobId);
        }

        accounts.Settle(session, id, reserved: 0, used: -some.Sum(file => file.Length));
        return some.Count;
    }

    private int DropWaiting(CatalogSession session, long id)
    {
        var some = ftp.ListFiles(session, id, Batch);
        foreach (var file in some)
        {
            waiting.Drop(session, file);
        }

        return some.Count;
    }

    [LoggerMessage(LogLevel.Information, "Removed {Rows} rows that deleted accounts had left")]
    private partial void LogPurged(long rows);

    [LoggerMessage(LogLevel.Error, "What deleted accounts left could not be removed; it is tried again later")]
    private partial void LogFailed(Exception exception);
}
