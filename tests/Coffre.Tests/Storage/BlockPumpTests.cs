using Coffre.Hashing;
using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>Digest and disk work in step with whoever sends, never further behind than a few blocks.</summary>
public sealed class BlockPumpTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly WatchedDisk _disk = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block.Size - 1)]
    [InlineData(Block.Size)]
    [InlineData(Block.Size + 1)]
    [InlineData((5 * Block.Size) + 32767)]
    [InlineData((5 * Block.Size) + 32768)]
    [InlineData(40 * Block.Size)]
    public async Task Bytes_and_checksum_are_right_at_each_border(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        using var store = Open();
        var kept = await store.KeepAsync(bytes, announced: length);
        Assert.Equal(Whirlpool.HashData(bytes), kept.Checksum);
        Assert.Equal(bytes, await store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task A_block_that_was_lost_ends_it_and_none_behind_it_is_written()
    {
        var writes = 0;
        _disk.Before = call =>
        {
            if (call.Name == "Write" && ++writes == 2)
            {
                throw new IOException("full", 28);
            }
        };
        using var store = Open();
        await using var writer = await store.BeginAsync(null, default);
        var failure = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await writer.WriteAsync(new byte[Block.Size], default);
            }

            await writer.CommitAsync(default);
        });
        Assert.Equal(StorageTrouble.Full, failure.Trouble);
        Assert.Equal(2, writes);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder.Path, "staging")));
    }

    private DiskBlobStore Open() =>
        DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path, SmallBlobLimit = 0, Calls = _disk }, TimeProvider.System);
}
