using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>One blob on its way to the disk: a file in staging, then a name among the blobs.</summary>
/// <remarks>The order of a commit is the promise of the store: bytes, sync of the file, name, sync of the folder. See <c>docs/storage.md</c>.</remarks>
internal sealed class DiskBlobWriter : IBlobWriter
{
    private readonly DiskBlobStore _store;
    private readonly IDiskCalls _calls;
    private readonly BlobId _id;
    private readonly long _announced;
    private readonly long _reserved;
    private readonly SafeFileHandle _file;
    private readonly BlockPump _pump;
    private Block _block = new();
    private bool _closed;
    private bool _hasStagingFile = true;

    /// <summary>Opens the staging file.</summary>
    /// <exception cref="IOException">The disk refused; nothing is left of the attempt.</exception>
    public DiskBlobWriter(DiskBlobStore store, BlobId id, long? announced)
    {
        _store = store;
        _calls = store.Options.Calls;
        _id = id;
        _announced = announced ?? 0;
        _file = _calls.CreateFile(store.Paths.StagingFile(id));
        try
        {
            _reserved = Preallocate();
        }
        catch
        {
            DropStagingFile();
            throw;
        }

        _pump = new BlockPump(_calls, _file);
    }

    public long Length { get; private set; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        cancellationToken.ThrowIfCancellationRequested();
        while (true)
        {
            // First, because a cancelled write may have left a full block behind.
            if (_block.IsFull)
            {
                await SendBlockAsync(cancellationToken);
            }

            if (bytes.IsEmpty)
            {
                return;
            }

            var taken = _block.Take(bytes.Span, _announced - Length);
            bytes = bytes[taken..];
            Length += taken;
        }
    }

    public async ValueTask<KeptBlob> CommitAsync(CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        _closed = true;
        try
        {
            var checksum = await FinishStagingAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();

            // From the name on there is no way back: whoever hangs up now must not undo what others may already see.
            await GiveNameAsync();
            return new KeptBlob(_id, Length, checksum);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            await DisposeAsync();
            throw DiskTrouble.Translate(exception, "keep the blob");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _pump.DisposeAsync();
        _block.Return();
        DropStagingFile();
    }

    private long Preallocate()
    {
        var reserved = Math.Min(_announced, _store.Options.PreallocationLimit);
        if (reserved <= Block.Size)
        {
            // One write: the file system places it well by itself.
            return 0;
        }

        _calls.Preallocate(_file, reserved);
        return reserved;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendBlockAsync(CancellationToken cancellationToken)
    {
        try
        {
            _block = await _pump.ExchangeAsync(_block, cancellationToken);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            // At once, not at disposal: on a full disk the room is wanted now.
            await DisposeAsync();
            throw DiskTrouble.Translate(exception, "write the blob");
        }
    }

    private async ValueTask<byte[]> FinishStagingAsync(CancellationToken cancellationToken)
    {
        var checksum = await _pump.FinishAsync(_block);
        _block.Return();
        if (Length < _reserved)
        {
            _calls.Trim(_file, Length);
        }

        _calls.SetDate(_file, _store.Clock.GetUtcNow());
        Reached(CommitStep.AfterStagingWrite);
        cancellationToken.ThrowIfCancellationRequested();
        if (_store.IsStrict)
        {
            await _store.Threads.RunAsync(() => _calls.SyncFile(_file));
            Reached(CommitStep.AfterFileSync);
        }

        return checksum;
    }

    private async ValueTask GiveNameAsync()
    {
        _file.Dispose();
        var place = _store.Paths.Blob(_id);
        _store.Folders.Prepare(_id);
        _calls.Rename(_store.Paths.StagingFile(_id), place);
        _hasStagingFile = false;
        Reached(CommitStep.AfterRename);
        if (_store.IsStrict)
        {
            await SyncNameAsync(place);
            Reached(CommitStep.AfterFolderSync);
        }

        _store.Forget(_id);
    }

    private async ValueTask SyncNameAsync(string place)
    {
        try
        {
            await _store.Folders.SyncAsync(_id);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            // The caller will hear that nothing was kept; a blob that stayed would only be an orphan for the sweep.
            Attempt(() => _calls.Delete(place));
            _store.Forget(_id);
            throw;
        }
    }

    private void DropStagingFile()
    {
        _file.Dispose();
        if (_hasStagingFile)
        {
            _hasStagingFile = false;
            Attempt(() => _calls.Delete(_store.Paths.StagingFile(_id)));
            _store.Forget(_id);
        }
    }

    /// <summary>Cleans up as far as the disk allows: what stays is in staging or an orphan, and both have their sweep.</summary>
    private static void Attempt(Action cleaning)
    {
        try
        {
            cleaning();
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
        }
    }

    private void Reached(CommitStep step) => _store.Options.StepReached?.Invoke(step);

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new InvalidOperationException("The writer was committed, failed or was disposed: nothing can be added to the blob.");
        }
    }
}
