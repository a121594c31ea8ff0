using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>Disks that refuse, at each call of an upload.</summary>
public sealed class DiskTroubleTests : IDisposable
{
    private const int BrokenDevice = 5;
    private const int NoSpace = 28;
    private const int QuotaPassed = 122;

    private readonly TestFolder _folder = new();
    private readonly WatchedDisk _disk = new();

    public static TheoryData<string, int> Refusals
    {
        get
        {
            var refusals = new TheoryData<string, int>();
            foreach (var call in (string[])["CreateFile", "Preallocate", "Write", "Trim", "SetDate", "SyncFile", "CreateFolder", "Rename", "SyncFolder"])
            {
                refusals.Add(call, BrokenDevice);
                refusals.Add(call, NoSpace);
                refusals.Add(call, QuotaPassed);
            }

            return refusals;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_call_is_reported_by_its_kind_and_nothing_is_left(string call, int error)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are those of Linux.");
        using var store = Open();
        _disk.Before = made => ThrowAt(made, call, error);

        var thrown = await Assert.ThrowsAsync<StorageException>(() => store.KeepAsync(new byte[900_000], announced: 1_000_000));

        Assert.Equal(error == BrokenDevice ? StorageTrouble.Broken : StorageTrouble.Full, thrown.Trouble);
        Assert.Empty(_folder.StagedFiles());
        Assert.Empty(_folder.BlobFiles());
        _disk.Before = null;
        Assert.Equal(900_000, (await store.KeepAsync(new byte[900_000])).Length);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(2_000_000)]
    public async Task A_failed_writer_has_cleaned_up_before_it_is_disposed_and_takes_nothing_more(int length)
    {
        using var store = Open();
        _disk.Before = made => ThrowAt(made, "Write", NoSpace);
        await using var writer = await store.BeginAsync(null, default);

        await Assert.ThrowsAsync<StorageException>(async () =>
        {
            await writer.WriteAsync(new byte[length], default);
            await writer.CommitAsync(default);
        });

        Assert.Empty(_folder.StagedFiles());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteAsync(new byte[1], default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CommitAsync(default));
    }

    [Fact]
    public async Task A_disk_that_cannot_even_clean_up_leaves_staging_to_the_purge()
    {
        using (var store = Open())
        {
            _disk.Before = made =>
            {
                ThrowAt(made, "SyncFile", BrokenDevice);
                ThrowAt(made, "Delete", BrokenDevice);
            };
            var thrown = await Assert.ThrowsAsync<StorageException>(() => store.KeepAsync(new byte[10]));
            Assert.Equal(StorageTrouble.Broken, thrown.Trouble);
            Assert.Single(_folder.StagedFiles());
            _disk.Before = null;

            Assert.Equal(1, await store.PurgeStagingAsync(DateTimeOffset.MaxValue, default));
        }

        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    public void A_full_disk_can_still_be_opened()
    {
        Open().Dispose();
        _disk.Before = made => ThrowAt(made, "CreateFile", NoSpace);

        Open().Dispose();
    }

    [Fact]
    public async Task A_full_file_system_is_reported_and_the_room_comes_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs root on Linux, to mount a small file system.");
        var mount = Path.Combine(_folder.Path, "small");
        Directory.CreateDirectory(mount);
        await MountOrSkipAsync(mount);
        try
        {
            using var store = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = mount }, TimeProvider.System);
            var kept = await store.KeepAsync(new byte[2 << 20]);
            await AssertFullAsync(() => store.KeepAsync(new byte[20 << 20], announced: null));
            await AssertFullAsync(() => store.KeepAsync(new byte[20 << 20], announced: 20 << 20));
            await AssertFullAsync(() => store.KeepAsync(new byte[7 << 20], announced: 0));

            Assert.Empty(Directory.GetFiles(Path.Combine(mount, "staging")));
            Assert.Equal(kept.Id, Assert.Single(await store.ListAllAsync()).Id);
            Assert.Equal(5 << 20, (await store.KeepAsync(new byte[5 << 20])).Length);
        }
        finally
        {
            await Command.RunAsync("umount", mount);
        }
    }

    private static async Task MountOrSkipAsync(string mount)
    {
        try
        {
            await Command.RunAsync("mount", "-t", "tmpfs", "-o", "size=8m", "none", mount);
        }
        catch (InvalidOperationException refused)
        {
            Assert.Skip($"Mounting is not allowed here: {refused.Message}");
        }
    }

    private static async Task AssertFullAsync(Func<Task> keeping) =>
        Assert.Equal(StorageTrouble.Full, (await Assert.ThrowsAsync<StorageException>(keeping)).Trouble);

    private static void ThrowAt(DiskCall made, string call, int error)
    {
        if (made.Name == call)
        {
            throw new IOException($"error {error}", error);
        }
    }

    private DiskBlobStore Open() => DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path, Calls = _disk, SmallBlobLimit = 0 }, TimeProvider.System);
}
