using Coffre.Hashing;

namespace Coffre.Storage.Local.Segments;

/// <summary>Keeps small blobs together in segments: append-only files, one sync for all that wait.</summary>
internal sealed class SmallBlobs : IDisposable
{
    // A blob that is moved between the look-up and the opening is looked up again; it is moved once in the life of a segment.
    private const int MostMoves = 8;

    // Each is a descriptor; a store of many segments is read from a few of them at a time.
    private const int MostOpen = 64;

    private readonly SegmentFiles _files;
    private readonly SegmentShelf _shelf;
    private readonly SegmentLog _log;
    private readonly SegmentRewriter _rewriter;

    private SmallBlobs(DiskBlobStoreOptions options, BlobPaths paths)
    {
        _shelf = new SegmentShelf(paths, options);
        _files = new SegmentFiles(_shelf, options.Calls, MostOpen);
        _shelf.Removed = _files.Forget;
        _log = new SegmentLog(_shelf, options);
        _rewriter = new SegmentRewriter(_shelf, _log, options.Calls);
    }

    /// <summary>How many there are.</summary>
    public int Count => _shelf.Places.Count;

    public IReadOnlyList<string> Unreadable => _shelf.Unreadable;

    /// <summary>Ends when nothing is left to rewrite at this moment.</summary>
    public Task RewritingAsync() => _rewriter.Idle;

    /// <summary>Finds the blobs that earlier processes kept.</summary>
    /// <exception cref="IOException">The segments cannot be read.</exception>
    public static SmallBlobs Open(DiskBlobStoreOptions options, BlobPaths paths)
    {
        var blobs = new SmallBlobs(options, paths);
        if (new SegmentLoader(paths, blobs._shelf, options).Load() is { } open)
        {
            blobs._log.Continue(open);
        }

        if (options.IsExclusive)
        {
            blobs._log.Sealed = blobs._rewriter.Consider;
            foreach (var segment in blobs._shelf.Segments)
            {
                blobs._rewriter.Consider(segment);
            }
        }

        return blobs;
    }

    public BlobInfo? Find(BlobId id) => _shelf.Places.TryFind(id, out var place) ? place.ToInfo(id) : null;

    /// <summary>All ids, in no order.</summary>
    public IEnumerable<BlobId> Ids() => _shelf.Places.Ids();

    /// <summary>Opens the bytes for reading; null if there is no such blob.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range passes the end of the blob.</exception>
    /// <exception cref="StorageException">The segment is gone.</exception>
    public Stream? Open(BlobId id, ByteRange range)
    {
        for (var tries = 0; _shelf.Places.TryFind(id, out var place); tries++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, place.Length, nameof(range));
            if (_files.Open(place.Segment) is { } file)
            {
                return new BlobReadStream(file, id, new ByteRange(place.BytesAt + range.Start, range.Length));
            }

            if (tries == MostMoves)
            {
                throw new StorageException(StorageTrouble.Corrupt, $"The segment {place.Segment} of blob {id} is gone.");
            }
        }

        return null;
    }

    /// <summary>Returns once the blob is on the device.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="bytes">At most <see cref="SegmentFormat.MostBytes"/>; not to be changed before the call has ended.</param>
    /// <param name="keptAt">Its date.</param>
    /// <returns>The Whirlpool of the bytes.</returns>
    public async Task<byte[]> KeepAsync(BlobId id, ReadOnlyMemory<byte> bytes, DateTimeOffset keptAt)
    {
        var checksum = Whirlpool.HashData(bytes.Span);
        await _log.AppendAsync(new NewRecord(new RecordHead(id, keptAt.UtcTicks, bytes.Length), bytes, checksum));
        return checksum;
    }

    /// <summary>Removes a blob; false if there is none.</summary>
    public bool Purge(BlobId id)
    {
        if (!_shelf.Purge(id, out var segment))
        {
            return false;
        }

        if (segment is not null)
        {
            _rewriter.Consider(segment);
        }

        return true;
    }

    public void Dispose()
    {
        _rewriter.Dispose();
        _log.Dispose();
        _files.Dispose();
    }
}
