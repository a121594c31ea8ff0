namespace Coffre.Storage;

/// <summary>Keeps immutable bytes under an id of its own making.</summary>
/// <remarks>
/// Every engine promises, and the contract suite checks:
/// <list type="number">
/// <item>Atomic: a blob can be opened whole or not at all; what was begun and not committed is never seen.</item>
/// <item>Durable: once <see cref="IBlobWriter.CommitAsync"/> returns, a power cut keeps the blob (engines that live on disk).
/// A blob may be seen a moment before that, but only by a listing: nobody else knows its id yet.</item>
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
    /// <param name="cancellationToken">Gives up the call; it does not follow the writer.</param>
    ValueTask<IBlobWriter> BeginAsync(long? expectedLength, CancellationToken cancellationToken);

    /// <summary>Length and date of a blob, or null.</summary>
    ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>Opens the bytes of <paramref name="range"/> for reading, or null if there is no such blob.</summary>
    /// <remarks>The stream knows its length, seeks within the range and is used by one caller at a time. It may hold no buffer: read much at once.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The range passes the end of the blob.</exception>
    ValueTask<Stream?> OpenAsync(BlobId id, ByteRange range, CancellationToken cancellationToken);

    /// <summary>Removes the bytes; false if there were none. A power cut may bring them back: the sweep then finds them again.</summary>
    ValueTask<bool> PurgeAsync(BlobId id, CancellationToken cancellationToken);

    /// <summary>All committed blobs in the order of their ids, from the one after <paramref name="after"/>.</summary>
    /// <remarks>
    /// Ids are in the order of beginnings, not of commits. What is committed or purged meanwhile may or may not be seen. A blob that no name
    /// refers to may be one whose name is being made at this moment: whoever sweeps looks at <see cref="BlobInfo.CreatedAt"/> first.
    /// </remarks>
    IAsyncEnumerable<BlobInfo> ListAsync(BlobId? after, CancellationToken cancellationToken);

    /// <summary>Removes what writers of earlier processes left in staging; returns how many. Never what a living writer of this store holds.</summary>
    /// <param name="olderThan">Only what was last written before this moment (UTC).</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    ValueTask<int> PurgeStagingAsync(DateTimeOffset olderThan, CancellationToken cancellationToken);
}

/// <summary>One blob on its way in. Used by one caller at a time.</summary>
public interface IBlobWriter : IAsyncDisposable
{
    /// <summary>Bytes taken so far.</summary>
    long Length { get; }

    /// <summary>Appends bytes. The memory may be reused as soon as the call returns.</summary>
    /// <remarks>
    /// Cancelled, it has taken the first part of the bytes or none: <see cref="Length"/> tells how many, and writing may go on from there.
    /// </remarks>
    /// <exception cref="StorageException">The disk is full or broken; the writer can only be disposed, and its bytes are gone already.</exception>
    /// <exception cref="InvalidOperationException">The writer was committed, failed or was disposed.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Makes the bytes durable and gives them their name. Called once, last; disposing afterwards changes nothing.</summary>
    /// <remarks>Cancellation is heard until the blob has its name and not after. If the call fails, nothing was kept and the writer can only be disposed.</remarks>
    /// <exception cref="StorageException">The disk is full or broken.</exception>
    /// <exception cref="InvalidOperationException">The writer was committed, failed or was disposed.</exception>
    ValueTask<KeptBlob> CommitAsync(CancellationToken cancellationToken);
}
