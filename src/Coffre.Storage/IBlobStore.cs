namespace Coffre.Storage;

/// <summary>Keeps immutable bytes under an id of its own making.</summary>
/// <remarks>
/// Every engine promises, and the contract suite checks:
/// <list type="number">
/// <item>Atomic: a blob can be opened whole or not at all; what was begun and not committed is never seen.</item>
/// <item>Durable: once <see cref="IBlobWriter.CommitAsync"/> returns, a power cut keeps the blob (engines that live on disk).</item>
/// <item>Immutable: the bytes of a committed blob never change.</item>
/// <item>Concurrent: any member may be called from any thread at any time.</item>
/// <item>A purge does not disturb a stream that is already open.</item>
/// </list>
/// A missing blob is <see langword="null"/>; a broken or full disk is a <see cref="StorageException"/>.
/// </remarks>
public interface IBlobStore
{
    /// <summary>Begins a blob. Disposing the writer before its commit leaves no trace.</summary>
    /// <param name="expectedLength">Bytes that are announced, if known: a hint for preallocation, not a limit.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    ValueTask<IBlobWriter> BeginAsync(long? expectedLength, CancellationToken cancellationToken);

    /// <summary>Length and date of a blob, or null.</summary>
    ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Opens the bytes of <paramref name="range"/> for reading, or null if there is no such blob.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range passes the end of the blob.</exception>
    ValueTask<Stream?> OpenAsync(BlobId id, ByteRange range, CancellationToken cancellationToken);

    /// <summary>Removes the bytes; false if there were none.</summary>
    ValueTask<bool> PurgeAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>All committed blobs in the order of their ids, from the one after <paramref name="after"/>.</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(BlobId? after, CancellationToken cancellationToken);

    /// <summary>Removes what writers of earlier processes left in staging; returns how many.</summary>
    /// <param name="olderThan">Only what was last written before this moment (UTC).</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    ValueTask<int> PurgeStagingAsync(DateTimeOffset olderThan, CancellationToken cancellationToken);
}

/// <summary>One blob on its way in. Used by one caller at a time.</summary>
public interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Bytes written so far.</summary>
    long Length { get; }

    /// <summary>Appends bytes. The memory may be reused as soon as the call returns.</summary>
    /// <exception cref="StorageException">The disk is full or broken; the writer can only be disposed.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the bytes durable and gives them their name. Called once, last.</summary>
    ValueTask<KeptBlob> CommitAsync(CancellationToken cancellationToken);
}
