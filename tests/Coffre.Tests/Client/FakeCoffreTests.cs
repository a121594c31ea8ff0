using Coffre.Client;
using Coffre.Client.Testing;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>The fake that users of the SDK test with: does it behave as a service?</summary>
public sealed class FakeCoffreTests : IDisposable
{
    private readonly FakeCoffre _service = new();
    private readonly CoffreClient _client;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coffre-fake-");

    public FakeCoffreTests() => _client = _service.NewClient();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _service.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_goes_up_lies_in_its_folder_and_comes_down_the_same()
    {
        var folder = await _client.CreateFolderAsync("Reports", cancellationToken: Cancel);
        var receipts = await _client.UploadManyAsync(
            [UploadSource.FromBytes("one"u8.ToArray(), "a%41.txt"), UploadSource.FromBytes(Array.Empty<byte>(), "empty")], new UploadOptions { FolderId = folder.Id }, Cancel);

        Assert.Equal(["a%41.txt", "empty"], (await _client.ListFilesAsync(folder.Id, Cancel)).Select(file => file.Name));
        Assert.Equal("one"u8.ToArray(), _service.Account.FindFile("Reports/a%41.txt")!.Content.ToArray());
        var details = await _client.GetFileAsync(receipts[0].Link, cancellationToken: Cancel);
        Assert.Equal("Reports", details.FolderPath);
        var result = await _client.DownloadAsync(details.File, Path.Combine(_folder.FullName, "a"), cancellationToken: Cancel);
        Assert.True(result.IsVerified);
    }

    [Fact]
    public async Task A_file_comes_by_ranges_and_over_cuts_and_expired_addresses()
    {
        var content = new byte[2_000_000];
        new Random(3).NextBytes(content);
        _service.Account.AddFile("big", content);
        _service.CutDownload(100_000, times: 3);
        _service.AnswerNext(FakeCoffre.DownloadPath, _ =>
        {
            _service.ExpireAddresses();
            return null;
        });
        var file = Assert.Single(await _client.ListFilesAsync(cancellationToken: Cancel));

        var result = await _client.DownloadAsync(file, Path.Combine(_folder.FullName, "big"), new DownloadOptions { Ranges = 3 }, Cancel);

        Assert.Equal(3, result.Ranges);
        Assert.Equal(content, await File.ReadAllBytesAsync(result.Path, Cancel));
    }

    [Fact]
    public async Task A_service_without_ranges_can_be_had_too()
    {
        _service.ServesRanges = false;
        var link = _service.Account.AddFile("a", "hello"u8).Link;
        using var sink = new MemoryStream();

        Assert.Equal(2, await _client.CopyToAsync(link, sink, offset: 1, count: 2, cancellationToken: Cancel));

        Assert.Equal("el"u8.ToArray(), sink.ToArray());
    }

    [Theory]
    [InlineData(KoCode.NotFound, CoffreError.NotFound)]
    [InlineData(KoCode.MustBeCustomer, CoffreError.MustBeCustomer)]
    [InlineData(KoCode.QuotaExceeded, CoffreError.QuotaExceeded)]
    public async Task Refusals_come_as_they_were_asked_for_and_then_no_more(KoCode code, CoffreError expected)
    {
        _service.Refuse(V1Paths.FolderLs, code);

        Assert.Equal(expected, (await Assert.ThrowsAsync<CoffreException>(() => _client.ListFolderAsync(cancellationToken: Cancel))).Error);
        Assert.Empty((await _client.ListFolderAsync(cancellationToken: Cancel)).Files);
    }

    [Fact]
    public async Task A_lock_is_waited_out_without_waiting()
    {
        _service.Refuse(V1Paths.FolderLs, KoCode.FloodIp, retryAfter: TimeSpan.FromSeconds(30));

        await _client.ListFolderAsync(cancellationToken: Cancel);

        Assert.InRange(_service.Clock.Waited, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(40));
        Assert.Contains(_service.Notices, notice => notice.Contains("Flood", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_breaks_the_limits_is_locked()
    {
        _service.KeepsLimits = true;
        using var hasty = _service.NewClient(options => options with { MinInterval = TimeSpan.Zero, FloodPatience = TimeSpan.Zero, Retries = 0 });
        await Assert.ThrowsAsync<CoffreException>(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await hasty.CreateFolderAsync($"f{i}", cancellationToken: Cancel);
            }
        });

        Assert.Equal(3, _service.Account.Folders.Count);
    }

    [Fact]
    public async Task Another_key_a_wrong_password_a_full_account_and_a_full_folder_are_refused()
    {
        var file = _service.Account.AddFile("F/secret", "x"u8, password: "p");
        using var other = _service.NewClient(options => options with { ApiKey = "cof_wrong" });
        _service.Account.Quota = 1;

        Assert.Equal(CoffreError.NotAuthenticated, await ErrorOfAsync(() => other.ListFolderAsync(cancellationToken: Cancel)));
        Assert.Equal(CoffreError.PasswordWrong, await ErrorOfAsync(() => _client.CopyToAsync(file.Link, Stream.Null, options: new DownloadOptions { Password = "q" }, cancellationToken: Cancel)));
        Assert.Equal(CoffreError.PasswordMissing, await ErrorOfAsync(() => _client.CopyToAsync(file.Link, Stream.Null, cancellationToken: Cancel)));
        Assert.Equal(CoffreError.QuotaExceeded, await ErrorOfAsync(() => _client.UploadAsync(UploadSource.FromBytes("yy"u8.ToArray(), "y"), cancellationToken: Cancel)));
        Assert.Equal(CoffreError.Conflict, await ErrorOfAsync(() => _client.DeleteFolderAsync(file.FolderId, Cancel)));
        Assert.Equal(CoffreError.NotFound, await ErrorOfAsync(() => _client.ListFolderAsync(99, Cancel)));
    }

    [Fact]
    public async Task Files_and_folders_move_are_renamed_copied_and_go()
    {
        var file = _service.Account.AddFile("A/x", "1"u8);
        var target = _service.Account.AddFolder("B/C");

        await _client.MoveFilesAsync([file.Link], target, "y", Cancel);
        await _client.RenameFileAsync(file.Link, "z", Cancel);
        var copy = Assert.Single(await _client.CopyFilesAsync([file.Link], 0, cancellationToken: Cancel));
        await _client.MoveFolderAsync(target, 0, "D", Cancel);

        Assert.NotNull(_service.Account.FindFile("D/z"));
        Assert.Equal(copy, _service.Account.FindFile("z")!.Link);
        Assert.Equal(CoffreError.Conflict, await ErrorOfAsync(() => _client.MoveFolderAsync(target, target, cancellationToken: Cancel)));
        Assert.Equal(1, await _client.DeleteFilesAsync([copy], Cancel));
        Assert.Single(_service.Account.Files);
    }

    [Fact]
    public async Task The_account_and_the_key_can_be_asked_for()
    {
        _service.Account.Quota = 100;
        _service.Account.AddFile("a", new byte[40]);

        Assert.Equal(60, (await _client.GetAccountAsync(Cancel)).Free);
        Assert.Equal("active", (await _client.Keys.GetCurrentAsync(Cancel)).State);
        Assert.Equal(ServiceKind.Coffre, await _client.ProbeAsync(Cancel));
    }

    private static async Task<CoffreError> ErrorOfAsync(Func<Task> call) => (await Assert.ThrowsAsync<CoffreException>(call)).Error;
}
