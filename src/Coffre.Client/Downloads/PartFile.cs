using System.Security.Cryptography;
using System.Text;
using Coffre.Hashing;

namespace Coffre.Client.Downloads;

/// <summary>The unfinished file beside the one that it will become.</summary>
/// <remarks>
/// Its name holds a digest of link, size and checksum: a file that changed on the service gets another part file, so old
/// and new bytes never meet. The name is cut so that it fits where the final name fits.
/// </remarks>
internal sealed class PartFile : IAsyncDisposable
{
    private const int LongestStem = 40;
    private const int BufferSize = 1024 * 1024;

    private readonly Whirlpool _whirlpool = new();
    private readonly FileStream _stream;

    private PartFile(string path, FileStream stream)
    {
        Path = path;
        _stream = stream;
    }

    public string Path { get; }

    /// <summary>Bytes on disk, all of them digested.</summary>
    public long Length { get; private set; }

    public static string PathFor(string finalPath, RemoteFile file)
    {
        var name = System.IO.Path.GetFileName(finalPath);
        var stem = name.Length <= LongestStem ? name : name[..(char.IsHighSurrogate(name[LongestStem - 1]) ? LongestStem - 1 : LongestStem)];
        var identity = SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Link}\n{file.Size}\n{file.Checksum}"));
        var folder = System.IO.Path.GetDirectoryName(finalPath);
        return System.IO.Path.Combine(folder ?? "", $"{stem}.{Convert.ToHexStringLower(identity.AsSpan(0, 5))}.part");
    }

    /// <summary>Opens it and digests what is there; another process cannot open it meanwhile.</summary>
    /// <exception cref="IOException">Another run writes it, or the disk refuses.</exception>
    public static async Task<PartFile> OpenAsync(string path, bool keep, long expected, CancellationToken cancellationToken)
    {
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        });
        var part = new PartFile(path, stream);
        if (!keep || stream.Length > expected)
        {
            stream.SetLength(0);
        }

        if (stream.Length > 0)
        {
            await part.DigestAsync(cancellationToken).ConfigureAwait(false);
        }

        return part;
    }

    public async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        _whirlpool.Append(bytes.Span);
        Length += bytes.Length;
    }

    /// <summary>Starts again from nothing.</summary>
    public void Clear()
    {
        _stream.SetLength(0);
        _stream.Position = 0;
        _whirlpool.GetHashAndReset(new byte[Whirlpool.HashSizeInBytes]);
        Length = 0;
    }

    /// <summary>The digest of everything. Call once, at the end.</summary>
    public string Finish()
    {
        var digest = new byte[Whirlpool.HashSizeInBytes];
        _whirlpool.GetHashAndReset(digest);
        return Checksums.Text(digest);
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task DigestAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await _stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            _whirlpool.Append(buffer.AsSpan(0, read));
            Length += read;
        }
    }
}
