using System.Globalization;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;
using Coffre.Server.Settings;
using Coffre.Server.Uploads;
using Coffre.Storage;

namespace Coffre.Server.Remote;

/// <summary>Fetches one URL: tries, waits, goes on where it stopped, and in the end names the file or says why there is none.</summary>
internal sealed partial class RemoteJob(
    CatalogStore catalog, IBlobStore store, HeldBlobs held, RemoteTable table, AccountTable accounts, PlaceFinder places, Arrivals arrivals, TierRights rights,
    HttpSource http, FtpSource ftp, RemoteSignal signal, RemoteReport report, ServerSettings settings, TimeProvider clock, ILogger<RemoteJob> logger)
{
    private readonly int _tries = settings.Int(RemoteSettings.Tries);
    private readonly TimeSpan _wait = settings.Seconds(RemoteSettings.RetrySeconds);
    private readonly TimeSpan _limit = settings.Seconds(RemoteSettings.UrlSeconds);
    private readonly long _largest = settings.Bytes(RemoteSettings.FileBytes);

    /// <summary>Runs to the end of the URL; cancelled, the URL waits for the next start.</summary>
    public async Task RunAsync(RemoteRequest request, RemoteUrl url, CancellationToken cancellationToken)
    {
        try
        {
            await FetchAsync(request, url, cancellationToken);
        }
        catch (SourceException exception)
        {
            await FailAsync(url, exception.Message);
        }
        catch (StorageException exception)
        {
            LogBroken(exception, url.Key.RequestId);
            await FailAsync(url, KoCatalogue.Get(FullDisk.IsCauseOf(exception) ? KoCode.DiskFull : KoCode.InternalError).Text);
        }
        finally
        {
            signal.Ended(url.Key);
        }
    }

    private async Task FetchAsync(RemoteRequest request, RemoteUrl url, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(_limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var account = await catalog.ReadAsync(session => accounts.Find(session, request.AccountId)!, cancellationToken);
        if (account.Suspended)
        {
            throw SourceException.Final(KoCatalogue.Get(KoCode.AccountSuspended).Text);
        }

        var lease = await QuotaLease.OpenAsync(catalog, accounts, request.AccountId, announced: null, overhead: 0, cancellationToken);
        await using var quota = lease.Value;
        var largest = Math.Min(_largest, rights.LargestFile(account.Subscription.At(clock.GetUtcNow())));
        await using var body = new SourceBody(store, quota, largest, settings, clock);
        signal.Running(url.Key, body);
        var start = clock.GetTimestamp();
        try
        {
            var name = await TryAsync(request, new Uri(url.Url.Trim()), body, both.Token);
            await using var incoming = new IncomingFiles(store, held);
            incoming.Add(name, await body.CommitAsync(both.Token));
            await NameAsync(request, url, incoming, quota, clock.GetElapsedTime(start));
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw SourceException.Slow();
        }
    }

    private async Task<string> TryAsync(RemoteRequest request, Uri url, SourceBody body, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            try
            {
                return await (url.Scheme == "ftp" ? ftp.FetchAsync(url, body, cancellationToken) : http.FetchAsync(url, request.Headers, body, cancellationToken));
            }
            catch (SourceException exception) when (!exception.IsFinal && number < _tries)
            {
                LogAgain(request.Id, request.AccountId, SourceUrl.Shown(url), exception.Message, body.Length);
                await Task.Delay(_wait * (1L << Math.Min(number - 1, 20)), clock, cancellationToken);
            }
        }
    }

    private async Task NameAsync(RemoteRequest request, RemoteUrl url, IncomingFiles incoming, QuotaLease quota, TimeSpan took)
    {
        var (name, blob) = incoming.Files[0];
        var seconds = Math.Max(took.TotalSeconds, 0.001);
        var message = string.Create(
            CultureInfo.InvariantCulture, $"{ByteCount.Format(blob.Length)} in {seconds:0.###} s ({ByteCount.Format((long)(blob.Length / seconds))}/s)");
        var isNamed = await incoming.NameAsync(
            catalog,
            session =>
            {
                var wish = places.FindWritable(session, new Reach(request.AccountId), request.FolderId);
                var place = wish.IsFault ? new Place(request.AccountId, Folder.RootId, Grant.Owner) : wish.Value;
                if (quota.SettleAt(session, place.AccountId, blob.Length) is not null)
                {
                    place = new Place(request.AccountId, Folder.RootId, Grant.Owner);
                    quota.SettleAt(session, place.AccountId, blob.Length);
                }

                var file = arrivals.Add(session, new NewFile(place.AccountId, place.FolderId, name, blob));
                if (!table.End(session, url.Key, file.Link, message))
                {
                    throw new InvalidOperationException($"URL {url.Key.Sequence} of request {request.Id} had ended before.");
                }

                report.AddIfEnded(session, url.Key);
                return true;
            });
        quota.Settled();
        report.Raise();
        LogFetched(request.Id, request.AccountId, SourceUrl.Shown(new Uri(url.Url.Trim())), blob.Length, isNamed);
    }

    private async Task FailAsync(RemoteUrl url, string message)
    {
        await catalog.WriteAsync(
            session =>
            {
                table.End(session, url.Key, link: null, message);
                report.AddIfEnded(session, url.Key);
                return true;
            },
            CancellationToken.None);
        report.Raise();
        LogFailed(url.Key.RequestId, url.Key.AccountId, SourceUrl.Shown(new Uri(url.Url.Trim())), message);
    }

    [LoggerMessage(LogLevel.Information, "Remote request {RequestId} of account {AccountId}: fetched {Url}, {Bytes} bytes, named {IsNamed}")]
    private partial void LogFetched(long requestId, long accountId, string url, long bytes, bool isNamed);

    [LoggerMessage(LogLevel.Information, "Remote request {RequestId} of account {AccountId}: {Url} is tried again, {Reason}, {Bytes} bytes are there")]
    private partial void LogAgain(long requestId, long accountId, string url, string reason, long bytes);

    [LoggerMessage(LogLevel.Warning, "Remote request {RequestId} of account {AccountId}: {Url} failed, {Reason}")]
    private partial void LogFailed(long requestId, long accountId, string url, string reason);

    [LoggerMessage(LogLevel.Error, "Remote request {RequestId} found the store in trouble")]
    private partial void LogBroken(Exception exception, long requestId);
}
