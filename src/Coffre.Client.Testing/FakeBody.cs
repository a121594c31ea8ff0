namespace Coffre.Client.Testing;

/// <summary>The bytes of an answer, which may end as those of a broken connection do.</summary>
internal sealed class FakeBody(ReadOnlyMemory<byte> bytes, long cutAfter) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var end = (int)Math.Min(bytes.Length, cutAfter);
        var count = Math.Min(buffer.Length, end - _position);
        if (count == 0 && buffer.Length > 0 && end < bytes.Length)
        {
            throw new IOException("The response ended prematurely.");
        }

        bytes.Span.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<int>(Read(buffer.Span));
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
