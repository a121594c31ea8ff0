using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>A sync that fails is a blob that is not kept.</summary>
public sealed class SyncErrorTests : IDisposable
{
    private const int ReadOnlyFileSystem = 30;

    private readonly TestFolder _folder = new();
    private readonly WatchedDisk _disk = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The framework's own flush passes over what this device answers (EINVAL), as it does over a read-only file system (EROFS).</summary>
    [Fact]
    public void Every_error_of_a_sync_is_an_error()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are those of Linux.");
        using var device = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        var calls = DiskCalls.ForThisSystem();

        RandomAccess.FlushToDisk(device);
        Assert.Equal(22, Assert.Throws<IOException>(() => calls.SyncFile(device)).HResult);
        Assert.Equal(22, Assert.Throws<IOException>(() => calls.SyncData(device)).HResult);
    }

    [Fact]
    public void A_sync_that_works_says_nothing()
    {
        var calls = DiskCalls.ForThisSystem();
        using var file = calls.CreateFile(Path.Combine(_folder.Path, "file"));

        calls.Write(file, new byte[10], 0);
        calls.SyncData(file);
        calls.SyncFile(file);
        calls.SyncFolder(_folder.Path);
    }

    [Theory]
    [InlineData("SyncFile", 100_000)]
    [InlineData("SyncFolder", 100_000)]
    [InlineData("SyncData", 100)]
    public async Task A_disk_that_became_read_only_keeps_nothing_and_is_not_asked_again(string sync, int length)
    {
        using var store = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk }, TimeProvider.System);
        await store.KeepAsync(new byte[1]);
        _disk.Forget();
        var failures = 0;
        _disk.Before = call =>
        {
            if (call.Name == sync && failures++ == 0)
            {
                throw new IOException("read-only", ReadOnlyFileSystem);
            }
        };

        var thrown = await Assert.ThrowsAsync<StorageException>(() => store.KeepAsync(new byte[length]));

        Assert.Equal(StorageTrouble.Broken, thrown.Trouble);
        Assert.Equal(1, failures);
        Assert.Single(await store.ListAllAsync());

        // The next one goes to another file, whose syncs say what they mean.
        var kept = await store.KeepAsync(new byte[length]);
        Assert.Equal(length, (await store.ReadAllAsync(kept.Id)).Length);
        Assert.Equal(length == 100 ? 2 : 1, _folder.SegmentFiles().Length);
    }
}
