using System.Runtime.CompilerServices;

namespace Coffre.Storage.Memory;

/// <summary>Keeps blobs in memory, by the same contract as the disk: for tests and for trying the server out.</summary>
/// <param name="clock">Dates the blobs.</param>
/// <param name="capacity">Most bytes that are kept, committed or not; past them the store is full, as a disk would be.</param>
public sealed class MemoryBlobStore(TimeProvider clock, long capacity = MemoryBlobStore.DefaultCapacity) : IBlobStore
{
    /// <summary>1 GiB.</summary>
    public const long DefaultCapacity = 1L << 30;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<BlobId, Kept> _blobs = [];
    private long _used;

    public ValueTask<IBlobWriter> BeginAsync(long? expectedLength, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<IBlobWriter>(new MemoryBlobWriter(this, BlobId.New(clock)));
    }

    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Find(id)?.Info);
    }

    public ValueTask<Stream?> OpenAsync(BlobId id, ByteRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Find(id) is not { } blob)
        {
            return ValueTask.FromResult<Stream?>(null);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, blob.Info.Length, nameof(range));
        return ValueTask.FromResult<Stream?>(new MemoryStream(blob.Bytes, (int)range.Start, (int)range.Length, writable: false));
    }

    public ValueTask<bool> PurgeAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (!_blobs.Remove(id, out var blob))
            {
                return ValueTask.FromResult(false);
            }

            _used -= blob.Info.Length;
            return ValueTask.FromResult(true);
        }
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(BlobId? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var blob in Snapshot(after))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return blob;
        }
    }

    /// <summary>Nothing outlives the process, so an earlier one has left nothing.</summary>
    public ValueTask<int> PurgeStagingAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(0);
    }

    /// <summary>Takes room for bytes that arrive.</summary>
    internal void Reserve(long length)
    {
        lock (_gate)
        {
            if (_used + length > capacity)
            {
                throw new StorageException(StorageTrouble.Full, $"The store holds at most {capacity} bytes.");
            }

            _used += length;
        }
    }

    internal void Release(long length)
    {
        lock (_gate)
        {
            _used -= length;
        }
    }

    internal void Keep(BlobId id, byte[] bytes)
    {
        var info = new BlobInfo(id, bytes.Length, clock.GetUtcNow());
        lock (_gate)
        {
            _blobs.Add(id, new Kept(info, bytes));
        }
    }

    private Kept? Find(BlobId id)
    {
        lock (_gate)
        {
            return _blobs.GetValueOrDefault(id);
        }
    }

    private List<BlobInfo> Snapshot(BlobId? after)
    {
        lock (_gate)
        {
            return [.. _blobs.Values.Select(blob => blob.Info).Where(info => after is null || info.Id > after)];
        }
    }

    private sealed record Kept(BlobInfo Info, byte[] Bytes);
}
