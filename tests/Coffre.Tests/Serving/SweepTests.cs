using System.Net;
using Coffre.Protocol;
using Coffre.Server;
using Coffre.Server.Catalog;
using Coffre.Server.Commands;
using Coffre.Server.Door;
using Coffre.Server.Housekeeping;
using Coffre.Server.Settings;
using Coffre.Server.Uploads;
using Coffre.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

public sealed class SweepTests
{
    // A row of it is refused by the commit, and by nothing before.
    private const string BreakableTable = "create table broken (id integer primary key, other integer references broken (id) deferrable initially deferred)";
    private const string BreakCommit = "insert into broken (other) values (0)";

    [Fact]
    public async Task Bytes_that_never_got_a_name_are_swept_and_named_ones_stay()
    {
        await using var server = await TestServer.StartAsync();
        await server.UploadAsync("named", [1, 2, 3]);
        await KeepAsync(server.Room<IBlobStore>());
        Assert.Equal(2, server.StoredFiles().Count);

        await server.Room<Sweeper>().SweepAsync(CancellationToken.None);
        Assert.Equal(2, server.StoredFiles().Count);
        server.Clock.Advance(TimeSpan.FromHours(25));
        await server.Room<Sweeper>().SweepAsync(CancellationToken.None);
        Assert.Single(server.StoredFiles());
        Assert.Equal(["named"], await server.ListNamesAsync());
    }

    [Fact]
    public async Task Tickets_and_reports_that_expired_are_swept_and_the_files_stay()
    {
        await using var server = await TestServer.StartAsync();
        await server.OpenUploadAsync();
        await server.UploadAsync("f", [1]);
        server.Clock.Advance(TimeSpan.FromHours(5));
        await server.SweepAsync();
        Assert.Equal(0, await server.Catalog.ReadAsync(session => session.Number("select count(*) from upload"), CancellationToken.None));
        Assert.Equal(["f"], await server.ListNamesAsync());
    }

    [Fact]
    public async Task An_upload_that_lasts_longer_than_its_ticket_and_than_orphans_may_is_kept()
    {
        await using var server = await TestServer.StartAsync(("Uploads:TicketSeconds", "60"), ("Sweep:OrphanSeconds", "60"));
        var id = await server.OpenUploadAsync();
        var released = new TaskCompletionSource();
        var sending = server.PostUploadAsync(id, new HeldContent(released.Task));
        var store = server.Room<IBlobStore>();
        while (!await store.ListAsync(null, CancellationToken.None).AnyAsync())
        {
            await Task.Delay(10);
        }

        server.Clock.Advance(TimeSpan.FromHours(30));
        await server.SweepAsync();
        released.SetResult();
        Assert.Equal(HttpStatusCode.Found, (await sending).Status);
        Assert.Equal(["a", "b"], (await server.ListNamesAsync()).Order(StringComparer.Ordinal));
        var link = (await server.ReportAsync(id)).Json.GetProperty("links")[0].GetProperty("download").GetString()!;
        Assert.Equal(1000, (await server.DownloadAsync(link)).Length);
    }

    [Fact]
    public async Task A_server_that_is_started_again_has_its_files_and_gives_reservations_back()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            string key, link;
            await using (var first = await TestServer.StartAsync(folder))
            {
                key = first.Key;
                link = (await first.UploadAsync("kept", [7])).GetProperty("download").GetString()!;
                var accounts = first.Room<Coffre.Server.Accounts.AccountTable>();
                await first.Catalog.WriteAsync(session => accounts.Reserve(session, 2, long.MaxValue), CancellationToken.None);

                // What a process leaves that dies between the store and the catalog.
                await KeepAsync(first.Room<IBlobStore>());
            }

            await using var second = await TestServer.StartAsync(folder);
            Assert.Equal("", second.Key);
            Assert.Equal(["kept"], await second.ListNamesAsync(key: key));
            Assert.Equal([7], await second.DownloadAsync(link.Replace(new Uri(link).Authority, second.Address.Authority, StringComparison.Ordinal), key));
            await second.UploadAsync("more", [8], key: key);
            second.Clock.Advance(TimeSpan.FromSeconds(1));
            await second.SweepAsync();
            Assert.Equal(2, second.StoredFiles().Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Bytes_go_at_once_if_nothing_was_kept_of_their_naming_and_stay_if_the_commit_failed()
    {
        await using var server = await TestServer.StartAsync();
        var (store, held) = (server.Room<IBlobStore>(), new HeldBlobs(new FreedSignal()));
        Assert.True((await NameAsync(_ => new Fault(KoCode.QuotaExceeded))).Value.IsFault);
        Assert.Empty(server.StoredFiles());

        // One work's fault, and one that takes back the whole transaction, as a full disk may.
        await NameAsync(_ => throw new InvalidOperationException());
        Assert.Empty(server.StoredFiles());
        await NameAsync(session => throw new InvalidOperationException($"{session.Execute("rollback")}"));
        Assert.Empty(server.StoredFiles());

        await server.Catalog.WriteAsync(session => session.Execute(BreakableTable), CancellationToken.None);
        var (incoming, _) = await NameAsync(session => session.Execute(BreakCommit) > 0);
        Assert.Single(server.StoredFiles());
        Assert.True(held.Has(incoming.Files[0].Blob.Id));

        (incoming, var named) = await NameAsync(_ => true);
        Assert.True(named.Value);
        Assert.False(held.Has(incoming.Files[0].Blob.Id));
        Assert.Equal(2, server.StoredFiles().Count);

        async Task<(IncomingFiles Files, Outcome<bool> Value)> NameAsync(Func<CatalogSession, Outcome<bool>> work)
        {
            await using var files = new IncomingFiles(store, held);
            files.Add("f", await KeepAsync(store));
            try
            {
                return (files, await files.NameAsync(server.Catalog, work));
            }
            catch (Exception exception) when (exception is InvalidOperationException or SqliteException or CommitUnknownException)
            {
                return (files, false);
            }
        }
    }

    [Fact]
    public async Task The_command_sweeps_a_folder_without_a_server_and_refuses_beside_one()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            await using (var server = await TestServer.StartAsync(folder))
            {
                await server.UploadAsync("named", [1, 2, 3]);
                await KeepAsync(server.Room<IBlobStore>());
                Assert.NotEqual(0, await SweepByHandAsync(folder));
                Assert.Equal(2, server.StoredFiles().Count);
            }

            Assert.Equal(0, await SweepByHandAsync(folder));
            await using var again = await TestServer.StartAsync(folder);
            Assert.Single(again.StoredFiles());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_start_says_loudly_which_segments_it_cannot_read()
    {
        var folder = Directory.CreateTempSubdirectory("coffre-test-").FullName;
        try
        {
            string segment;
            await using (var first = await TestServer.StartAsync(folder))
            {
                await first.UploadAsync("f", [1, 2, 3]);
                segment = Assert.Single(Directory.GetFiles(folder, "*.segment", SearchOption.AllDirectories));
            }

            await using (var file = File.OpenWrite(segment))
            {
                file.Write(new byte[256]);
            }

            await File.AppendAllBytesAsync(segment, [1]);
            await using var second = await TestServer.StartAsync(folder);
            await second.Log.WaitForAsync(line => line.Contains(segment, StringComparison.Ordinal) && line.Contains("backup", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Two_servers_do_not_share_a_folder()
    {
        await using var server = await TestServer.StartAsync();
        var settings = SettingsLoader.Load(server.Folder, []);
        var refused = Assert.Throws<DataFolderException>(() => DataFolder.Open(settings, new FakeTimeProvider(), mustLock: true));
        Assert.Contains(server.Folder, refused.Message, StringComparison.Ordinal);
        await using var beside = DataFolder.Open(settings, new FakeTimeProvider(), mustLock: false);
        Assert.False(beside.IsLocked);
    }

    [Fact]
    public async Task Health_says_whether_catalog_and_disk_answer()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("ok\n", await server.Http.GetStringAsync("/healthz"));
        Assert.Contains("durability: strict", await server.Http.GetStringAsync("/readyz"), StringComparison.Ordinal);

        await using var full = await TestServer.StartAsync(("Storage:MinFree", "900TiB"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await full.Http.GetAsync("/readyz")).StatusCode);
        (await full.PostUploadAsync(await full.OpenUploadAsync(), TestServer.Form(0, ("f", [1])))).IsKo(HttpStatusCode.InsufficientStorage, 9042);
    }

    private static Task<int> SweepByHandAsync(string folder) =>
        CommandLine.Build(TimeProvider.System).Parse(["sweep", "--data", folder]).InvokeAsync();

    private static async Task<KeptBlob> KeepAsync(IBlobStore store)
    {
        await using var writer = await store.BeginAsync(null, CancellationToken.None);
        await writer.WriteAsync(new byte[] { 9 }, CancellationToken.None);
        return await writer.CommitAsync(CancellationToken.None);
    }

    /// <summary>A form of two files, with a long pause behind the first.</summary>
    private sealed class HeldContent : HttpContent
    {
        private readonly Task _released;

        public HeldContent(Task released)
        {
            _released = released;
            Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await WriteAsync("--b\r\n" + Head("a") + new string('a', 1000) + "\r\n--b\r\n" + Head("b") + "b");
            await _released;
            await WriteAsync("\r\n--b--\r\n");

            async Task WriteAsync(string text)
            {
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text));
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }

        private static string Head(string name) => $"Content-Disposition: form-data; name=\"file[]\"; filename=\"{name}\"\r\n\r\n";
    }
}
