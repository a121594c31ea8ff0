using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Coffre.Protocol;

namespace Coffre.Server.Uploads;

/// <summary>Reads <c>multipart/form-data</c> (RFC 7578) from a pipe, part by part, each byte once, in bounded memory.</summary>
/// <remarks>
/// The delimiter is searched with the vectorised search of spans; only the few bytes where two buffers meet are copied. A
/// body that ends before its last boundary, or has too many or too large headers, is a <see cref="MultipartException"/>.
/// </remarks>
internal sealed class MultipartBody
{
    private const int MaxHeaderBytes = 16 * 1024;
    private readonly PipeReader _input;
    private readonly byte[] _delimiter;
    private readonly int _maxParts;
    private int _parts;
    private State _state = State.Preamble;
    private SequencePosition? _consumeTo;
    private bool _consumedAll;
    private SequencePosition _bufferEnd;

    /// <param name="input">The request's body.</param>
    /// <param name="boundary">As the header gives it, without quotes.</param>
    /// <param name="maxParts">More parts than this are refused.</param>
    public MultipartBody(PipeReader input, string boundary, int maxParts)
    {
        _input = input;
        _delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        _maxParts = maxParts;
    }

    private enum State
    {
        Preamble,
        Data,
        AfterDelimiter,
        End,
    }

    /// <summary>Passes over what is left of the current part and reads the headers of the next; null after the last.</summary>
    public async ValueTask<MultipartPart?> NextPartAsync(CancellationToken cancellationToken)
    {
        if (_state == State.Preamble)
        {
            await SkipPreambleAsync(cancellationToken);
        }

        while (_state == State.Data)
        {
            await ReadAsync(cancellationToken);
        }

        if (_state == State.End || await IsLastAsync(cancellationToken))
        {
            _state = State.End;
            return null;
        }

        if (++_parts > _maxParts)
        {
            throw new MultipartException(KoCode.UploadTooManyParts, $"at most {_maxParts}");
        }

        var part = await ReadHeadersAsync(cancellationToken);
        _state = State.Data;
        return part;
    }

    /// <summary>The next bytes of the current part, valid until the next call; empty at its end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        Release();
        while (_state == State.Data)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var index = DelimiterSearch.Find(buffer, _delimiter);
            if (index == 0)
            {
                _input.AdvanceTo(buffer.GetPosition(_delimiter.Length));
                _state = State.AfterDelimiter;
                break;
            }

            // Without a delimiter in sight, all but a possible beginning of one is data.
            var length = index ?? buffer.Length - (_delimiter.Length - 1);
            if (index is null && read.IsCompleted)
            {
                _input.AdvanceTo(buffer.End);
                throw new MultipartException(KoCode.UploadTruncated);
            }

            if (length > 0)
            {
                var data = buffer.Slice(0, length);
                _consumeTo = data.End;
                _consumedAll = index is null;
                _bufferEnd = buffer.End;
                return data;
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
        }

        return ReadOnlySequence<byte>.Empty;
    }

    /// <summary>The rest of the current part as text.</summary>
    /// <param name="most">Longer text is refused.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    public async ValueTask<string> ReadTextAsync(int most, CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>();
        while (true)
        {
            var data = await ReadAsync(cancellationToken);
            if (data.IsEmpty)
            {
                return Encoding.UTF8.GetString(text.WrittenSpan);
            }

            if (text.WrittenCount + data.Length > most)
            {
                throw new MultipartException(KoCode.UploadHeadersTooLarge, $"text fields have at most {most} bytes together");
            }

            foreach (var segment in data)
            {
                text.Write(segment.Span);
            }
        }
    }

    /// <summary>Gives the bytes of the last <see cref="ReadAsync"/> back to the pipe, so that others may read on.</summary>
    public void Release()
    {
        if (_consumeTo is { } position)
        {
            // When no delimiter was in sight, there is nothing to look at again before more arrives.
            _input.AdvanceTo(position, _consumedAll ? _bufferEnd : position);
            _consumeTo = null;
        }
    }

    private async ValueTask SkipPreambleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;

            // The first delimiter has no line end before it when the body begins with it.
            var bare = _delimiter.Length - 2;
            if (buffer.Length >= bare && StartsWith(buffer, _delimiter.AsSpan(2)))
            {
                _input.AdvanceTo(buffer.GetPosition(bare));
                _state = State.AfterDelimiter;
                return;
            }

            if (DelimiterSearch.Find(buffer, _delimiter) is { } index)
            {
                _input.AdvanceTo(buffer.GetPosition(index + _delimiter.Length));
                _state = State.AfterDelimiter;
                return;
            }

            if (read.IsCompleted || buffer.Length > MaxHeaderBytes)
            {
                _input.AdvanceTo(buffer.Start, buffer.End);
                throw new MultipartException(KoCode.UploadNotMultipart, "the boundary of the Content-Type header does not begin the body");
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Whether <c>--</c> stands behind the delimiter: then it was the last.</summary>
    private async ValueTask<bool> IsLastAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellationToken);
            if (read.Buffer.Length >= 2)
            {
                var isLast = StartsWith(read.Buffer, "--"u8);
                _input.AdvanceTo(isLast ? read.Buffer.GetPosition(2) : read.Buffer.Start);
                return isLast;
            }

            _input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                throw new MultipartException(KoCode.UploadTruncated);
            }
        }
    }

    private async ValueTask<MultipartPart> ReadHeadersAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            var end = DelimiterSearch.Find(buffer, "\r\n\r\n"u8);
            if ((end ?? buffer.Length) > MaxHeaderBytes)
            {
                _input.AdvanceTo(buffer.End);
                throw new MultipartException(KoCode.UploadHeadersTooLarge, $"at most {MaxHeaderBytes} bytes");
            }

            if (end is { } length)
            {
                var headers = buffer.Slice(0, length).ToArray();

                // The last line end stays: it may be the first half of the delimiter of an empty part.
                _input.AdvanceTo(buffer.GetPosition(length + 2));
                var part = MultipartPart.Parse(headers);
                await SkipLineEndAsync(cancellationToken);
                return part;
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                throw new MultipartException(KoCode.UploadTruncated);
            }
        }
    }

    /// <summary>Passes over the line end that closes the headers, unless it begins a delimiter (a part without a body line).</summary>
    private async ValueTask SkipLineEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await _input.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.Length >= _delimiter.Length || read.IsCompleted)
            {
                _input.AdvanceTo(StartsWith(buffer, _delimiter) ? buffer.Start : buffer.GetPosition(Math.Min(2, buffer.Length)));
                return;
            }

            _input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool StartsWith(ReadOnlySequence<byte> buffer, ReadOnlySpan<byte> start)
    {
        if (buffer.Length < start.Length)
        {
            return false;
        }

        Span<byte> head = stackalloc byte[start.Length];
        buffer.Slice(0, start.Length).CopyTo(head);
        return head.SequenceEqual(start);
    }
}

/// <summary>The body is not the multipart form that it claims to be.</summary>
internal sealed class MultipartException(KoCode code, string? detail = null) : Exception(code.ToString())
{
    public KoCode Code { get; } = code;

    public string? Detail { get; } = detail;
}
