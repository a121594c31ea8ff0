namespace Coffre.Storage.Local.Segments;

/// <summary>One blob on its way in that may be small: it waits in memory, and goes to a file of its own once it turns out not to be.</summary>
internal sealed class SmallBlobWriter(DiskBlobStore store, BlobId id, long? announced) : IBlobWriter
{
    private readonly Block _block = new();
    private IBlobWriter? _file;
    private bool _closed;

    public long Length => _file?.Length ?? _block.Count;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_file is not null)
        {
            return _file.WriteAsync(bytes, cancellationToken);
        }

        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        if (_block.Count + bytes.Length > store.Options.SmallBlobLimit)
        {
            return OutgrowAsync(bytes, cancellationToken);
        }

        _block.Take(bytes.Span, Math.Min(announced ?? 0, store.Options.SmallBlobLimit) - _block.Count);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<KeptBlob> CommitAsync(CancellationToken cancellationToken)
    {
        if (_file is not null)
        {
            return await _file.CommitAsync(cancellationToken);
        }

        ThrowIfClosed();
        _closed = true;
        var length = _block.Count;
        try
        {
            // Its group may be on its way at once: from here on there is no way back.
            cancellationToken.ThrowIfCancellationRequested();
            return new KeptBlob(id, length, await store.Small.KeepAsync(id, _block.Bytes, store.Clock.GetUtcNow()));
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            throw DiskTrouble.Translate(exception, "keep the blob");
        }
        finally
        {
            _block.Return();
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_file is not null)
        {
            return _file.DisposeAsync();
        }

        _closed = true;
        _block.Return();
        return ValueTask.CompletedTask;
    }

    private async ValueTask OutgrowAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            _file = store.BeginFile(id, announced);
        }
        catch (StorageException)
        {
            await DisposeAsync();
            throw;
        }

        try
        {
            // Not to be given up: these bytes were taken.
            await _file.WriteAsync(_block.Bytes, CancellationToken.None);
        }
        finally
        {
            _block.Return();
        }

        await _file.WriteAsync(bytes, cancellationToken);
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new InvalidOperationException("The writer was committed, failed or was disposed: nothing can be added to the blob.");
        }
    }
}
