using Coffre.Hashing;
using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>What one blob costs the garbage collector, in all threads together: bytes are exact where time is not.</summary>
[Collection(nameof(Alone))]
public sealed class StorageAllocationTests : IDisposable
{
    private const int Blobs = 100;

    private readonly TestFolder _folder = new();
    private readonly byte[] _bytes = new byte[4096];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_small_blob_is_kept_within_its_budget()
    {
        using var store = Open();
        var perBlob = await MeasureAsync(async () => await store.KeepAsync(_bytes, announced: _bytes.Length));
        Assert.InRange(perBlob, 1, 1_900);
    }

    [Fact]
    public async Task A_small_blob_is_read_within_its_budget()
    {
        using var store = Open();
        var kept = await store.KeepAsync(_bytes);
        var perBlob = await MeasureAsync(() => ReadAsync(store, kept));
        Assert.InRange(perBlob, 1, 700);
    }

    [Fact]
    public async Task A_large_blob_is_read_within_the_same_budget_whatever_its_length()
    {
        using var store = Open();
        var kept = await store.KeepAsync(new byte[3 << 20]);
        var perBlob = await MeasureAsync(() => ReadAsync(store, kept));
        Assert.InRange(perBlob, 1, 1_600);
    }

    [Fact]
    public async Task A_large_blob_is_written_without_allocating_for_its_blocks()
    {
        using var store = Open();
        var block = new byte[256 * 1024];
        await WriteAsync(store, block, 40);

        // 10 MiB pass; the pool may have lent the three blocks that a writer holds to somebody else.
        Assert.InRange(await Allocated.ByProcessAsync(() => WriteAsync(store, block, 40)), 1, 1_000_000);
    }

    [Fact]
    public void Hashing_in_one_call_allocates_nothing()
    {
        var hash = new byte[Whirlpool.HashSizeInBytes];
        Whirlpool.HashData(_bytes, hash);
        Assert.Equal(0, Allocated.ByThread(() =>
        {
            for (var length = 0; length < 300; length++)
            {
                Whirlpool.HashData(_bytes.AsSpan(0, length), hash);
            }
        }));
    }

    private static async Task<double> MeasureAsync(Func<Task> once)
    {
        await TimesAsync(50, once);
        return await Allocated.ByProcessAsync(() => TimesAsync(Blobs, once)) / (double)Blobs;
    }

    private static async Task TimesAsync(int times, Func<Task> once)
    {
        for (var i = 0; i < times; i++)
        {
            await once();
        }
    }

    private async Task ReadAsync(DiskBlobStore store, KeptBlob kept)
    {
        await using var stream = (await store.OpenAsync(kept.Id, new ByteRange(0, kept.Length), default))!;
        while (await stream.ReadAsync(_bytes) > 0)
        {
        }
    }

    private static async Task WriteAsync(DiskBlobStore store, byte[] block, int blocks)
    {
        await using var writer = await store.BeginAsync((long)block.Length * blocks, default);
        for (var i = 0; i < blocks; i++)
        {
            await writer.WriteAsync(block, default);
        }

        await writer.CommitAsync(default);
    }

    private DiskBlobStore Open() => DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path }, TimeProvider.System);
}

/// <summary>Tests that measure the whole process, and so run while no others do.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
