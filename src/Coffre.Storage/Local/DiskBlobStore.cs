using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Coffre.Storage.Local.Segments;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>Keeps blobs on the local disk: small ones together in segments, each of the others in a file of its own.</summary>
/// <remarks>
/// What lies where is told in <see cref="BlobPaths"/>, and what each step of a commit leaves behind in <c>docs/storage.md</c>. Two processes on
/// one root do not disturb each other's blobs, but one would purge the other's staging: the server sees to it that there is one.
/// </remarks>
public sealed class DiskBlobStore : IBlobStore, IOwnFiles, IDisposable
{
    private readonly ConcurrentDictionary<BlobId, bool> _open = new();
    private SmallBlobs? _small;

    private DiskBlobStore(DiskBlobStoreOptions options, TimeProvider clock)
    {
        Options = options;
        Clock = clock;
        Paths = new BlobPaths(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Root)));
        Threads = new SyncThreads(options.SyncThreads);
        Folders = new BlobFolders(Paths, options.Calls, new FolderSync(options.Calls, Threads));
    }

    /// <summary>
    /// Paths of segments that are damaged so badly that the small blobs in them cannot be found; empty on a healthy disk. They are left as they
    /// are. Whoever opens the store should say so loudly: a backup of such a file may bring its blobs back.
    /// </summary>
    public IReadOnlyList<string> UnreadableSegments => Small.Unreadable;

    internal DiskBlobStoreOptions Options { get; }

    internal TimeProvider Clock { get; }

    internal BlobPaths Paths { get; }

    internal SyncThreads Threads { get; }

    internal BlobFolders Folders { get; }

    internal SmallBlobs Small => _small!;

    internal bool IsStrict => Options.Durability == Durability.Strict;

    /// <summary>Opens the store in a folder, which is made if it is missing, and tries whether blobs can be kept there.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    /// <exception cref="StorageException">The folder cannot be used; the message names it and says why.</exception>
    public static DiskBlobStore Open(DiskBlobStoreOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        options.Check();
        var store = new DiskBlobStore(options, clock);
        new StoreFolder(store.Paths, options).Open(BlobId.New(clock));
        store._small = Ask(() => SmallBlobs.Open(options, store.Paths), "read the segments");
        return store;
    }

    public ValueTask<IBlobWriter> BeginAsync(long? expectedLength, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var id = BlobId.New(Clock);
        var maybeSmall = Options is { IsExclusive: true, SmallBlobLimit: > 0 } && !(expectedLength > Options.SmallBlobLimit);
        return ValueTask.FromResult(maybeSmall ? new SmallBlobWriter(this, id, expectedLength) : BeginFile(id, expectedLength));
    }

    public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Find(id));
    }

    public ValueTask<Stream?> OpenAsync(BlobId id, ByteRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return ValueTask.FromResult(Small.Open(id, range) ?? OpenOwn(id, range));
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            throw DiskTrouble.Translate(exception, "open a blob");
        }
    }

    public string? FindFile(BlobId id)
    {
        var path = Paths.Blob(id);
        return Small.Find(id) is null && File.Exists(path) ? Path.GetRelativePath(Paths.Root, path).Replace(Path.DirectorySeparatorChar, '/') : null;
    }

    /// <remarks>
    /// The removal, or the tombstone of a small blob, is not synced: what a power cut brings back is an orphan, and the sweep removes it again.
    /// </remarks>
    public ValueTask<bool> PurgeAsync(BlobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Ask(() => Small.Purge(id) || Options.Calls.Delete(Paths.Blob(id)), "purge a blob"));
    }

    public async IAsyncEnumerable<BlobInfo> ListAsync(BlobId? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var listing = new BlobListing(Paths, Small.Ids, Options.ListBatch);
        while (true)
        {
            // A walk reads every folder of the tree: off the caller's thread.
            var batch = await Task.Run(() => Ask(() => listing.Read(after, cancellationToken), "list the blobs"), cancellationToken);
            foreach (var id in batch)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Find(id) is { } blob)
                {
                    yield return blob;
                }
            }

            if (batch.Count < Options.ListBatch)
            {
                yield break;
            }

            after = batch[^1];
        }
    }

    public ValueTask<int> PurgeStagingAsync(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Ask(() => PurgeStaging(olderThan, cancellationToken), "purge staging"));
    }

    /// <summary>Ends the threads that wait for the disk. Commits under way are finished; new ones fail.</summary>
    public void Dispose()
    {
        Small.Dispose();
        Threads.Dispose();
    }

    /// <summary>Begins a blob that gets a file of its own.</summary>
    internal IBlobWriter BeginFile(BlobId id, long? expectedLength)
    {
        _open[id] = true;
        try
        {
            return new DiskBlobWriter(this, id, expectedLength);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            Forget(id);
            throw DiskTrouble.Translate(exception, "begin a blob");
        }
    }

    /// <summary>The writer of this id is done: whatever lies in staging under it is nobody's.</summary>
    internal void Forget(BlobId id) => _open.TryRemove(id, out _);

    private static T Ask<T>(Func<T> question, string attempt)
    {
        try
        {
            return question();
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            throw DiskTrouble.Translate(exception, attempt);
        }
    }

    /// <summary>Opens a blob that has a file of its own.</summary>
    private BlobReadStream? OpenOwn(BlobId id, ByteRange range)
    {
        if (Options.Calls.OpenForReading(Paths.Blob(id)) is not { } file)
        {
            return null;
        }

        try
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, RandomAccess.GetLength(file), nameof(range));
            return new BlobReadStream(new SharedFile(file), id, range);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private SafeFileHandle? OpenFile(BlobId id) => Ask(() => Options.Calls.OpenForReading(Paths.Blob(id)), "open a blob");

    private BlobInfo? Find(BlobId id)
    {
        if (Small.Find(id) is { } small)
        {
            return small;
        }

        using var file = OpenFile(id);
        return file is null ? null : Measure(id, file);
    }

    private static BlobInfo Measure(BlobId id, SafeFileHandle file) => Ask(
        () => new BlobInfo(id, RandomAccess.GetLength(file), new DateTimeOffset(File.GetLastWriteTimeUtc(file))),
        "measure a blob");

    private int PurgeStaging(DateTimeOffset olderThan, CancellationToken cancellationToken)
    {
        var purged = 0;
        foreach (var file in new DirectoryInfo(Paths.Staging).EnumerateFiles())
        {
            cancellationToken.ThrowIfCancellationRequested();

            // A slow upload of this process may not have written for long; it is not abandoned.
            var isLive = BlobPaths.TryReadStagingName(file.Name, out var id) && _open.ContainsKey(id);
            if (!isLive && file.LastWriteTimeUtc < olderThan.UtcDateTime && Options.Calls.Delete(file.FullName))
            {
                purged++;
            }
        }

        return purged;
    }
}
