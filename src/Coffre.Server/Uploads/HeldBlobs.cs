using System.Collections.Concurrent;
using Coffre.Storage;

namespace Coffre.Server.Uploads;

/// <summary>Blobs whose bytes are kept while the rest of their upload is on its way: no sweep takes them for orphans, however long that lasts.</summary>
internal sealed class HeldBlobs
{
    private readonly ConcurrentDictionary<BlobId, bool> _held = new();

    public void Hold(BlobId id) => _held[id] = true;

    public void Release(BlobId id) => _held.TryRemove(id, out _);

    public bool Has(BlobId id) => _held.ContainsKey(id);
}
