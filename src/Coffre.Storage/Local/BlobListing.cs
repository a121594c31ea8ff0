namespace Coffre.Storage.Local;

/// <summary>Reads ids out of the tree and the segments in their order, although neither is in that order.</summary>
/// <remarks>
/// Each walk over the tree keeps the lowest <paramref name="batch"/> ids after the cursor, so memory is bounded however large the store is; a
/// store with several times as many blobs is walked several times.
/// </remarks>
internal sealed class BlobListing(BlobPaths paths, Func<IEnumerable<BlobId>> smallBlobs, int batch)
{
    // Neither links nor what an administrator hid there belong to the store; a folder that vanishes under the walk had no blobs.
    private static readonly EnumerationOptions FilesOfTheTree = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 2,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    public IReadOnlyList<BlobId> Read(BlobId? after, CancellationToken cancellationToken)
    {
        // Highest first, so that the one to give up when a lower one comes is at the head.
        var lowest = new PriorityQueue<BlobId, BlobId>(Comparer<BlobId>.Create((left, right) => right.CompareTo(left)));
        foreach (var id in FilesOfTheirOwn().Concat(smallBlobs()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (id <= after)
            {
                continue;
            }

            if (lowest.Count < batch)
            {
                lowest.Enqueue(id, id);
            }
            else
            {
                lowest.EnqueueDequeue(id, id);
            }
        }

        var ordered = new BlobId[lowest.Count];
        for (var i = ordered.Length - 1; i >= 0; i--)
        {
            ordered[i] = lowest.Dequeue();
        }

        return ordered;
    }

    private IEnumerable<BlobId> FilesOfTheirOwn()
    {
        foreach (var path in Directory.EnumerateFiles(paths.Blobs, "*", FilesOfTheTree))
        {
            if (paths.TryReadBlobPath(path, out var id))
            {
                yield return id;
            }
        }
    }
}
