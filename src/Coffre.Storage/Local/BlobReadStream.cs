using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>Reads one range of a blob's file. Holds no buffer: what is asked for is read into the caller's memory.</summary>
internal sealed class BlobReadStream(SharedFile file, BlobId id, ByteRange range) : Stream, IFileRun
{
    private long _position;
    private bool _closed;

    public override bool CanRead => !_closed;

    public override bool CanSeek => !_closed;

    public override bool CanWrite => false;

    public override long Length => range.Length;

    public SafeFileHandle File => file.Handle;

    public long FileOffset => range.Start + _position;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        buffer = buffer[..Wanted(buffer.Length)];
        try
        {
            return Advance(buffer.IsEmpty ? 0 : RandomAccess.Read(file.Handle, buffer, FileOffset), buffer.Length);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            throw DiskTrouble.Translate(exception, "read the blob");
        }
    }

    /// <remarks>
    /// Read on the caller's thread. The framework would have another thread of the pool wait for the disk in its place, and
    /// where the file is in the page cache, that hand-over costs more than the read.
    /// </remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        SeekOrigin.End => range.Length + offset,
        _ => throw new ArgumentOutOfRangeException(nameof(origin)),
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("A blob never changes.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A blob never changes.");

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_closed)
        {
            _closed = true;
            file.Release();
        }

        base.Dispose(disposing);
    }

    private int Wanted(int room)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        return (int)Math.Min(room, Math.Max(0, range.Length - _position));
    }

    private int Advance(int read, int wanted)
    {
        // The file was this long when it was opened and blobs never shrink: ending quietly would serve a torn file as a whole one.
        if (read == 0 && wanted > 0)
        {
            throw new StorageException(StorageTrouble.Corrupt, $"The file of blob {id} is shorter than it was.");
        }

        _position += read;
        return read;
    }
}
