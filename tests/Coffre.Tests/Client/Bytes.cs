using Coffre.Client.Testing;
using System.Net;
using System.Net.Http.Headers;

namespace Coffre.Tests.Client;

/// <summary>What a right server answers to a request for the bytes of a file, and how connections break.</summary>
internal static class Bytes
{
    /// <summary>The range that was asked for; cut, or standing still, after some bytes of body.</summary>
    public static HttpResponseMessage Serve(byte[] content, FakeRequest asked, int cutAfter = int.MaxValue, string tag = "\"v1\"", int hangAfter = int.MaxValue)
    {
        var from = (int)(asked.Request.Headers.Range?.Ranges.Single().From ?? 0);
        var to = (int)(asked.Request.Headers.Range?.Ranges.Single().To ?? (content.Length - 1));
        var length = to - from + 1;
        var answer = new HttpResponseMessage(asked.Request.Headers.Range is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent)
        {
            Content = new StreamContent(new CutStream(content.AsMemory(from, Math.Min(length, cutAfter)), isCut: cutAfter < length, hangAfter)),
        };
        answer.Content.Headers.ContentLength = length;
        if (asked.Request.Headers.Range is not null)
        {
            answer.Content.Headers.ContentRange = new ContentRangeHeaderValue(from, to, content.Length);
        }

        answer.Headers.ETag = new EntityTagHeaderValue(tag);
        return answer;
    }

    /// <summary>Gives its bytes in small pieces, then ends, or breaks as a connection does.</summary>
    private sealed class CutStream(ReadOnlyMemory<byte> bytes, bool isCut, int hangAfter) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var length = Math.Min(Math.Min(count, 50_000), bytes.Length - _position);
            if (length == 0 && isCut)
            {
                throw new IOException("The response ended prematurely.");
            }

            bytes.Slice(_position, length).CopyTo(buffer.AsMemory(offset));
            _position += length;
            return length;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_position >= hangAfter)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            var some = new byte[Math.Min(buffer.Length, hangAfter - _position)];
            var read = Read(some, 0, some.Length);
            some.AsSpan(0, read).CopyTo(buffer.Span);
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
