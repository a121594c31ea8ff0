using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>Processes that die and power that fails, at every step of the commit of a blob with a file of its own.</summary>
public sealed class DiskCrashTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(nameof(CommitStep.AfterStagingWrite), false)]
    [InlineData(nameof(CommitStep.AfterFileSync), false)]
    [InlineData(nameof(CommitStep.AfterRename), true)]
    [InlineData(nameof(CommitStep.AfterFolderSync), true)]
    public async Task A_process_that_dies_in_a_commit_leaves_a_whole_blob_or_none(string diesAfter, bool leavesBlob)
    {
        var before = new byte[] { 1, 2, 3 };
        var bytes = new byte[700_000];
        new Random(3).NextBytes(bytes);
        KeptBlob earlier;
        using (var store = Open(step => Die(step, CommitStep.AfterFolderSync + 1)))
        {
            earlier = await store.KeepAsync(before);
        }

        using (var store = Open(step => Die(step, Enum.Parse<CommitStep>(diesAfter))))
        {
            // Abandoned, not disposed: the dead clean up nothing.
            var writer = await store.BeginAsync(bytes.Length, default);
            await writer.WriteAsync(bytes, default);
            await Assert.ThrowsAsync<ProcessDied>(async () => await writer.CommitAsync(default));
        }

        using var reopened = Open(null);
        Assert.Equal(before, await reopened.ReadAllAsync(earlier.Id));
        var found = (await reopened.ListAllAsync()).Where(blob => blob.Id != earlier.Id).ToList();
        Assert.Equal(leavesBlob ? 1 : 0, found.Count);
        foreach (var blob in found)
        {
            Assert.Equal(bytes, await reopened.ReadAllAsync(blob.Id));
        }

        Assert.Equal(leavesBlob ? 0 : 1, await reopened.PurgeStagingAsync(DateTimeOffset.MaxValue, default));
        Assert.Empty(_folder.StagedFiles());
    }

    [Theory]
    [InlineData("Gone", 0)]
    [InlineData("Chance", 1)]
    [InlineData("Chance", 2)]
    [InlineData("Chance", 3)]
    public async Task No_power_cut_between_any_two_calls_loses_what_was_acknowledged(string unsynced, int seed)
    {
        var kind = Enum.Parse<Unsynced>(unsynced);
        var calls = await CutAfterAsync(int.MaxValue, kind, seed);
        Assert.InRange(calls, 20, 200);
        for (var cut = 0; cut < calls; cut++)
        {
            await CutAfterAsync(cut, kind, seed);
        }
    }

    /// <summary>Keeps blobs until the power fails at the given call, and checks what a disk would have afterwards.</summary>
    private static async Task<int> CutAfterAsync(int cut, Unsynced unsynced, int seed)
    {
        using var folder = new TestFolder();
        using var survivors = new TestFolder();
        var power = new PowerCutDisk(folder.Path, cut, unsynced, seed);
        var acknowledged = new List<KeptBlob>();
        try
        {
            using var store = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = folder.Path, Calls = power.Disk, SmallBlobLimit = 0 }, TimeProvider.System);
            foreach (var length in (int[])[5, 0, 600_000])
            {
                acknowledged.Add(await store.KeepAsync(new byte[length], announced: length));
            }
        }
        catch (PowerFailed)
        {
        }

        power.WriteWhatSurvives(survivors.Path);
        using var reopened = DiskBlobStore.Open(
            new DiskBlobStoreOptions { Root = survivors.Path, Calls = new WatchedDisk { OnlyNotesSyncs = true } }, TimeProvider.System);
        foreach (var blob in acknowledged)
        {
            Assert.Equal(ScrubVerdict.Ok, await BlobScrub.VerifyAsync(reopened, blob.Id, blob.Length, blob.Checksum, default));
        }

        // What was not acknowledged may be there, and then it is whole.
        Assert.All(await reopened.ListAllAsync(), blob => Assert.True(blob.Length is 5 or 0 or 600_000));
        return power.Disk.Calls.Count;
    }

    private static void Die(CommitStep step, CommitStep diesAfter)
    {
        if (step == diesAfter)
        {
            throw new ProcessDied();
        }
    }

    private DiskBlobStore Open(Action<CommitStep>? stepReached) =>
        DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path, StepReached = stepReached, SmallBlobLimit = 0 }, TimeProvider.System);

    private sealed class ProcessDied : Exception;
}
