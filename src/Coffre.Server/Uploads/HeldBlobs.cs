using System.Collections.Concurrent;
using Coffre.Server.Housekeeping;
using Coffre.Storage;

namespace Coffre.Server.Uploads;

/// <summary>Blobs that no sweep may take for orphans: the rest of their upload is on its way, however long that lasts, or nobody knows whether their naming counts.</summary>
internal sealed class HeldBlobs(FreedSignal freed)
{
    private readonly ConcurrentDictionary<BlobId, bool> _isInDoubt = new();

    public void Hold(BlobId id) => _isInDoubt[id] = false;

    public void Release(BlobId id) => _isInDoubt.TryRemove(id, out _);

    public bool Has(BlobId id) => _isInDoubt.ContainsKey(id);

    /// <summary>Hands blobs over to the sweep, whose naming ended with <see cref="Catalog.CommitUnknownException"/>: it lets go of them once the catalog can be asked.</summary>
    public void Doubt(IEnumerable<BlobId> ids)
    {
        foreach (var id in ids)
        {
            _isInDoubt[id] = true;
        }

        freed.Raise();
    }

    public IReadOnlyList<BlobId> ListDoubtful() => [.. _isInDoubt.Where(static one => one.Value).Select(static one => one.Key)];
}
