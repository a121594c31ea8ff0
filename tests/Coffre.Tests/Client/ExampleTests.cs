using System.Text;
using Backups;
using Coffre.Client;
using Coffre.Client.Testing;

namespace Coffre.Tests.Client;

/// <summary>The examples of docs/sdk.md do what they say.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly FakeCoffre _service = new();
    private readonly CoffreClient _client;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coffre-examples-");

    public ExampleTests() => _client = _service.NewClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _service.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Links_are_guarded_and_ended_and_urls_fetched()
    {
        await using var source = new Serving.SourceServer(ask => ask.OkAsync("from afar"u8.ToArray()));
        await using var server = await Serving.TestServer.StartAsync(("Remote:AllowNetworks", "127.0.0.2/32"), ("Remote:Ports", "0"), ("Limits:KeyRate", "0"));
        using var client = new CoffreClient(new CoffreClientOptions { BaseAddress = server.Address, ApiKey = server.Key });

        var link = Assert.Single(await RemoteExample.FetchAsync(client, [source.Url + "/a"], Cancel));
        var other = Assert.Single(await LinksExample.RevokeAsync(client, 0, Cancel));
        Assert.NotEqual(link, other);
        Assert.Equal(CoffreError.NotFound, (await Assert.ThrowsAsync<CoffreException>(() => client.GetFileAsync(link, cancellationToken: Cancel))).Error);

        Assert.Equal(1, await LinksExample.GuardAsync(client, [other], "for friends only", Cancel));
        Assert.Equal(0, await client.ChangeFilesAsync([other], new FileChange { Description = "for friends" }, Cancel));
        var guarded = await client.GetFileAsync(other, cancellationToken: Cancel);
        Assert.Equal((true, true, "for friends"), (guarded.File.HasPassword, guarded.File.IsRestricted, guarded.Description));
        await Assert.ThrowsAsync<ArgumentException>(() => client.ChangeFilesAsync([other], new FileChange { Password = "short" }, Cancel));
    }

    [Fact]
    public async Task What_is_remembered_goes_on_under_another_key()
    {
        await using var server = await Serving.TestServer.StartAsync();
        var options = new CoffreClientOptions { BaseAddress = server.Address, ApiKey = server.Key, StateFolder = _folder.FullName };
        using var old = new CoffreClient(options);
        using (var index = new RemoteIndex(old))
        {
            await index.CoverAsync(0, Cancel);
        }

        var made = await old.Keys.CreateAsync(new Coffre.Protocol.Api.NewKeyRequest { Name = "next" }, Cancel);
        using var next = new CoffreClient(options with { ApiKey = made.Secret });
        Assert.NotNull(await StateExample.GoOnAsync(old, next, server.Key, made.Secret, Cancel));

        using var known = new RemoteIndex(next) { Use = IndexUse.Offline };
        Assert.NotNull(await known.GetAsync(0, Cancel));
    }

    [Fact]
    public async Task A_lock_is_told_without_asking_and_so_is_its_absence()
    {
        Assert.Null(await BudgetExample.TellLockAsync(_client, Cancel));

        var locked = new FakeService().On(Coffre.Protocol.V1.V1Paths.FolderLs, """{"status":"KO","message":"IP Locked #186"}""", System.Net.HttpStatusCode.Forbidden);
        using var client = locked.Client();
        await Assert.ThrowsAsync<CoffreException>(() => client.ListFolderAsync(RemoteFolder.RootId, Cancel));
        var told = await BudgetExample.TellLockAsync(client, Cancel);
        Assert.EndsWith("Until 2026-06-01 13:00:00Z: IP Locked #186", told, StringComparison.Ordinal);
        Assert.Single(locked.Asked);
    }

    [Fact]
    public async Task A_folder_is_archived()
    {
        _service.Account.AddFile("Old/a", "a"u8);
        _service.Account.AddFile("Old/Deep/b", "b"u8);

        await FoldersExample.ArchiveAsync(_client, "Old", Cancel);

        Assert.NotNull(_service.Account.FindFile("Archive/a"));
        Assert.NotNull(_service.Account.FindFile("Archive/Old Deep/b"));
        Assert.DoesNotContain(_service.Account.Folders, folder => folder.Name == "Old");
    }

    [Fact]
    public void Files_are_chosen_by_rules()
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "sub"));
        File.WriteAllText(Path.Combine(_folder.FullName, "a.txt"), "");
        File.WriteAllText(Path.Combine(_folder.FullName, "sub", "b.log"), "");
        using var leftOut = new StringWriter();

        Assert.Equal(["a.txt"], FiltersExample.Choose(_folder.FullName, ["- *.log"], leftOut));
        Assert.Equal("sub/b.log: - *.log (rule 1)", leftOut.ToString().TrimEnd());
        Assert.True(FiltersExample.SmallAndNew("1k", "2d", DateTimeOffset.UnixEpoch).Judge(new("a", false, 1024, DateTimeOffset.UnixEpoch)).Included);
        Assert.Throws<FormatException>(() => FiltersExample.SmallAndNew("big", "2d", DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public async Task A_file_is_kept_and_renamed()
    {
        var file = _service.Account.AddFile("F/report", "x"u8);
        _service.Account.AddFile("F/taken", "y"u8);

        await FilesExample.KeepAsync(_client, file.Link, "final", Cancel);
        Assert.Equal(file.Link, _service.Account.FindFile("F/final")!.Link);

        await Assert.ThrowsAsync<CoffreException>(() => FilesExample.KeepAsync(_client, file.Link, "taken", Cancel));
        Assert.Equal(3, _service.Account.Files.Count);
    }

    [Fact]
    public async Task Uploads_of_a_folder_and_of_what_is_no_file_arrive()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "a$b.txt"), "a", Cancel);

        Assert.Empty(await UploadsExample.SendFolderAsync(_client, _folder.FullName, 0, Cancel));
        Assert.Equal("a$b.txt", NameEncoding.Decode(_service.Account.Files[0].Name));
        Assert.Equal(3, (await UploadsExample.SendNoteAsync(_client, "note", new MemoryStream("log"u8.ToArray()), Cancel)).Count);
        Assert.Equal("only for friends", _service.Account.FindFile("note.txt")!.Password);
    }

    [Fact]
    public async Task Downloads_arrive_and_ends_can_be_read_alone()
    {
        var file = _service.Account.AddFile("a$b", "0123456789"u8);
        var listed = Assert.Single(await _client.ListFilesAsync(cancellationToken: Cancel));

        Assert.Equal(1, await DownloadsExample.FetchAsync(_client, 0, _folder.FullName, Cancel));
        Assert.Equal("0123456789", await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "a$b"), Cancel));
        Assert.Equal("789", Encoding.ASCII.GetString(await DownloadsExample.TailAsync(_client, listed, 3, Cancel)));
        Assert.Equal(FakeCoffre.DownloadPath, (await DownloadsExample.LendAsync(_client, listed, null, Cancel)).AbsolutePath);
        Assert.NotNull(file.Link);
    }

    [Fact]
    public async Task Room_is_asked_for()
    {
        _service.Account.Quota = 100;

        Assert.True(await AccountExample.HasRoomAsync(_client, 100, Cancel));
        Assert.False(await AccountExample.HasRoomAsync(_client, 101, Cancel));
    }

    [Fact]
    public async Task The_index_puts_reports_and_moves()
    {
        var path = Path.Combine(_folder.FullName, "x.jpg");
        await File.WriteAllBytesAsync(path, new byte[10], Cancel);
        using var index = new RemoteIndex(_client);

        Assert.NotNull(await IndexExample.PutAsync(_client, index, path, ["Photos"], Cancel));
        Assert.NotNull(await IndexExample.PutAsync(_client, index, path, ["Photos"], Cancel));
        Assert.Single(_service.Account.Files);
        var empty = _service.Account.AddFolder("Empty");
        index.Doubt(RemoteFolder.RootId);
        await index.GetAgainAsync(RemoteFolder.RootId, Cancel);
        await IndexExample.MoveAsync(_client, index, ["Empty"], _service.Account.AddFolder("Photos"), Cancel);

        Assert.DoesNotContain(_service.Account.Folders, folder => folder.Id == empty);
        Assert.StartsWith("0 pictures, 0 files", await IndexExample.ReportAsync(index, Cancel), StringComparison.Ordinal);
    }
}
