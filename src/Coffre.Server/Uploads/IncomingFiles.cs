using Coffre.Storage;

namespace Coffre.Server.Uploads;

/// <summary>Files of one upload whose bytes are kept but which have no name yet. Disposed before they are named, they are purged.</summary>
internal sealed class IncomingFiles(IBlobStore store, HeldBlobs held) : IAsyncDisposable
{
    private readonly List<(string Name, KeptBlob Blob)> _files = [];
    private bool _named;

    public IReadOnlyList<(string Name, KeptBlob Blob)> Files => _files;

    public long Bytes { get; private set; }

    public void Add(string name, KeptBlob blob)
    {
        held.Hold(blob.Id);
        _files.Add((name, blob));
        Bytes += blob.Length;
    }

    /// <summary>The catalog refers to them now.</summary>
    public void Named() => _named = true;

    public async ValueTask DisposeAsync()
    {
        // Released first: what cannot be purged now is an orphan that a sweep may take.
        foreach (var (_, blob) in _files)
        {
            held.Release(blob.Id);
        }

        if (_named)
        {
            return;
        }

        foreach (var (_, blob) in _files)
        {
            await store.PurgeAsync(blob.Id, CancellationToken.None);
        }
    }
}
