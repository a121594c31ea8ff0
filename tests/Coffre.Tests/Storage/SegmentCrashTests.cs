using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>Processes that die and power that fails while small blobs are kept, purged and moved.</summary>
public sealed class SegmentCrashTests : IDisposable
{
    private const int BlobLength = 900;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(nameof(CommitStep.AfterRecordWrite))]
    [InlineData(nameof(CommitStep.AfterRecordSync))]
    public async Task A_process_that_dies_in_a_commit_leaves_a_whole_blob(string diesAfter)
    {
        var bytes = new byte[5000];
        new Random(3).NextBytes(bytes);
        KeptBlob earlier;
        using (var store = Open(null))
        {
            earlier = await store.KeepAsync([1, 2, 3]);
        }

        using (var store = Open(step =>
        {
            if (step == Enum.Parse<CommitStep>(diesAfter))
            {
                throw new ProcessDied();
            }
        }))
        {
            await Assert.ThrowsAsync<ProcessDied>(() => store.KeepAsync(bytes));
            Assert.Single(await store.ListAllAsync());
        }

        using var reopened = Open(null);
        Assert.Equal(new byte[] { 1, 2, 3 }, await reopened.ReadAllAsync(earlier.Id));
        var found = Assert.Single(await reopened.ListAllAsync(), blob => blob.Id != earlier.Id);
        Assert.Equal(bytes, await reopened.ReadAllAsync(found.Id));
    }

    [Theory]
    [InlineData("Gone", 0)]
    [InlineData("Torn", 0)]
    [InlineData("Chance", 1)]
    [InlineData("Chance", 2)]
    [InlineData("Chance", 3)]
    [InlineData("Chance", 4)]
    public async Task No_power_cut_between_any_two_calls_loses_what_was_acknowledged(string unsynced, int seed)
    {
        var kind = Enum.Parse<Unsynced>(unsynced);
        var calls = await CutAfterAsync(int.MaxValue, kind, seed);
        Assert.InRange(calls, 60, 400);
        for (var cut = 0; cut < calls; cut++)
        {
            await CutAfterAsync(cut, kind, seed);
        }
    }

    /// <summary>Keeps, purges and rewrites until the power fails at the given call, and checks what a disk would have afterwards.</summary>
    private static async Task<int> CutAfterAsync(int cut, Unsynced unsynced, int seed)
    {
        using var folder = new TestFolder();
        using var survivors = new TestFolder();
        var power = new PowerCutDisk(folder.Path, cut, unsynced, seed);
        var acknowledged = new List<KeptBlob>();
        var purged = new HashSet<BlobId>();
        try
        {
            // Opened twice, so that a segment is gone on with; full segments, dead ones, and one that is moved.
            for (var start = 0; start < 2; start++)
            {
                using var store = Open(folder.Path, power.Disk);
                await WorkAsync(store, acknowledged, purged);
            }
        }
        catch (PowerFailed)
        {
        }

        power.WriteWhatSurvives(survivors.Path);
        for (var start = 0; start < 2; start++)
        {
            using var reopened = Open(survivors.Path, new WatchedDisk { OnlyNotesSyncs = true });
            await reopened.Small.RewritingAsync();
            foreach (var blob in acknowledged.Where(blob => !purged.Contains(blob.Id)))
            {
                Assert.Equal(ScrubVerdict.Ok, await BlobScrub.VerifyAsync(reopened, blob.Id, blob.Length, blob.Checksum, default));
            }

            // What was not acknowledged, or was purged, may be there, and then it is whole.
            foreach (var blob in await reopened.ListAllAsync())
            {
                Assert.True(KillTarget.IsWhole(await reopened.ReadAllAsync(blob.Id)));
            }

            await reopened.KeepAsync(KillTarget.Whole(100, seed: start));
        }

        return power.Disk.Calls.Count;
    }

    private static async Task WorkAsync(DiskBlobStore store, List<KeptBlob> acknowledged, HashSet<BlobId> purged)
    {
        var first = acknowledged.Count;
        for (var i = 0; i < 5; i++)
        {
            acknowledged.Add(await store.KeepAsync(KillTarget.Whole(BlobLength, seed: acknowledged.Count)));
        }

        for (var i = first + 1; i < first + 3; i++)
        {
            purged.Add(acknowledged[i].Id);
            await store.PurgeAsync(acknowledged[i].Id, default);
        }

        await store.Small.RewritingAsync();
    }

    private static DiskBlobStore Open(string root, WatchedDisk? disk = null)
    {
        var options = new DiskBlobStoreOptions { Root = root, SegmentLength = 3700 };
        return DiskBlobStore.Open(disk is null ? options : options with { Calls = disk }, TimeProvider.System);
    }

    private DiskBlobStore Open(Action<CommitStep>? stepReached) =>
        DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path, StepReached = stepReached }, TimeProvider.System);

    private sealed class ProcessDied : Exception;
}
