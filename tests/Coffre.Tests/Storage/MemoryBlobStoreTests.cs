using Coffre.Storage;
using Coffre.Storage.Memory;

namespace Coffre.Tests.Storage;

public sealed class MemoryBlobStoreTests : BlobStoreContract
{
    public MemoryBlobStoreTests() => Store = new MemoryBlobStore(Clock);

    protected override IBlobStore Store { get; }

    public override ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Past_its_capacity_the_store_is_full_and_room_comes_back()
    {
        var store = new MemoryBlobStore(Clock, capacity: 1000);
        var kept = await store.KeepAsync(RandomBytes(600));

        var full = await Assert.ThrowsAsync<StorageException>(() => store.KeepAsync(RandomBytes(600), piece: 100));

        Assert.Equal(StorageTrouble.Full, full.Trouble);
        Assert.True(await store.PurgeAsync(kept.Id, default));
        await store.KeepAsync(RandomBytes(1000));
    }
}
