using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>The order of the calls is the promise: these tests read it from the calls themselves.</summary>
public sealed class DiskWriteOrderTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly WatchedDisk _disk = new();
    private readonly List<DiskBlobStore> _opened = [];

    public void Dispose()
    {
        _opened.ForEach(store => store.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task Bytes_are_synced_before_the_name_and_the_name_before_the_answer()
    {
        var store = Open();
        _disk.Forget();

        var id = (await store.KeepAsync(new byte[600_000])).Id;

        var staged = Path.Combine(_folder.Staging, $"{id}.part");
        var leaf = Path.GetDirectoryName(_folder.BlobFiles()[0])!;
        Assert.Equal(
            [
                $"CreateFile {staged}",
                $"Write {staged}", $"Write {staged}", $"Write {staged}",
                $"SetDate {staged}",
                $"SyncFile {staged}",
                $"CreateFolder {Path.GetDirectoryName(leaf)}",
                $"CreateFolder {leaf}",
                $"Rename {Path.Combine(leaf, id.ToString())}",
                $"SyncFolder {leaf}",
                $"SyncFolder {Path.GetDirectoryName(leaf)}",
                $"SyncFolder {_folder.Blobs}",
            ],
            _disk.Calls.Select(call => call.ToString()));
    }

    [Fact]
    public async Task Folders_that_are_known_to_be_on_the_device_are_not_synced_again()
    {
        var calls = new WatchedDisk();
        var paths = new BlobPaths(_folder.Path);
        Open();
        using var threads = new SyncThreads(4);
        var folders = new BlobFolders(paths, calls, new FolderSync(calls, threads));
        var id = BlobId.Parse("0198f6c2d4b17c3e9a5be07712c43fa1");
        var sameBranch = BlobId.Parse("0198f6c2d4b17c3e9a5be07712c43fa2");

        folders.Prepare(id);
        await folders.SyncAsync(id);
        calls.Forget();
        folders.Prepare(id);
        await folders.SyncAsync(id);
        Assert.Equal([$"SyncFolder {paths.LeafFolder(id)}"], calls.Calls.Select(call => call.ToString()));

        calls.Forget();
        folders.Prepare(sameBranch);
        await folders.SyncAsync(sameBranch);
        Assert.Equal(
            [paths.LeafFolder(sameBranch), paths.BranchFolder(sameBranch)],
            calls.Calls.Where(call => call.Name == "SyncFolder").Select(call => call.Path));

        // Another process has no such knowledge, and the one that made the folders may have died before its sync.
        calls.Forget();
        var reopened = new BlobFolders(paths, calls, new FolderSync(calls, threads));
        reopened.Prepare(id);
        await reopened.SyncAsync(id);
        Assert.Equal([paths.LeafFolder(id), paths.BranchFolder(id), paths.Blobs], calls.Calls.Select(call => call.Path));
    }

    [Fact]
    public async Task Who_waits_while_a_folder_is_synced_shares_the_next_sync()
    {
        Open();
        _disk.Forget();
        using var firstRuns = new SemaphoreSlim(0);
        using var mayEnd = new ManualResetEventSlim();
        _disk.Before = _ =>
        {
            firstRuns.Release();
            mayEnd.Wait();
        };
        using var threads = new SyncThreads(8);
        var sync = new FolderSync(_disk, threads);

        var first = sync.SyncAsync(_folder.Blobs);
        await firstRuns.WaitAsync();
        var others = Enumerable.Range(0, 20).Select(_ => sync.SyncAsync(_folder.Blobs)).ToList();
        var elsewhere = sync.SyncAsync(_folder.Staging);
        await firstRuns.WaitAsync();

        Assert.False(first.IsCompleted);
        Assert.All(others, other => Assert.False(other.IsCompleted));
        mayEnd.Set();
        await Task.WhenAll([first, elsewhere, .. others]);
        Assert.Equal(2, _disk.Calls.Count(call => call.Path == _folder.Blobs));
    }

    [Fact]
    public async Task A_failed_sync_fails_all_who_shared_it_and_none_of_the_next()
    {
        Open();
        using var threads = new SyncThreads(2);
        var sync = new FolderSync(_disk, threads);
        _disk.Before = _ => throw new IOException("broken");
        await Assert.ThrowsAsync<IOException>(() => sync.SyncAsync(_folder.Blobs));

        _disk.Before = null;
        await sync.SyncAsync(_folder.Blobs);
    }

    [Fact]
    public async Task The_relaxed_mode_syncs_nothing()
    {
        var store = Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk, Durability = Durability.Relaxed });

        var kept = await store.KeepAsync(new byte[600_000]);

        Assert.DoesNotContain(_disk.Calls, call => call.Name.StartsWith("Sync", StringComparison.Ordinal));
        Assert.Equal(600_000, (await store.ReadAllAsync(kept.Id)).Length);
    }

    [Fact]
    public async Task Room_is_reserved_up_to_the_limit_and_given_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux reserves room.");
        var store = Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk, PreallocationLimit = 8 << 20 });
        await using var writer = await store.BeginAsync(long.MaxValue, default);
        Assert.InRange(await AllocatedAsync(_folder.StagedFiles()[0]), 8 << 20, 9 << 20);
        await writer.WriteAsync(new byte[1000], default);

        await writer.CommitAsync(default);

        Assert.InRange(await AllocatedAsync(_folder.BlobFiles()[0]), 1000, 64 << 10);
    }

    [Fact]
    public async Task A_writer_holds_three_blocks_at_most_and_takes_no_more_while_the_disk_stands()
    {
        var store = Open();
        using var mayWrite = new ManualResetEventSlim();
        _disk.Before = call =>
        {
            if (call.Name == "Write")
            {
                mayWrite.Wait();
            }
        };
        var bytes = new byte[3_000_000];
        new Random(5).NextBytes(bytes);
        await using var writer = await store.BeginAsync(null, default);
        using var hangUp = new CancellationTokenSource();

        var writing = writer.WriteAsync(bytes, hangUp.Token).AsTask();

        Assert.False(writing.IsCompleted);
        Assert.Equal(BlockPump.MostBlocks * Block.Size, writer.Length);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        mayWrite.Set();
        await writer.WriteAsync(bytes.AsMemory((int)writer.Length), default);
        var kept = await writer.CommitAsync(default);
        Assert.Equal(bytes, await store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public void A_small_blob_takes_small_memory()
    {
        var block = new Block();
        block.Take(new byte[1000], announced: 0);
        Assert.InRange(block.Capacity, 1000, 4096);
        block.Take(new byte[10_000], announced: 0);
        Assert.InRange(block.Capacity, 11_000, 65_536);
        block.Return();

        block.Take(new byte[10], announced: 20_000);
        Assert.InRange(block.Capacity, 20_000, 32_768);
        block.Return();

        block.Take(new byte[10], announced: long.MaxValue);
        Assert.Equal(Block.Size, block.Capacity);
        block.Return();
    }

    private DiskBlobStore Open(DiskBlobStoreOptions? options = null)
    {
        var store = DiskBlobStore.Open(options ?? new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk }, TimeProvider.System);
        _opened.Add(store);
        return store;
    }

    private static async Task<long> AllocatedAsync(string path) =>
        512 * long.Parse(await Command.RunAsync("stat", "-c", "%b", path));
}
