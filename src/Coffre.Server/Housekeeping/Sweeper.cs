using Coffre.Server.Catalog;
using Coffre.Server.Files;
using Coffre.Server.Ftp;
using Coffre.Server.Settings;
using Coffre.Server.Uploads;
using Coffre.Storage;

namespace Coffre.Server.Housekeeping;

/// <summary>Takes away what nobody can reach any more: expired tickets and reports, bytes whose last name went, bytes that never got one.</summary>
internal sealed class Sweeper(CatalogStore catalog, IBlobStore store, HeldBlobs held, UploadTable uploads, BlobTable blobs, WaitingFiles waiting, ServerSettings settings, TimeProvider clock)
    : IDisposable
{
    private const int Batch = 500;

    // One sweep at a time: two would only do each other's work again.
    private readonly SemaphoreSlim _one = new(1);

    public void Dispose() => _one.Dispose();

    /// <summary>Everything at once.</summary>
    /// <param name="orphanAge">How old bytes without a name must be; younger ones may belong to an upload on its way.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    public async Task<SweepReport> SweepAsync(TimeSpan orphanAge, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var before = clock.GetUtcNow() - orphanAge;
            await catalog.WriteAsync(waiting.DropOld, cancellationToken);
            return new SweepReport(
                await catalog.WriteAsync(uploads.DeleteExpired, cancellationToken),
                await PurgeAllQueuedAsync(cancellationToken),
                await PurgeDoubtfulAsync(cancellationToken) + await PurgeOrphansAsync(before, cancellationToken),
                await store.PurgeStagingAsync(before, cancellationToken));
        }
        finally
        {
            _one.Release();
        }
    }

    public Task<SweepReport> SweepAsync(CancellationToken cancellationToken) =>
        SweepAsync(settings.Seconds(SettingList.OrphanSeconds), cancellationToken);

    /// <summary>Bytes of which somebody said that they may go now: those that lost their last name, and those whose naming failed.</summary>
    public async Task<SweepReport> SweepFreedAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return new SweepReport(0, await PurgeAllQueuedAsync(cancellationToken), await PurgeDoubtfulAsync(cancellationToken), 0);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<int> PurgeAllQueuedAsync(CancellationToken cancellationToken)
    {
        var purged = 0;
        while (true)
        {
            var queued = await catalog.ReadAsync(session => blobs.ListPurgeable(session, Batch), cancellationToken);
            foreach (var id in queued)
            {
                // The name went before; now the bytes may go, and only then is it forgotten that they were to go.
                await store.PurgeAsync(id, cancellationToken);
                purged++;
            }

            if (queued.Count == 0)
            {
                return purged;
            }

            await catalog.WriteAsync(
                session =>
                {
                    foreach (var id in queued)
                    {
                        blobs.ForgetPurged(session, id);
                    }

                    return true;
                },
                cancellationToken);
        }
    }

    /// <summary>Bytes whose naming ended with a commit of unknown fate: a later one makes it known.</summary>
    private async Task<int> PurgeDoubtfulAsync(CancellationToken cancellationToken)
    {
        var doubtful = held.ListDoubtful();
        if (doubtful.Count == 0)
        {
            return 0;
        }

        // As long as this fails nothing is known, and they stay.
        await catalog.WriteAsync(static _ => true, cancellationToken);
        var purged = 0;
        foreach (var id in doubtful)
        {
            if (!await catalog.ReadAsync(session => blobs.IsKnown(session, id), cancellationToken) && await store.PurgeAsync(id, cancellationToken))
            {
                purged++;
            }

            held.Release(id);
        }

        return purged;
    }

    /// <summary>Bytes that were kept, but whose upload never came to name them: the process died in between.</summary>
    private async Task<int> PurgeOrphansAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var purged = 0;
        await foreach (var blob in store.ListAsync(after: null, cancellationToken))
        {
            // Asked in this order: what is released after it was named is known by then.
            if (blob.CreatedAt < before
                && !held.Has(blob.Id)
                && !await catalog.ReadAsync(session => blobs.IsKnown(session, blob.Id), cancellationToken)
                && await store.PurgeAsync(blob.Id, cancellationToken))
            {
                purged++;
            }
        }

        return purged;
    }
}

/// <summary>What a sweep took away.</summary>
/// <param name="Uploads">Expired tickets and reports.</param>
/// <param name="Removed">Blobs of removed files.</param>
/// <param name="Orphans">Blobs that never got a name.</param>
/// <param name="Staging">Unfinished writes of earlier processes.</param>
internal sealed record SweepReport(int Uploads, int Removed, int Orphans, int Staging);
