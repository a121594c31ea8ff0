using System.Net;
using Coffre.Server.Catalog;
using Coffre.Server.Uploads;
using Coffre.Storage;

namespace Coffre.Tests.Serving;

/// <summary>What becomes of an upload's bytes when the commit that names them fails: gone as soon as it is certain that no row can name them, never before.</summary>
public sealed class FailedCommitTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
    private FailingLog _log = null!;
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "The places in SQLite's records are those of 64 bits.");
        _log = new FailingLog(_folder);
        _server = await TestServer.StartAsync(_folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _log.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>In a segment; in a file of its own; and so large that its room is reserved in a commit before.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(100_000)]
    [InlineData(2 << 20)]
    public async Task A_disk_that_is_full_anywhere_in_the_commit_leaves_neither_name_nor_bytes(int length)
    {
        var id = await _server.OpenUploadAsync();
        var room = 0;
        while (true)
        {
            Fill(room);
            var answer = await SendAsync(id, "f", length);
            if (answer.Status == HttpStatusCode.Found)
            {
                break;
            }

            answer.IsKo(HttpStatusCode.InsufficientStorage, 9042);
            Assert.Empty(_server.StoredFiles());
            Assert.Equal(0, await CountAfterPowerCutAsync());
            room++;
        }

        // Each page of the log is two writes.
        Assert.InRange(room, 4, 1000);
        _log.Room = -1;
        Assert.Equal(["f"], await _server.ListNamesAsync());
        Assert.Single(_server.StoredFiles());
        Assert.Equal(1, await CountAfterPowerCutAsync());
    }

    /// <summary>The log lies whole in the file, only its sync failed: a start after a power cut may find the row, and must find the bytes.</summary>
    [Fact]
    public async Task Bytes_whose_commit_could_not_be_synced_stay_until_a_later_commit_went_well()
    {
        var id = await _server.OpenUploadAsync();
        string? atSync = null;
        _log.Syncs = () =>
        {
            atSync ??= CopyCatalog();
            return false;
        };
        (await SendAsync(id, "lost")).IsKo(HttpStatusCode.InternalServerError, 9099);
        Assert.Empty(await _server.ListNamesAsync());
        Assert.Equal(1, await CountInAsync(atSync!));
        Assert.Single(_server.StoredFiles());

        _server.Clock.Advance(TimeSpan.FromDays(30));
        await Assert.ThrowsAsync<CommitUnknownException>(_server.SweepAsync);
        Assert.Single(_server.StoredFiles());

        _log.Syncs = static () => true;
        await _server.SweepAsync();
        Assert.Empty(_server.StoredFiles());
        Assert.Equal(0, await CountAfterPowerCutAsync());
        await _server.UploadAsync("kept", [4]);
        Assert.Single(_server.StoredFiles());
    }

    [Fact]
    public async Task A_full_disk_after_a_commit_of_unknown_fate_proves_nothing_and_the_bytes_stay()
    {
        var (first, second) = (await _server.OpenUploadAsync(), await _server.OpenUploadAsync());
        _log.Syncs = static () => false;
        await SendAsync(first, "a");
        Fill(0);
        _log.Syncs = static () => true;
        (await SendAsync(second, "b")).IsKo(HttpStatusCode.InsufficientStorage, 9042);
        Assert.Equal(2, _server.StoredFiles().Count);

        _log.Room = -1;
        await _server.SweepAsync();
        Assert.Empty(_server.StoredFiles());
        Assert.Empty(await _server.ListNamesAsync());
    }

    [Fact]
    public async Task Bytes_in_doubt_that_a_row_names_stay_for_good()
    {
        await _server.UploadAsync("named", [1, 2, 3]);
        var held = _server.Room<HeldBlobs>();
        var blob = await _server.Room<IBlobStore>().ListAsync(null, CancellationToken.None).SingleAsync();
        held.Doubt([blob.Id]);
        _server.Clock.Advance(TimeSpan.FromDays(30));
        await _server.SweepAsync();
        Assert.False(held.Has(blob.Id));
        Assert.Single(_server.StoredFiles());
    }

    [Fact(Timeout = 60_000)]
    public async Task The_running_server_frees_bytes_in_doubt_without_being_asked()
    {
        var id = await _server.OpenUploadAsync();
        _log.Syncs = static () => false;
        await SendAsync(id, "lost");
        _log.Syncs = static () => true;
        while (_server.StoredFiles().Count > 0)
        {
            // The sweep that follows at once may have come while the disk was still broken; the next comes by the clock.
            _server.Clock.Advance(TimeSpan.FromMinutes(10));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private void Fill(int room)
    {
        _log.Writes = 0;
        _log.Room = room;
    }

    private Task<Answer> SendAsync(string id, string name, int length = 3) => _server.PostUploadAsync(id, TestServer.Form(0, (name, new byte[length])));

    private Task<long?> CountAfterPowerCutAsync() => CountInAsync(CopyCatalog());

    private string CopyCatalog()
    {
        var copy = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        foreach (var name in new[] { "catalog.db", "catalog.db-wal" })
        {
            File.Copy(Path.Combine(_folder, name), Path.Combine(copy, name));
        }

        return copy;
    }

    /// <summary>How many files a server knows that is started with what was in the files.</summary>
    private static async Task<long?> CountInAsync(string copy)
    {
        try
        {
            await using var catalog = CatalogStore.Open(Path.Combine(copy, "catalog.db"), TimeProvider.System);
            return await catalog.ReadAsync(session => session.Number("select count(*) from file"), CancellationToken.None);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }
}
