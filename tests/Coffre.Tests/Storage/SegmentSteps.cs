using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>A store whose segments hold few blobs, and what its tests do over and over.</summary>
internal sealed class SegmentSteps : IDisposable
{
    /// <summary>Seven blobs of <see cref="BlobLength"/> fill a segment.</summary>
    public const int SegmentLength = 8192;

    public const int BlobLength = 1000;

    private readonly List<DiskBlobStore> _opened = [];
    private int _seed;

    public TestFolder Folder { get; } = new();

    public DiskBlobStore Open(WatchedDisk? disk = null, bool isExclusive = true, string? root = null)
    {
        var options = new DiskBlobStoreOptions { Root = root ?? Folder.Path, SegmentLength = SegmentLength, IsExclusive = isExclusive };
        var store = DiskBlobStore.Open(disk is null ? options : options with { Calls = disk }, TimeProvider.System);
        _opened.Add(store);
        return store;
    }

    public async Task<List<Kept>> KeepManyAsync(DiskBlobStore store, int count, int length = BlobLength)
    {
        var kept = new List<Kept>();
        for (var i = 0; i < count; i++)
        {
            var bytes = new byte[length];
            new Random(_seed++).NextBytes(bytes);
            kept.Add(new Kept(await store.KeepAsync(bytes, announced: length), bytes));
        }

        return kept;
    }

    /// <summary>All of these are there, as they were kept, and no others.</summary>
    public static async Task AssertHoldsAsync(IBlobStore store, IEnumerable<Kept> kept)
    {
        var expected = kept.ToDictionary(one => one.Blob.Id);
        Assert.Equal(expected.Keys.Order(), (await store.ListAllAsync()).Select(blob => blob.Id));
        foreach (var (id, one) in expected)
        {
            Assert.Equal(one.Bytes, await store.ReadAllAsync(id));
            Assert.Equal(ScrubVerdict.Ok, await BlobScrub.VerifyAsync(store, id, one.Blob.Length, one.Blob.Checksum, default));
        }
    }

    public void Dispose()
    {
        _opened.ForEach(store => store.Dispose());
        Folder.Dispose();
    }

    internal sealed record Kept(KeptBlob Blob, byte[] Bytes)
    {
        public BlobId Id => Blob.Id;
    }
}
