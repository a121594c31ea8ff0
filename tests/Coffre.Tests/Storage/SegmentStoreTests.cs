using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>The contract with segments that are soon full, and up to the longest blob that they take.</summary>
public sealed class SegmentStoreTests : BlobStoreContract
{
    private readonly TestFolder _folder = new();
    private readonly DiskBlobStore _store;

    public SegmentStoreTests() => _store = DiskBlobStore.Open(
        new DiskBlobStoreOptions { Root = _folder.Path, SegmentLength = 1 << 20, SmallBlobLimit = 256 << 10, ListBatch = 50 }, Clock);

    protected override IBlobStore Store => _store;

    public override ValueTask DisposeAsync()
    {
        _store.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(256 << 10, 0)]
    [InlineData((256 << 10) + 1, 1)]
    public async Task A_blob_past_the_limit_gets_a_file_of_its_own(int length, int files)
    {
        var bytes = RandomBytes(length);
        var kept = new[] { await Store.KeepAsync(bytes, announced: length), await Store.KeepAsync(bytes, announced: null, piece: 30_000) };

        Assert.Equal(files * kept.Length, _folder.BlobFiles().Length);
        Assert.Equal(kept.Select(blob => blob.Id).Order(), (await Store.ListAllAsync()).Select(blob => blob.Id));
        Assert.Empty(_folder.StagedFiles());
    }
}
