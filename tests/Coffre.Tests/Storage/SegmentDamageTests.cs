using System.Security.Cryptography;
using Coffre.Storage;
using Coffre.Storage.Local;
using Coffre.Storage.Local.Segments;

namespace Coffre.Tests.Storage;

/// <summary>Segments whose first bytes are damaged, disks whose syncs fail, and calls that must not stand in the way of the next blob.</summary>
public sealed class SegmentDamageTests : IDisposable
{
    private const int Broken = 5;

    private readonly SegmentSteps _steps = new();
    private readonly WatchedDisk _disk = new();

    private TestFolder Folder => _steps.Folder;

    public void Dispose() => _steps.Dispose();

    [Theory]
    [InlineData(0, true)]
    [InlineData(8, true)]
    [InlineData(20, true)]
    [InlineData(61, true)]
    [InlineData(20, false)]
    public async Task A_damaged_head_hides_no_blob(int at, bool withoutIndex)
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, withoutIndex ? 5 : 8);
        store.Dispose();
        var file = Folder.SegmentFiles()[0];
        Turn(file, at);
        var damaged = await File.ReadAllBytesAsync(file);

        for (var start = 0; start < 3; start++)
        {
            store = _steps.Open();
            kept.AddRange(await _steps.KeepManyAsync(store, 1));
            await SegmentSteps.AssertHoldsAsync(store, kept);
            store.Dispose();
        }

        Assert.Empty(store.UnreadableSegments);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task A_damaged_head_and_first_record_cost_that_record_alone()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 5);
        store.Dispose();
        Turn(Folder.SegmentFiles()[0], 3);
        Turn(Folder.SegmentFiles()[0], SegmentFormat.SegmentHeadSize + 40);

        store = _steps.Open();
        await SegmentSteps.AssertHoldsAsync(store, kept[1..]);
        Assert.Empty(store.UnreadableSegments);
    }

    [Fact]
    public async Task A_segment_that_cannot_be_read_at_all_is_reported_and_never_touched()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 5);
        store.Dispose();
        var file = Folder.SegmentFiles()[0];
        var whole = await File.ReadAllBytesAsync(file);
        var damaged = whole.ToArray();
        damaged.AsSpan(0, 512).Clear();
        await File.WriteAllBytesAsync(file, damaged);
        var later = new List<SegmentSteps.Kept>();

        for (var start = 0; start < 3; start++)
        {
            // What comes next goes elsewhere; purges and rewriting go on there.
            store = _steps.Open();
            Assert.Equal([file], store.UnreadableSegments);
            later.AddRange(await _steps.KeepManyAsync(store, 7));
            foreach (var gone in later[..^2])
            {
                await store.PurgeAsync(gone.Id, default);
            }

            later = later[^2..];
            await store.Small.RewritingAsync();
            await store.PurgeStagingAsync(DateTimeOffset.MaxValue, default);
            await SegmentSteps.AssertHoldsAsync(store, later);
            Assert.Equal(ScrubVerdict.Missing, await BlobScrub.VerifyAsync(store, kept[0].Id, kept[0].Blob.Length, kept[0].Blob.Checksum, default));
            store.Dispose();
            Assert.Equal(damaged, await File.ReadAllBytesAsync(file));
            Assert.False(File.Exists(Path.ChangeExtension(file, ".index")));
        }

        // As from a backup.
        await File.WriteAllBytesAsync(file, whole);
        store = _steps.Open();
        Assert.Empty(store.UnreadableSegments);
        await SegmentSteps.AssertHoldsAsync(store, [.. kept, .. later]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_segment_inside_a_blob_is_not_taken_for_records_when_the_head_is_damaged(bool withMarker)
    {
        var store = _steps.Open();
        await _steps.KeepManyAsync(store, 3);
        var forged = (await File.ReadAllBytesAsync(Folder.SegmentFiles()[0]))[..3600];
        using var other = new SegmentSteps();
        var otherStore = other.Open();
        await otherStore.KeepAsync(forged);
        var kept = await other.KeepManyAsync(otherStore, 1);
        otherStore.Dispose();
        var file = other.Folder.SegmentFiles()[0];
        Turn(file, withMarker ? 20 : 3);
        Turn(file, SegmentFormat.SegmentHeadSize + 40);

        otherStore = other.Open();

        await SegmentSteps.AssertHoldsAsync(otherStore, withMarker ? [] : kept);
        Assert.Equal(withMarker ? [file] : [], otherStore.UnreadableSegments);
    }

    /// <summary>After a failed sync the page cache may show bytes that are on no device, and a second sync says that all is well.</summary>
    [Fact]
    public async Task What_was_moved_under_a_failed_sync_is_not_believed_by_the_next_start()
    {
        var store = _steps.Open(_disk);
        var kept = await _steps.KeepManyAsync(store, 8);
        var target = Folder.SegmentFiles()[1];
        var onDevice = await File.ReadAllBytesAsync(target);
        var failed = false;
        _disk.Before = call =>
        {
            failed |= call.Name == "SyncData";
            Refuse(call.Name == "CreateFile" || (failed && call.Path == target));
        };
        foreach (var gone in kept[1..7])
        {
            await store.PurgeAsync(gone.Id, default);
        }

        await store.Small.RewritingAsync();
        store.Dispose();
        Assert.True(failed);
        Assert.NotEqual(onDevice, await File.ReadAllBytesAsync(target));

        // The same machine goes on with what the page cache shows, and finds the blob twice.
        _disk.Before = call => Refuse(call is { Name: "Delete" } && call.Path.EndsWith(".segment", StringComparison.Ordinal));
        store = _steps.Open(_disk);
        await store.Small.RewritingAsync();
        await SegmentSteps.AssertHoldsAsync(store, [kept[0], kept[7]]);
        store.Dispose();

        // Now the power fails.
        await File.WriteAllBytesAsync(target, onDevice);
        File.Delete(Path.ChangeExtension(target, ".index"));
        await SegmentSteps.AssertHoldsAsync(_steps.Open(isExclusive: false), [kept[0], kept[7]]);
    }

    [Fact]
    public async Task A_segment_that_cannot_be_trimmed_makes_way_for_the_next()
    {
        var store = _steps.Open(_disk);
        var kept = await _steps.KeepManyAsync(store, 7);
        _disk.Before = call => Refuse(call.Name == "Trim");

        kept.AddRange(await _steps.KeepManyAsync(store, 9));

        Assert.Equal(3, Folder.SegmentFiles().Length);
        await SegmentSteps.AssertHoldsAsync(store, kept);
        store.Dispose();
        Directory.GetFiles(Folder.Segments, "*.index").ToList().ForEach(File.Delete);
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), kept);
    }

    [Fact]
    public async Task A_bad_place_of_the_disk_costs_one_answer_and_the_next_blob_goes_elsewhere()
    {
        // Room is made in steps of 4 MiB: 69 records of this length fit into the first.
        var options = new DiskBlobStoreOptions { Root = Folder.Path, SegmentLength = 10 << 20, Calls = _disk };
        using var store = DiskBlobStore.Open(options, TimeProvider.System);
        var bytes = RandomNumberGenerator.GetBytes(60_000);
        var kept = await store.KeepAsync(bytes);
        var first = Folder.SegmentFiles()[0];
        _disk.Before = call => Refuse(call.Name == "Write" && call.Path == first && store.Small.Count == 69);

        var refused = 0;
        for (var i = 0; i < 80; i++)
        {
            try
            {
                await store.KeepAsync(bytes);
            }
            catch (StorageException exception) when (exception.Trouble == StorageTrouble.Broken)
            {
                refused++;
            }
        }

        Assert.Equal(1, refused);
        Assert.Equal(2, Folder.SegmentFiles().Length);
        Assert.Equal(80, (await store.ListAllAsync()).Count);
        Assert.Equal(bytes, await store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task Drafts_of_indexes_are_removed_at_the_start()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 8);
        store.Dispose();
        string[] drafts = [Path.Combine(Folder.Segments, "00000001.index.part"), Path.Combine(Folder.Segments, "000000aa.index.part")];
        var foreign = Path.Combine(Folder.Segments, "notes.index.part");
        foreach (var path in drafts.Append(foreign))
        {
            await File.WriteAllTextAsync(path, "half");
        }

        await SegmentSteps.AssertHoldsAsync(_steps.Open(isExclusive: false), kept);
        Assert.All(drafts, draft => Assert.True(File.Exists(draft)));
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), kept);

        Assert.All(drafts, draft => Assert.False(File.Exists(draft)));
        Assert.True(File.Exists(foreign));
    }

    private static void Refuse(bool refused)
    {
        if (refused)
        {
            throw new IOException("refused", Broken);
        }
    }

    private static void Turn(string path, long at)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var one = new byte[1];
        RandomAccess.Read(file, one, at);
        one[0] ^= 4;
        RandomAccess.Write(file, one, at);
    }
}
