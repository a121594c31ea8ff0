using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Settings;
using Coffre.Storage;

namespace Coffre.Server.Scan;

/// <summary>Has files scanned, remembers the results, removes what is infected where the operator wants that.</summary>
internal sealed class ScanDesk(
    LinkResolver resolver, CatalogStore catalog, IBlobStore store, ScanTable table, FileDesk files, ClamdClient clamd, ServerSettings settings, TimeProvider clock)
    : IDisposable
{
    private readonly SemaphoreSlim _room = new(settings.Int(ScanSettings.Parallel));
    private readonly long _largest = settings.Bytes(ScanSettings.FileBytes);
    private readonly TimeSpan _cache = settings.Seconds(ScanSettings.CacheSeconds);
    private readonly bool _deletes = settings.Flag(ScanSettings.Delete);

    public void Dispose() => _room.Dispose();

    /// <summary>The result for a file that the asker may read, from now or from a while ago; a virus is a fault.</summary>
    /// <returns>When it was scanned; null if that was just now.</returns>
    public async ValueTask<Outcome<DateTimeOffset?>> ScanAsync(string? url, Asker asker, CancellationToken cancellationToken)
    {
        if (!clamd.IsThere)
        {
            return new Fault(KoCode.ScanOff);
        }

        var found = await resolver.ResolveAsync(new FileAddress(url ?? ""), asker, cancellationToken);
        if (found.IsFault)
        {
            return found.Fault;
        }

        var file = found.Value.File;
        if (file.Length > _largest)
        {
            return new Fault(KoCode.ScanTooLarge, $"at most {ByteCount.Format(_largest)}");
        }

        var cached = await catalog.ReadAsync(session => table.Find(session, file.BlobId, clock.GetUtcNow() - _cache), cancellationToken);
        var result = cached ?? await ScanAsync(file, cancellationToken);
        if (result.IsFault)
        {
            return result.Fault;
        }

        if (result.Value.Virus is not { } virus)
        {
            return cached?.ScannedAt;
        }

        var isRemoved = _deletes && found.Value.IsOwn
            && !(await files.RemoveAsync(asker.Caller!, [(url, null)], CancellationToken.None)).IsFault;
        return new Fault(KoCode.VirusFound, isRemoved ? $"{virus}; the file was removed" : virus);
    }

    private async ValueTask<Outcome<ScanResult>> ScanAsync(FileRow file, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        try
        {
            await using var bytes = await store.OpenAsync(file.BlobId, new ByteRange(0, file.Length), cancellationToken);
            if (bytes is null)
            {
                return new Fault(KoCode.NotFound);
            }

            var (answer, virus) = await clamd.ScanAsync(bytes, cancellationToken);
            switch (answer)
            {
                case ClamdAnswer.TooLarge:
                    return new Fault(KoCode.ScanTooLarge);
                case ClamdAnswer.Failed:
                    return new Fault(KoCode.ScanFailed);
            }

            var result = new ScanResult(virus, clock.GetUtcNow());
            await catalog.WriteAsync(
                session =>
                {
                    table.DeleteOlder(session, result.ScannedAt - _cache);
                    table.Put(session, file.BlobId, result);
                    return true;
                },
                CancellationToken.None);
            return result;
        }
        finally
        {
            _room.Release();
        }
    }
}
