using Coffre.Client;
using Coffre.Client.Testing;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Backups;

/// <summary>Tests of a program that uses the SDK, without network, waiting or an account. The asserts are of xunit.</summary>
public sealed class TestingExample
{
    [Fact]
    public async Task A_backup_survives_a_lost_answer_without_a_second_file()
    {
        using var service = new FakeCoffre();
        service.LoseAnswer(V1Paths.Upload);
        using var client = service.NewClient();

        var receipt = await client.UploadAsync(UploadSource.FromBytes("hello"u8.ToArray(), "a.txt"));

        Assert.Equal(receipt.Link, Assert.Single(service.Account.Files).Link);
    }

    [Fact]
    public async Task A_download_that_is_cut_twice_and_whose_address_expires_is_whole()
    {
        using var service = new FakeCoffre();
        var file = service.Account.AddFile("Reports/a.bin", new byte[1_000_000]);
        service.CutDownload(bytes: 300_000, times: 2);
        using var client = service.NewClient();
        using var sink = new MemoryStream();

        await client.CopyToAsync(file.Link, sink);

        Assert.Equal(file.Content, sink.ToArray());
        Assert.Equal(3, service.RequestsTo(FakeCoffre.DownloadPath).Count);
    }

    [Fact]
    public async Task On_a_service_with_the_limits_of_1fichier_nothing_is_refused()
    {
        using var service = new FakeCoffre { KeepsLimits = true };
        using var client = service.NewClient();

        for (var i = 0; i < 10; i++)
        {
            await client.CreateFolderAsync($"Folder {i}");
        }

        Assert.Equal(10, service.Account.Folders.Count);
        Assert.Equal(10, service.Requests.Count);
        Assert.True(service.Clock.Waited > TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Whatever_a_service_may_answer_can_be_laid_out()
    {
        using var service = new FakeCoffre();
        service.Account.AddFolder("Empty/Deep");
        var file = service.Account.AddFile("a.txt", "hello"u8);
        using var client = service.NewClient();
        var address = await client.GetDownloadAddressAsync(file.Link);

        // A refusal by its code; a lock, waited out on the fake clock; a page instead of JSON; the words of a stranger.
        service.Refuse(V1Paths.FolderLs, KoCode.NotAllowed)
            .Refuse(V1Paths.FolderLs, KoCode.FloodIp, retryAfter: TimeSpan.FromSeconds(30))
            .AnswerNext(V1Paths.FileInfo, _ => FakeCoffre.Html("<h1>Maintenance</h1>"))
            .AnswerNext(V1Paths.FileInfo, _ => FakeCoffre.Json("""{"status":"KO","message":"Never heard of it #1"}"""))
            .AnswerNext(FakeCoffre.DownloadPath, _ => FakeCoffre.Redirect(address.ToString()))
            .AnswerNext(V1Paths.UserInfo, request => request.Text.Length > 2 ? FakeCoffre.Refusal(KoCode.BadParameter) : null);

        Assert.Equal(CoffreError.Forbidden, (await Assert.ThrowsAsync<CoffreException>(() => client.ListFolderAsync())).Error);
        Assert.Single((await client.ListFolderAsync()).Folders);
        service.Clock.Advance(TimeSpan.FromMinutes(5));
        await Assert.ThrowsAsync<CoffreException>(() => client.GetFileAsync(file.Link));
        await Assert.ThrowsAsync<CoffreException>(() => client.GetFileAsync(file.Link));
        Assert.Equal(5, await client.CopyToAsync(file.Link, Stream.Null));
        Assert.Equal(service.Account.Email, (await client.GetAccountAsync()).Email);
        Assert.Equal("hello"u8.ToArray(), service.Account.FindFile("a.txt")!.Content.ToArray());

        // Addresses that were given out are no good any more: the client gets itself a new one.
        service.ExpireAddresses();
        Assert.Equal(5, await client.CopyToAsync(file.Link, Stream.Null));
    }
}
