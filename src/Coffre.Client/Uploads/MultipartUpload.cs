using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Coffre.Client.Bandwidth;
using Coffre.Client.Calls;
using Coffre.Hashing;

namespace Coffre.Client.Uploads;

/// <summary>The body of <c>upload.cgi</c>: fields, then files, streamed and digested while they are read.</summary>
/// <remarks>
/// The service's parser is strict: boundary unquoted in the header, names quoted, <c>Content-Disposition</c> the first header of
/// each part, no <c>filename*</c>, no content type on fields. <see cref="MultipartFormDataContent"/> does most of these otherwise.
/// </remarks>
internal sealed class MultipartUpload : HttpContent
{
    private readonly IReadOnlyList<UploadSource> _files;
    private readonly byte[][] _heads;
    private readonly byte[] _tail;
    private readonly IProgress<long>? _progress;
    private readonly StallWatch _watch;
    private readonly BandwidthLimit? _limit;
    private long _sent;

    public MultipartUpload(IReadOnlyList<UploadSource> files, UploadOptions options, StallWatch watch, BandwidthLimit? limit = null)
    {
        _files = files;
        _progress = options.Progress;
        _watch = watch;
        _limit = limit;
        var boundary = "coffre" + RandomNumberGenerator.GetHexString(40, lowercase: true);
        var fields = Fields(boundary, options);
        _heads = [.. files.Select((file, index) => Encoding.UTF8.GetBytes(
            (index == 0 ? fields : "\r\n") +
            $"--{boundary}\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"{Escape(file.Name)}\"\r\n" +
            "Content-Type: application/octet-stream\r\n\r\n"))];
        _tail = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=" + boundary);
        Digests = new SentFile?[files.Count];
    }

    /// <summary>Size and digest of each file that was read to its end.</summary>
    public SentFile?[] Digests { get; }

    /// <summary>Whether the last bytes are going out: from then on the service may have kept the files, whatever comes back.</summary>
    public bool MayBeComplete { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _tail.Length;
        for (var i = 0; i < _files.Count; i++)
        {
            if (_files[i].Length is not { } size)
            {
                return false;
            }

            length += _heads[i].Length + size;
        }

        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var digest = new SideDigest();
        await using (digest.ConfigureAwait(false))
        {
            for (var i = 0; i < _files.Count; i++)
            {
                await stream.WriteAsync(_heads[i], cancellationToken).ConfigureAwait(false);
                Digests[i] = await SendAsync(_files[i], stream, digest, cancellationToken).ConfigureAwait(false);
            }

            MayBeComplete = true;
            await stream.WriteAsync(_tail, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            _watch.Touch();
        }
    }

    private async Task<SentFile> SendAsync(UploadSource file, Stream to, SideDigest digest, CancellationToken cancellationToken)
    {
        long size = 0;
        var from = file.Open();
        await using (from.ConfigureAwait(false))
        {
            while (true)
            {
                var buffer = await digest.RentAsync().ConfigureAwait(false);
                var read = await ReadAsync(file, from, buffer.AsMemory(0, _limit?.UpPiece(SideDigest.BufferSize) ?? SideDigest.BufferSize), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                size += read;
                if (size > file.Length)
                {
                    throw Changed(file, "grew");
                }

                if (_limit is not null)
                {
                    await _limit.UpAsync(read, cancellationToken).ConfigureAwait(false);
                    _watch.Touch();
                }

                // They are digested while they travel.
                digest.Append(read);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                _sent += read;
                _watch.Touch();
                _progress?.Report(_sent);
            }
        }

        if (file.Length is { } expected && size != expected)
        {
            throw Changed(file, "shrank");
        }

        return new SentFile(size, await digest.FinishAsync().ConfigureAwait(false));
    }

    private static async ValueTask<int> ReadAsync(UploadSource file, Stream from, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoffreException(CoffreError.LocalFile, $"{file.Name} cannot be read: {exception.Message}", exception);
        }
    }

    private static CoffreException Changed(UploadSource file, string how) =>
        new(CoffreError.LocalChanged, $"{file.Name} {how} while it was being read; it was not kept.");

    private static string Fields(string boundary, UploadOptions options)
    {
        var text = new StringBuilder();
        Add("did", options.FolderId.ToString(CultureInfo.InvariantCulture));
        if (options.Password is { Length: > 0 } password)
        {
            Add("dpass", password);
        }

        return text.ToString();

        void Add(string name, string value) => text.Append(
            CultureInfo.InvariantCulture, $"--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }

    private static string Escape(string name) => name
        .Replace("\"", "%22", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);
}

/// <summary>What was read of one file.</summary>
internal sealed record SentFile(long Size, string Checksum)
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Reads a file to its end without sending it.</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.LocalFile"/>.</exception>
    public static async Task<SentFile> DigestAsync(UploadSource file, CancellationToken cancellationToken)
    {
        var whirlpool = new Whirlpool();
        var buffer = new byte[BufferSize];
        long size = 0;
        var from = file.Open();
        await using (from.ConfigureAwait(false))
        {
            try
            {
                int read;
                while ((read = await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    whirlpool.Append(buffer.AsSpan(0, read));
                    size += read;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new CoffreException(CoffreError.LocalFile, $"{file.Name} cannot be read: {exception.Message}", exception);
            }
        }

        var digest = new byte[Whirlpool.HashSizeInBytes];
        whirlpool.GetHashAndReset(digest);
        return new SentFile(size, Checksums.Text(digest));
    }
}
