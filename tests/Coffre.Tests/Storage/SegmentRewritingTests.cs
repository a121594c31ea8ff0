using Coffre.Storage;
using Coffre.Storage.Local;
using Coffre.Storage.Local.Segments;

namespace Coffre.Tests.Storage;

/// <summary>Segments that are mostly dead are rewritten, and nobody notices.</summary>
public sealed class SegmentRewritingTests : IDisposable
{
    private readonly SegmentSteps _steps = new();

    private TestFolder Folder => _steps.Folder;

    public void Dispose() => _steps.Dispose();

    [Fact]
    public async Task The_room_of_purged_blobs_comes_back_and_the_others_stay()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 70);
        var rest = kept.Where((_, number) => number % 4 == 0).ToList();
        foreach (var gone in kept.Except(rest))
        {
            Assert.True(await store.PurgeAsync(gone.Id, default));
        }

        await store.Small.RewritingAsync();

        Assert.InRange(Folder.SegmentFiles().Length, 1, 4);
        await SegmentSteps.AssertHoldsAsync(store, rest);
        store.Dispose();
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), rest);
    }

    [Fact]
    public async Task A_segment_that_is_all_dead_goes_without_a_write()
    {
        var disk = new WatchedDisk();
        var store = _steps.Open(disk);
        var kept = await _steps.KeepManyAsync(store, 8);
        disk.Before = call =>
        {
            if (call.Name is "CreateFile" or "SyncData" or "SyncFile")
            {
                throw new IOException("full", 28);
            }
        };
        foreach (var gone in kept[..7])
        {
            await store.PurgeAsync(gone.Id, default);
        }

        await store.Small.RewritingAsync();

        Assert.Equal(Path.Combine(Folder.Segments, "00000002.segment"), Assert.Single(Folder.SegmentFiles()));
        await SegmentSteps.AssertHoldsAsync(store, kept[7..]);
    }

    [Fact]
    public async Task Who_has_opened_a_blob_reads_on_while_its_segment_goes()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 8);
        await using var moved = await store.OpenAsync(kept[0].Id, new ByteRange(0, SegmentSteps.BlobLength), default);
        await using var purged = await store.OpenAsync(kept[1].Id, new ByteRange(10, 20), default);
        foreach (var gone in kept[1..7])
        {
            await store.PurgeAsync(gone.Id, default);
        }

        await store.Small.RewritingAsync();

        Assert.False(File.Exists(Path.Combine(Folder.Segments, "00000001.segment")));
        Assert.Equal(kept[0].Bytes, await moved!.ReadToEndAsync());
        Assert.Equal(kept[1].Bytes[10..30], await purged!.ReadToEndAsync());
        await SegmentSteps.AssertHoldsAsync(store, [kept[0], kept[7]]);
    }

    [Fact]
    public async Task Many_read_while_segments_are_rewritten()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 140);
        var (rest, gone) = (kept.Where((_, number) => number % 5 == 0).ToList(), kept.Where((_, number) => number % 5 != 0).ToList());
        using var end = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var rounds = 0;
            for (; rounds == 0 || !end.IsCancellationRequested; rounds++)
            {
                foreach (var one in rest)
                {
                    Assert.Equal(one.Bytes, await store.ReadAllAsync(one.Id));
                }
            }
        })).ToList();

        foreach (var one in gone)
        {
            await store.PurgeAsync(one.Id, default);
        }

        await store.Small.RewritingAsync();
        await end.CancelAsync();
        await Task.WhenAll(readers);
        Assert.InRange(Folder.SegmentFiles().Length, 1, 8);
    }

    [Fact]
    public async Task A_blob_that_is_purged_while_it_moves_does_not_come_back()
    {
        var disk = new WatchedDisk();
        var store = _steps.Open(disk);
        var kept = await _steps.KeepManyAsync(store, 8);
        var moving = new TaskCompletionSource();
        using var mayMove = new ManualResetEventSlim();
        disk.Before = call =>
        {
            if (call.Name == "SyncData")
            {
                moving.TrySetResult();
                mayMove.Wait();
            }
        };
        foreach (var gone in kept[2..7])
        {
            await store.PurgeAsync(gone.Id, default);
        }

        await moving.Task;
        Assert.True(await store.PurgeAsync(kept[0].Id, default));
        mayMove.Set();
        await store.Small.RewritingAsync();

        List<SegmentSteps.Kept> rest = [kept[1], kept[7]];
        await SegmentSteps.AssertHoldsAsync(store, rest);
        store.Dispose();
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), rest);
    }

    [Fact]
    public async Task A_process_that_dies_between_move_and_removal_leaves_each_blob_once()
    {
        var disk = new WatchedDisk();
        var store = _steps.Open(disk);
        var kept = await _steps.KeepManyAsync(store, 8);
        disk.Before = call =>
        {
            if (call.Name == "Delete")
            {
                throw new IOException("died", 5);
            }
        };
        foreach (var gone in kept[1..7])
        {
            await store.PurgeAsync(gone.Id, default);
        }

        await store.Small.RewritingAsync();
        store.Dispose();
        Assert.Equal(2, Folder.SegmentFiles().Length);

        store = _steps.Open();
        await SegmentSteps.AssertHoldsAsync(store, [kept[0], kept[7]]);
        Assert.True(await store.PurgeAsync(kept[0].Id, default));
        store.Dispose();
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), [kept[7]]);
    }

    [Fact]
    public async Task A_segment_with_a_corrupt_blob_is_left_to_scrub()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 8);
        using (var file = File.OpenHandle(Folder.SegmentFiles()[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            RandomAccess.Write(file, new byte[30], 64 + SegmentFormat.RecordHeadSize + 100);
        }

        foreach (var gone in kept[1..7])
        {
            await store.PurgeAsync(gone.Id, default);
        }

        await store.Small.RewritingAsync();

        Assert.Equal(2, Folder.SegmentFiles().Length);
        Assert.Equal(ScrubVerdict.Corrupt, await BlobScrub.VerifyAsync(store, kept[0].Id, kept[0].Blob.Length, kept[0].Blob.Checksum, default));
    }

    [Fact]
    public async Task What_a_command_purged_beside_the_server_is_not_moved()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 8);
        Assert.True(await _steps.Open(isExclusive: false).PurgeAsync(kept[0].Id, default));
        foreach (var gone in kept[2..7])
        {
            await store.PurgeAsync(gone.Id, default);
        }

        await store.Small.RewritingAsync();

        await SegmentSteps.AssertHoldsAsync(store, [kept[1], kept[7]]);
        store.Dispose();
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), [kept[1], kept[7]]);
    }
}
