using Coffre.Hashing;

namespace Coffre.Storage.Memory;

/// <summary>One blob on its way into memory.</summary>
internal sealed class MemoryBlobWriter(MemoryBlobStore store, BlobId id) : IBlobWriter
{
    private readonly MemoryStream _bytes = new();
    private bool _closed;

    public long Length { get; private set; }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // One array holds a blob here, so its length has the limit of arrays as well as that of the store.
            store.Reserve(Length + bytes.Length > Array.MaxLength ? long.MaxValue / 2 : bytes.Length);
        }
        catch (StorageException)
        {
            Close();
            throw;
        }

        _bytes.Write(bytes.Span);
        Length += bytes.Length;
        return ValueTask.CompletedTask;
    }

    public ValueTask<KeptBlob> CommitAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (cancellationToken.IsCancellationRequested)
        {
            Close();
            cancellationToken.ThrowIfCancellationRequested();
        }

        _closed = true;
        var bytes = _bytes.ToArray();
        store.Keep(id, bytes);
        return ValueTask.FromResult(new KeptBlob(id, bytes.Length, Whirlpool.HashData(bytes)));
    }

    public ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            Close();
        }

        return ValueTask.CompletedTask;
    }

    private void Close()
    {
        _closed = true;
        store.Release(Length);
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new InvalidOperationException("The writer was committed, failed or was disposed: nothing can be added to the blob.");
        }
    }
}
