using Coffre.Hashing;

namespace Coffre.Client.Sync;

/// <summary>A tree that is compared: a local folder, a remote one, or a manifest of one that need not be there any more.</summary>
public sealed class CheckSide
{
    private readonly Func<CancellationToken, Task<SyncTree>> _read;
    private readonly CoffreClient? _client;
    private SyncTree? _tree;

    private CheckSide(Func<CancellationToken, Task<SyncTree>> read, CoffreClient? client = null) => (_read, _client) = (read, client);

    /// <summary>A local folder.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="options">Filter, links and listener of it count.</param>
    public static CheckSide Local(string folder, SyncOptions options) =>
        new(cancellationToken => Task.FromResult(new LocalTreeReader(options, isDestination: false).Read(Path.GetFullPath(folder), cancellationToken)));

    /// <summary>A remote folder.</summary>
    /// <param name="client">The account.</param>
    /// <param name="index">Its tree.</param>
    /// <param name="folder">Local names from the root of the account down.</param>
    /// <param name="options">Filter and listener of it count.</param>
    public static CheckSide Remote(CoffreClient client, RemoteIndex index, IReadOnlyList<string> folder, SyncOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(index);
        return new CheckSide(
            async cancellationToken =>
            {
                var top = await index.FindFolderAsync(folder, cancellationToken).ConfigureAwait(false)
                    ?? throw new CoffreException(CoffreError.NotFound, $"There is no folder /{string.Join('/', folder)} on the service.") { Advice = "check the path (coffre ls)" };
                return (await new RemoteTreeReader(client, index, options, isDestination: false).ReadAsync(top, cancellationToken).ConfigureAwait(false)).Tree;
            },
            client);
    }

    /// <summary>A manifest that was written before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The filter of it counts.</param>
    public static CheckSide Manifest(string path, SyncOptions options) => new(cancellationToken => Sync.Manifest.ReadAsync(path, options, cancellationToken));

    /// <summary>Writes what the tree holds, with checksums, so that it can be compared later without it.</summary>
    /// <param name="path">The file; replaced if it is there.</param>
    /// <param name="depth">With <see cref="CheckDepth.Download"/> remote files are fetched for their checksum.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Files that could not be read, and why: they are not in it.</returns>
    public async Task<IReadOnlyList<CheckLine>> WriteManifestAsync(string path, CheckDepth depth, CancellationToken cancellationToken = default)
    {
        var tree = await ReadAsync(cancellationToken).ConfigureAwait(false);
        return await Sync.Manifest.WriteAsync(path, tree, (file, token) => ChecksumAsync(file, depth, token), cancellationToken).ConfigureAwait(false);
    }

    internal async Task<SyncTree> ReadAsync(CancellationToken cancellationToken) => _tree ??= await _read(cancellationToken).ConfigureAwait(false);

    internal async Task<string?> ChecksumAsync(SyncFile file, CheckDepth depth, CancellationToken cancellationToken)
    {
        if (file.LocalPath is { } local)
        {
            return await LocalChecksum.ComputeAsync(local, cancellationToken).ConfigureAwait(false);
        }

        if (depth is not CheckDepth.Download || file.Remote is not { } remote || _client is null)
        {
            return file.Checksum;
        }

        var sink = new DigestStream();
        await using (sink.ConfigureAwait(false))
        {
            await _client.CopyToAsync(remote.Link, sink, cancellationToken: cancellationToken).ConfigureAwait(false);
            return sink.Digest();
        }
    }

    /// <summary>Digests what is written to it.</summary>
    private sealed class DigestStream : Stream
    {
        private readonly Whirlpool _whirlpool = new();

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public string Digest()
        {
            var digest = new byte[Whirlpool.HashSizeInBytes];
            _whirlpool.GetHashAndReset(digest);
            return Checksums.Text(digest);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer) => _whirlpool.Append(buffer);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
