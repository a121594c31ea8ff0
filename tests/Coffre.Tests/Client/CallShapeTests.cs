using System.Net;
using Coffre.Client;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>What each call sends, and that every attested form of its answer is read.</summary>
public sealed class CallShapeTests
{
    private const string Link = "https://files.example.org/?abcdefghij0123456789";
    private static readonly string Digest = new('a', 128);

    private readonly FakeService _service = new();

    [Fact]
    public async Task Every_call_is_a_post_of_json_with_the_key()
    {
        _service.On(V1Paths.FolderLs, """{"status":"OK","items":[],"sub_folders":[]}""");

        await _service.Client().ListFolderAsync(7);

        var asked = _service.Last(V1Paths.FolderLs);
        Assert.Equal(HttpMethod.Post, asked.Method);
        Assert.Equal("Bearer " + FakeService.Key, asked.Authorization);
        Assert.Equal("application/json", asked.Header("Content-Type"));
        Assert.Equal("""{"folder_id":7,"files":1}""", asked.Text);
    }

    [Fact]
    public async Task A_folder_listing_is_read_with_numbers_as_text_and_nothing_where_lists_were_expected()
    {
        _service.On(V1Paths.FolderLs, $$"""
            {"Status":"OK","folder_id":"3","name":"X","files":"1","size":null,"sub_folders":[{"id":"22692433","name":"Movies","pass":"0","create_date":"2021-06-22 14:57:25"}],
             "items":[{"filename":"t.txt","cdn":"0","acl":0,"checksum":"{{Digest.ToUpperInvariant()}}","size":"12","content-type":"text/plain","pass":1,"url":"{{Link}}","date":"2021-06-22 14:57:25"}]}
            """);

        var listing = await _service.Client().ListFolderAsync(3);

        var folder = Assert.Single(listing.Folders);
        Assert.Equal((22692433, "Movies"), (folder.Id, folder.Name));
        Assert.Equal(new DateTimeOffset(2021, 6, 22, 12, 57, 25, TimeSpan.Zero), folder.Created);
        var file = Assert.Single(listing.Files);
        Assert.Equal((12, Digest, true, false), (file.Size, file.Checksum, file.HasPassword, file.IsRestricted));
        Assert.Equal(0, listing.Unlisted);
    }

    [Fact]
    public async Task A_service_that_leaves_files_out_of_the_folder_is_asked_for_them()
    {
        _service.On(V1Paths.FolderLs, """{"status":"OK","files":1,"sub_folders":null}""")
            .On(V1Paths.FileLs, $$"""{"count":1,"status":"OK","items":[{"filename":"t","size":1,"url":"{{Link}}","date":"never"}]}""");

        var listing = await _service.Client().ListFolderAsync(5);

        Assert.Null(Assert.Single(listing.Files).Arrived);
        Assert.Equal("""{"folder_id":5}""", _service.Last(V1Paths.FileLs).Text);
    }

    [Fact]
    public async Task What_the_service_counts_but_does_not_list_is_told()
    {
        _service.On(V1Paths.FolderLs, """{"status":"OK","files":6000,"sub_folders":[],"items":[]}""");

        Assert.Equal(6000, (await _service.Client().ListFolderAsync()).Unlisted);
    }

    [Theory]
    [InlineData("\"content-type\":\"text/plain\",\"acl\":{\"ip\":[\"10.0.0.0/8\"]}", true)]
    [InlineData("\"content_type\":\"text/plain\",\"acl\":1", true)]
    [InlineData("\"content-type\":\"text/plain\",\"acl\":\"0\"", false)]
    [InlineData("\"content-type\":\"text/plain\",\"acl\":{}", false)]
    [InlineData("\"content-type\":\"text/plain\",\"acl\":null", false)]
    public async Task File_info_is_read_in_all_its_forms(string rest, bool restricted)
    {
        _service.On(V1Paths.FileInfo, $$"""{"url":"{{Link}}","filename":"E.dat","size":"1234","date":"2026-01-01 01:00:00","folder_id":9,"path":"A/B","checksum":"{{Digest}}",{{rest}}}""");

        var details = await _service.Client().GetFileAsync(Link, "secret");

        Assert.Equal(("E.dat", 1234, "text/plain", restricted), (details.File.Name, details.File.Size, details.File.ContentType, details.File.IsRestricted));
        Assert.Equal((9, "A/B"), (details.FolderId, details.FolderPath));
        Assert.Equal($$"""{"url":"{{Link}}","pass":"secret"}""", _service.Last(V1Paths.FileInfo).Text);
    }

    [Fact]
    public async Task Changes_send_what_the_contract_says()
    {
        _service.On(V1Paths.FileRm, """{"status":"OK","removed":"1"}""")
            .On(V1Paths.FileMv, """{"status":"OK","moved":1,"urls":[]}""")
            .On(V1Paths.FileRename, """{"status":"OK","renamed":1}""")
            .On(V1Paths.FileCp, $$"""{"status":"OK","copied":1,"urls":[{"from_url":"{{Link}}","to_url":"https://x.example/?b"}]}""")
            .On(V1Paths.FolderMkdir, """{"status":"OK","folder_id":"77","name":"N"}""")
            .On(V1Paths.FolderMv, """{"status":"OK"}""")
            .On(V1Paths.FolderRm, """{"status":"OK"}""");
        using var client = _service.Client();

        Assert.Equal(1, await client.DeleteFilesAsync([Link]));
        await client.MoveFilesAsync([Link], 0, "new");
        await client.RenameFileAsync(Link, "b.txt");
        Assert.Equal("https://x.example/?b", Assert.Single(await client.CopyFilesAsync([Link], 8)));
        Assert.Equal(77, (await client.CreateFolderAsync("N", 5)).Id);
        await client.MoveFolderAsync(77, 0, "M");
        await client.DeleteFolderAsync(77);

        Assert.Equal(
            [
                $$"""{"files":[{"url":"{{Link}}"}]}""",
                $$"""{"urls":["{{Link}}"],"destination_folder_id":0,"rename":"new"}""",
                $$"""{"urls":[{"url":"{{Link}}","filename":"b.txt"}]}""",
                $$"""{"urls":["{{Link}}"],"folder_id":8}""",
                """{"name":"N","folder_id":5}""",
                """{"folder_id":77,"destination_folder_id":0,"rename":"M"}""",
                """{"folder_id":77}""",
            ],
            _service.Asked.Select(asked => asked.Text));
    }

    [Fact]
    public async Task A_folder_that_moves_and_changes_its_name_takes_two_calls_on_1fichier()
    {
        _service.On(V1Paths.FolderMv, """{"status":"OK"}""");

        await _service.Client("https://1fichier.com").MoveFolderAsync(77, 5, "M");

        Assert.Equal(
            ["""{"folder_id":77,"destination_folder_id":5}""", """{"folder_id":77,"rename":"M"}"""],
            _service.Asked.Select(asked => asked.Text));
        Assert.All(_service.Asked, asked => Assert.Equal("api.1fichier.com", asked.Uri.Host));
    }

    [Fact]
    public async Task A_new_folder_without_an_id_is_not_taken_for_the_root()
    {
        _service.On(V1Paths.FolderMkdir, """{"status":"OK"}""");

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client().CreateFolderAsync("N"));

        Assert.Equal(CoffreError.UnexpectedAnswer, trouble.Error);
    }

    [Theory]
    [InlineData("\"1\"", "\"0\"")]
    [InlineData("1", "0")]
    public async Task The_account_is_read_with_flags_as_text_or_as_numbers(string offer, string flag)
    {
        _service.On(V1Paths.UserInfo, $$"""
            {"status":"OK","email":"u@example.com","offer":{{offer}},"2fa":{{flag}},"cdn":"12.5","upload_forbidden":{{flag}},"overquota":{{flag}},
             "allowed_cold_storage":"1000","available_cold_storage":1000,"cold_storage":400,"hot_storage":5,"subscription_end":"2027-01-31 12:00:00"}
            """);

        var account = await _service.Client().GetAccountAsync();

        Assert.Equal(("premium", 1000, 400, 600), (account.Tier, account.Allowed, account.Used, account.Free));
        Assert.False(account.IsUploadForbidden || account.IsOverQuota);
        Assert.Equal(new DateTimeOffset(2027, 1, 31, 11, 0, 0, TimeSpan.Zero), account.SubscriptionEnd);
    }

    [Fact]
    public async Task Calls_to_1fichier_keep_their_distance_and_those_to_our_server_do_not()
    {
        _service.On(V1Paths.FolderRm, """{"status":"OK"}""");
        using var vendor = _service.Client("https://api.1fichier.com");
        await vendor.DeleteFolderAsync(1);
        await vendor.DeleteFolderAsync(2);
        await vendor.DeleteFolderAsync(3);

        Assert.Equal(TimeSpan.FromMilliseconds(700), _service.Clock.Waited);

        using var ours = _service.Client();
        await ours.DeleteFolderAsync(1);
        await ours.DeleteFolderAsync(2);
        Assert.Equal(TimeSpan.FromMilliseconds(700), _service.Clock.Waited);
    }

    [Theory]
    [InlineData("https://files.example.org/coffre/")]
    [InlineData("https://u:p@files.example.org/")]
    [InlineData("ftp://files.example.org/")]
    public void An_address_that_is_more_than_a_host_is_refused(string address) =>
        Assert.Throws<ArgumentException>(() => _service.Client(address));

    [Fact]
    public void A_handler_that_follows_redirects_is_refused() =>
        Assert.Throws<ArgumentException>(() => new CoffreClient(new CoffreClientOptions { Handler = new HttpClientHandler() }));

    [Fact]
    public async Task Requests_are_told_without_what_is_secret_in_them()
    {
        List<CallTrace> traces = [];
        _service.On(V1Paths.DownloadToken, """{"status":"OK","url":"https://files.example.org/d/verysecrettoken"}""")
            .On("/d/verysecrettoken", _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([1, 2, 3]) });

        await _service.Client(change: options => options with { OnCall = traces.Add }).CopyToAsync(Link, Stream.Null);

        Assert.Equal(["files.example.org/v1/download/get_token.cgi", "files.example.org/…"], traces.Select(trace => trace.Target));
    }
}
