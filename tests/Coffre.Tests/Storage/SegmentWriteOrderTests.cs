using Coffre.Storage;
using Coffre.Storage.Local;
using Coffre.Storage.Local.Segments;

namespace Coffre.Tests.Storage;

/// <summary>The order of the calls for small blobs, who shares them, and what they allocate.</summary>
public sealed class SegmentWriteOrderTests : IDisposable
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
    public async Task A_record_is_synced_before_the_answer_and_a_segment_before_its_first_record()
    {
        var store = Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk, SegmentLength = 2000 });
        var (first, second, index) = (Segment(1), Segment(2), Path.Combine(_folder.Segments, "00000001.index"));
        _disk.Forget();

        await store.KeepAsync(new byte[900]);
        await store.KeepAsync(new byte[10]);
        await store.KeepAsync(new byte[900]);

        Assert.Equal(
            [
                $"CreateFile {first}", $"Write {first}", $"Write {first}", $"SyncFile {first}", $"SyncFolder {_folder.Segments}",
                $"Write {first}", $"SyncData {first}",
                $"Write {first}", $"SyncData {first}",
                $"Trim {first}",
                $"Delete {index}.part", $"CreateFile {index}.part", $"Write {index}.part", $"SyncFile {index}.part", $"Rename {index}",
                $"CreateFile {second}", $"Write {second}", $"Write {second}", $"SyncFile {second}", $"SyncFolder {_folder.Segments}",
                $"Write {second}", $"SyncData {second}",
            ],
            _disk.Calls.Select(call => call.ToString()));
    }

    /// <summary>A process that was killed may leave bytes that only the page cache has: whoever finds them must not give up another copy for them.</summary>
    [Theory]
    [InlineData(Durability.Strict)]
    [InlineData(Durability.Relaxed)]
    public async Task What_a_scan_finds_is_synced_before_anything_else_is_written(Durability durability)
    {
        using (var before = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path }, TimeProvider.System))
        {
            await before.KeepAsync(new byte[900]);
        }

        await using (var torn = new FileStream(Segment(1), FileMode.Open, FileAccess.Write))
        {
            torn.Position = torn.Length;
            torn.Write(new byte[] { 1, 2, 3 });
        }

        File.Delete(Path.Combine(_folder.Segments, "00000001.index"));
        Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk, Durability = durability });
        var inSegments = _disk.Calls.Where(call => call.Path.StartsWith(_folder.Segments, StringComparison.Ordinal)).ToList();
        var synced = inSegments.FindIndex(call => call.ToString() == $"SyncFile {Segment(1)}");
        Assert.True(synced >= 0, string.Join(", ", inSegments));
        Assert.DoesNotContain(inSegments.Take(synced), call => call.Name is "Write" or "Rename" or "Delete");
    }

    [Fact]
    public async Task Who_waits_while_a_group_is_synced_shares_the_next_sync()
    {
        var store = Open();
        await store.KeepAsync(new byte[10]);
        _disk.Forget();
        var running = new TaskCompletionSource();
        using var mayEnd = new ManualResetEventSlim();
        _disk.Before = call =>
        {
            if (call.Name == "SyncData")
            {
                running.TrySetResult();
                mayEnd.Wait();
            }
        };

        var first = store.KeepAsync(new byte[10]);
        await running.Task;
        var others = Enumerable.Range(0, 40).Select(number => store.KeepAsync(new byte[number])).ToList();
        Assert.False(first.IsCompleted);
        Assert.All(others, other => Assert.False(other.IsCompleted));
        Assert.Single(await store.ListAllAsync());
        mayEnd.Set();
        await Task.WhenAll([first, .. others]);

        Assert.Equal(["Write", "SyncData", "Write", "SyncData"], _disk.Calls.Select(call => call.Name));
        Assert.Equal(42, (await store.ListAllAsync()).Count);
    }

    [Fact]
    public async Task The_relaxed_mode_syncs_nothing()
    {
        var store = Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk, Durability = Durability.Relaxed });

        var kept = await store.KeepAsync(new byte[600]);

        Assert.DoesNotContain(_disk.Calls, call => call.Name.StartsWith("Sync", StringComparison.Ordinal));
        Assert.Equal(600, (await store.ReadAllAsync(kept.Id)).Length);
    }

    [Theory]
    [InlineData("Write", 5)]
    [InlineData("Write", 28)]
    [InlineData("SyncData", 5)]
    [InlineData("SyncData", 122)]
    [InlineData("CreateFile", 28)]
    [InlineData("SyncFile", 5)]
    [InlineData("SyncFolder", 5)]
    public async Task A_refused_call_is_reported_by_its_kind_and_nothing_is_kept(string refused, int error)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are those of Linux.");
        var store = Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk, SegmentLength = 3000 });
        var earlier = await store.KeepAsync(new byte[1000]);
        _disk.Before = call =>
        {
            if (call.Name == refused)
            {
                throw new IOException($"error {error}", error);
            }
        };

        // The first fits into the segment, the other wants a new one.
        var isOfNew = refused is "CreateFile" or "SyncFile" or "SyncFolder";
        var thrown = await Assert.ThrowsAsync<StorageException>(() => store.KeepAsync(new byte[isOfNew ? 2500 : 1000]));

        Assert.Equal(error == 5 ? StorageTrouble.Broken : StorageTrouble.Full, thrown.Trouble);
        _disk.Before = null;
        Assert.Equal(earlier.Id, Assert.Single(await store.ListAllAsync()).Id);
        var later = await store.KeepAsync(new byte[1000]);
        store.Dispose();
        var reopened = Open();
        Assert.Equal([earlier.Id, later.Id], (await reopened.ListAllAsync()).Select(blob => blob.Id));
    }

    [Fact]
    public async Task A_full_disk_can_still_purge()
    {
        var store = Open();
        var kept = await store.KeepAsync(new byte[100]);
        _disk.Before = call =>
        {
            if (call.Name is "CreateFile" or "CreateFolder")
            {
                throw new IOException("full", 28);
            }
        };

        Assert.True(await store.PurgeAsync(kept.Id, default));
    }

    [Fact]
    public async Task A_purge_that_the_disk_refuses_leaves_the_blob()
    {
        var store = Open();
        var kept = await store.KeepAsync(new byte[100]);
        _disk.Before = _ => throw new IOException("broken", 5);

        await Assert.ThrowsAsync<StorageException>(async () => await store.PurgeAsync(kept.Id, default));

        _disk.Before = null;
        Assert.Equal(100, (await store.ReadAllAsync(kept.Id)).Length);
        Assert.True(await store.PurgeAsync(kept.Id, default));
    }

    [Fact]
    public void Appending_and_finding_allocate_nothing()
    {
        const int Rounds = 200;
        var calls = DiskCalls.ForThisSystem();
        using var file = calls.CreateFile(Path.Combine(_folder.Path, "segment"));
        using var open = new OpenSegment(calls, new Segment(1), file, new byte[SegmentFormat.MarkerSize], room: 0);
        var places = new BlobPlaces();
        var ids = Enumerable.Range(0, Rounds).Select(_ => BlobId.New(TimeProvider.System)).ToArray();
        var records = ids.Select(id => new NewRecord(new RecordHead(id, 0, 4096), new byte[4096], new byte[64])).ToArray();
        open.Append(records[0]);
        open.Flush();
        places.Set(ids[0], default);
        _ = places.TryFind(ids[0], out _);

        Assert.Equal(0, Allocated.ByThread(() =>
        {
            foreach (var record in records)
            {
                open.Append(record);
                _ = places.TryFind(record.Head.Id, out _);
            }

            open.Flush();
        }));
    }

    [Fact]
    public void The_table_of_places_takes_at_most_110_bytes_a_blob()
    {
        const int Blobs = 200_000;
        var ids = Enumerable.Range(0, Blobs).Select(_ => BlobId.New(TimeProvider.System)).ToArray();
        var allocated = Allocated.ByThread(() =>
        {
            var places = new BlobPlaces();
            foreach (var id in ids)
            {
                places.Set(id, default);
            }

            Assert.Equal(Blobs, places.Count);
        });

        // A table that doubles as it grows has thrown away about as much as it holds in the end.
        Assert.InRange(allocated / (double)Blobs, 48, 2 * 110);
    }

    private string Segment(int number) => Path.Combine(_folder.Segments, $"{number:x8}.segment");

    private DiskBlobStore Open(DiskBlobStoreOptions? options = null)
    {
        var store = DiskBlobStore.Open(options ?? new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk }, TimeProvider.System);
        _opened.Add(store);
        return store;
    }
}
