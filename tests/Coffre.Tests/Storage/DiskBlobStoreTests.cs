using System.Runtime.Versioning;
using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

/// <summary>The engine with a file for each blob, however small.</summary>
public sealed class DiskBlobStoreTests : BlobStoreContract
{
    private readonly TestFolder _folder = new();
    private readonly DiskBlobStore _store;

    public DiskBlobStoreTests() => _store = Open(new DiskBlobStoreOptions { Root = _folder.Path });

    protected override IBlobStore Store => _store;

    public override ValueTask DisposeAsync()
    {
        _store.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_blob_lies_under_the_last_bytes_of_its_id_and_holds_its_bytes_only()
    {
        var bytes = RandomBytes(1234);
        var id = (await Store.KeepAsync(bytes)).Id.ToString();

        var place = Path.Combine(_folder.Blobs, id[28..30], id[30..32], id);
        Assert.Equal(place, Assert.Single(_folder.BlobFiles()));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(place));
        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_may_read_what_is_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var root = Path.Combine(_folder.Path, "new", "root");
        using var store = Open(new DiskBlobStoreOptions { Root = root });
        await using var writer = await store.BeginAsync(null, default);
        var kept = await store.KeepAsync(RandomBytes(10));
        var file = new BlobPaths(root).Blob(kept.Id);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.GetFiles(Path.Combine(root, "staging"))[0]));
        for (var folder = Path.GetDirectoryName(file)!; folder.Length >= root.Length; folder = Path.GetDirectoryName(folder)!)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        }
    }

    [Fact]
    public async Task A_reopened_store_has_the_blobs_and_the_dates()
    {
        var bytes = RandomBytes(400_000);
        var kept = await Store.KeepAsync(bytes);
        var found = await Store.FindAsync(kept.Id, default);
        Clock.Advance(TimeSpan.FromDays(9));

        using var reopened = Open(new DiskBlobStoreOptions { Root = _folder.Path + Path.DirectorySeparatorChar });

        Assert.Equal(found, Assert.Single(await reopened.ListAllAsync()));
        Assert.Equal(bytes, await reopened.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task A_link_in_the_place_of_a_blob_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        var secret = Path.Combine(_folder.Path, "secret");
        await File.WriteAllTextAsync(secret, "secret");
        var kept = await Store.KeepAsync(RandomBytes(6));
        var place = _folder.BlobFiles()[0];
        File.Delete(place);
        File.CreateSymbolicLink(place, secret);

        Assert.Equal(StorageTrouble.Corrupt, (await Assert.ThrowsAsync<StorageException>(async () => await Store.FindAsync(kept.Id, default))).Trouble);
        await Assert.ThrowsAsync<StorageException>(async () => await Store.OpenAsync(kept.Id, new ByteRange(0, 6), default));
        Assert.Equal(ScrubVerdict.Corrupt, await BlobScrub.VerifyAsync(Store, kept.Id, 6, kept.Checksum, default));
        Assert.Empty(await Store.ListAllAsync());
        Assert.True(await Store.PurgeAsync(kept.Id, default));
        Assert.True(File.Exists(secret));
    }

    [Fact]
    public async Task A_listing_passes_over_what_the_store_did_not_put_there()
    {
        var kept = await Store.KeepAsync(RandomBytes(10));
        var place = _folder.BlobFiles()[0];
        var stray = BlobId.New(Clock).ToString();
        await File.WriteAllTextAsync(Path.Combine(_folder.Blobs, stray), "on a wrong level");
        await File.WriteAllTextAsync(place + ".bak", "another name");
        Directory.CreateDirectory(Path.Combine(_folder.Blobs, "lost+found"));

        Assert.Equal(kept.Id, Assert.Single(await Store.ListAllAsync()).Id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    public async Task A_listing_in_small_batches_is_the_same_listing(int batch)
    {
        for (var i = 0; i < 30; i++)
        {
            await Store.KeepAsync([]);
        }

        using var store = Open(new DiskBlobStoreOptions { Root = _folder.Path, ListBatch = batch });

        Assert.Equal(await Store.ListAllAsync(), await store.ListAllAsync());
        Assert.Equal(30, (await store.ListAllAsync()).Count);
    }

    [Fact]
    public async Task A_file_that_lost_its_end_is_corrupt_and_never_a_short_blob()
    {
        var kept = await Store.KeepAsync(RandomBytes(100_000));
        await using var stream = await Store.OpenAsync(kept.Id, new ByteRange(0, 100_000), default);
        Assert.NotNull(stream);
        await using (var file = new FileStream(_folder.BlobFiles()[0], FileMode.Open))
        {
            file.SetLength(50_000);
        }

        var corrupt = await Assert.ThrowsAsync<StorageException>(() => stream.ReadToEndAsync());
        Assert.Equal(StorageTrouble.Corrupt, corrupt.Trouble);
        Assert.Equal(ScrubVerdict.Corrupt, await BlobScrub.VerifyAsync(Store, kept.Id, kept.Length, kept.Checksum, default));
    }

    [Fact]
    public async Task One_turned_bit_is_corrupt()
    {
        var bytes = RandomBytes(300_000);
        var kept = await Store.KeepAsync(bytes);
        bytes[123_456] ^= 4;
        await File.WriteAllBytesAsync(_folder.BlobFiles()[0], bytes);

        Assert.Equal(ScrubVerdict.Corrupt, await BlobScrub.VerifyAsync(Store, kept.Id, kept.Length, kept.Checksum, default));
    }

    [Fact]
    public async Task Purging_staging_takes_what_is_old_and_no_more()
    {
        var limit = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var old = Abandoned(limit.AddSeconds(-1));
        var young = Abandoned(limit);
        await using var living = await Store.BeginAsync(null, default);
        foreach (var file in _folder.StagedFiles().Except([old, young]))
        {
            File.SetLastWriteTimeUtc(file, limit.UtcDateTime.AddYears(-1));
        }

        Assert.Equal(1, await Store.PurgeStagingAsync(limit, default));

        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
        await living.CommitAsync(default);
    }

    [Fact]
    public async Task A_folder_that_was_taken_away_is_made_again()
    {
        await using var writer = await Store.BeginAsync(null, default);
        await Store.KeepAsync(RandomBytes(10));
        foreach (var folder in Directory.GetDirectories(_folder.Blobs))
        {
            Directory.Delete(folder, recursive: true);
        }

        var kept = await writer.CommitAsync(default);

        Assert.Empty(await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public void A_folder_that_cannot_be_used_is_named_when_the_store_is_opened()
    {
        var file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        var root = Path.Combine(file, "root");

        var broken = Assert.Throws<StorageException>(() => Open(new DiskBlobStoreOptions { Root = root }));

        Assert.Equal(StorageTrouble.Broken, broken.Trouble);
        Assert.Contains($"'{root}'", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_root_may_be_a_link()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        var link = Path.Combine(_folder.Path, "link");
        Directory.CreateSymbolicLink(link, Directory.CreateDirectory(Path.Combine(_folder.Path, "target")).FullName);
        using var store = Open(new DiskBlobStoreOptions { Root = link });

        var kept = await store.KeepAsync(RandomBytes(10));

        Assert.Equal(kept.Id, Assert.Single(await store.ListAllAsync()).Id);
    }

    [Fact]
    public void Opening_leaves_nothing_but_the_three_folders()
    {
        Assert.Equal([_folder.Blobs, _folder.Segments, _folder.Staging], Directory.GetFileSystemEntries(_folder.Path).Order());
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Blobs));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Segments));
        Assert.Empty(_folder.StagedFiles());
    }

    [Fact]
    public void A_setting_out_of_its_range_is_named()
    {
        var options = new DiskBlobStoreOptions { Root = _folder.Path };

        Assert.Contains("SmallBlobLimit", Assert.Throws<ArgumentException>(() => DiskBlobStore.Open(options with { SmallBlobLimit = (256 << 10) + 1 }, Clock)).Message, StringComparison.Ordinal);
        Assert.Contains("SyncThreads", Assert.Throws<ArgumentException>(() => Open(options with { SyncThreads = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("PreallocationLimit", Assert.Throws<ArgumentException>(() => Open(options with { PreallocationLimit = -1 })).Message, StringComparison.Ordinal);
        Assert.Contains("Root", Assert.Throws<ArgumentException>(() => Open(options with { Root = "relative" })).Message, StringComparison.Ordinal);
    }

    private DiskBlobStore Open(DiskBlobStoreOptions options) => DiskBlobStore.Open(options with { SmallBlobLimit = 0 }, Clock);

    private string Abandoned(DateTimeOffset writtenAt)
    {
        var path = Path.Combine(_folder.Staging, $"{BlobId.New(Clock)}.part");
        File.WriteAllText(path, "abandoned");
        File.SetLastWriteTimeUtc(path, writtenAt.UtcDateTime);
        return path;
    }
}
