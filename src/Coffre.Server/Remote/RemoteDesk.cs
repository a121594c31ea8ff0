using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Settings;

namespace Coffre.Server.Remote;

/// <summary>Takes requests and tells what became of them.</summary>
internal sealed class RemoteDesk(
    CatalogStore catalog, RemoteTable table, PlaceFinder places, FileTable files, RemoteSignal signal, ServerSettings settings, TimeProvider clock)
{
    private const int MostListed = 10_000;
    private readonly bool _isOn = settings.Flag(RemoteSettings.Enabled);
    private readonly TimeSpan _keep = settings.Seconds(RemoteSettings.KeepSeconds);
    private readonly int _maxUrls = settings.Int(RemoteSettings.Urls);
    private readonly long _maxWaiting = settings.Number(RemoteSettings.Waiting);

    public Fault? OffFault => _isOn ? null : new Fault(KoCode.RemoteOff);

    public async ValueTask<Outcome<RemoteRequest>> RequestAsync(
        Reach reach, IReadOnlyList<string> urls, long folderId, IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken)
    {
        if (urls.Count == 0)
        {
            return new Fault(KoCode.MissingParameter, "urls");
        }

        if (urls.Count > _maxUrls)
        {
            return new Fault(KoCode.TooManyItems, $"at most {_maxUrls} URLs in one request");
        }

        for (var i = 0; i < urls.Count; i++)
        {
            if (!SourceUrl.TryRead(urls[i], out _))
            {
                return new Fault(KoCode.BadParameter, $"urls[{i}] is no http, https or ftp URL");
            }
        }

        var made = await catalog.WriteAsync<Outcome<RemoteRequest>>(
            session =>
            {
                var accountId = reach.AccountId;
                var place = places.FindWritable(session, reach, folderId);
                if (place.IsFault)
                {
                    return place.Fault;
                }

                table.DeleteOld(session, clock.GetUtcNow() - _keep);
                return table.CountOpen(session, accountId) + urls.Count > _maxWaiting
                    ? new Fault(KoCode.TooManyRemotes, $"at most {_maxWaiting} URLs may wait")
                    : table.Insert(session, accountId, folderId, headers, urls);
            },
            cancellationToken);
        if (!made.IsFault)
        {
            signal.Raise();
        }

        return made;
    }

    public ValueTask<IReadOnlyList<RemoteRequest>> ListAsync(long accountId, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => table.List(session, accountId, MostListed), cancellationToken);

    public ValueTask<Outcome<RemoteView>> ShowAsync(long accountId, long id, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<RemoteView>>(
            session =>
            {
                if (table.Find(session, accountId, id) is not { } request)
                {
                    return new Fault(KoCode.NoSuchRemote);
                }

                var urls = table.ListUrls(session, accountId, id);
                return new RemoteView(request, [.. urls.Select(url => (url, url.Link is null ? null : files.FindByLink(session, url.Link)))]);
            },
            cancellationToken);
}

/// <summary>A request and its URLs, each with the file that came of it, if that is still there.</summary>
internal sealed record RemoteView(RemoteRequest Request, IReadOnlyList<(RemoteUrl Url, FileRow? File)> Urls);
