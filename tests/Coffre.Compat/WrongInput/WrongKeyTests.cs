using System.Net;
using System.Net.Http.Headers;
using Coffre.Compat.Fixture;

namespace Coffre.Compat.WrongInput;

/// <summary>Who is asking cannot be told.</summary>
public sealed class WrongKeyTests(ServerFixture fixture) : RefusalTests(fixture), IClassFixture<ServerFixture>
{
    private const string Json = "Content-Type: application/json\r\nContent-Length: 2\r\n";

    [Fact]
    public async Task No_key() => AssertKo(401, 247, await AskAsync("POST /v1/file/ls.cgi", Json, "{}"));

    [Fact]
    public async Task No_key_on_an_upload()
    {
        using var stranger = new V1Client(Server.Address, key: null);
        var to = await Client.UploadAddressAsync();

        var answer = await stranger.SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = Multipart.OneFile("a.txt", "a"u8).Content() });

        AssertKo(HttpStatusCode.Unauthorized, 247, answer);
    }

    [Theory]
    [InlineData("Bearer 0123456789abcdefghijklmnopqrstuv", 247)]
    [InlineData("Bearer", 247)]
    [InlineData("Bearer x", 247)]
    [InlineData("Basic b3duZXI6cGFzc3dvcmQ=", 247)]
    [InlineData("cof_0000000000000000000000000000", 247)]
    [InlineData("Bearer cof_0000000000000000000000000001", 9002)]
    public async Task A_key_that_cannot_be_one(string header, int number) =>
        AssertKo(401, number, await AskAsync("POST /v1/file/ls.cgi", $"Authorization: {header}\r\n{Json}", "{}"));

    [Fact]
    public async Task A_key_with_one_wrong_character_is_told_apart_from_an_unknown_one()
    {
        var key = Server.ApiKey;
        var mistyped = key[..10] + (key[10] == 'a' ? 'b' : 'a') + key[11..];

        AssertKo(401, 9002, await AskAsync("POST /v1/file/ls.cgi", $"Authorization: Bearer {mistyped}\r\n{Json}", "{}"));
    }

    [Theory]
    [InlineData(8, ' ')]
    [InlineData(16, '\t')]
    [InlineData(0, ' ')]
    public async Task A_key_with_a_blank_is_told_so(int at, char blank) =>
        AssertKo(401, 9001, await AskAsync("POST /v1/file/ls.cgi", $"Authorization: Bearer {Server.ApiKey.Insert(at, blank.ToString())}\r\n{Json}", "{}"));

    [Theory]
    [InlineData("\r")]
    [InlineData("\n")]
    public async Task A_key_with_a_line_end_in_it_is_refused_and_opens_nothing(string end)
    {
        // Such a header is no HTTP: it is refused before anybody looks for a key.
        var answer = await AskAsync("POST /v1/file/ls.cgi", $"Authorization: Bearer {Server.ApiKey[..20]}{end}{Server.ApiKey[20..]}\r\n{Json}", "{}");

        Assert.InRange(answer.Status, 400, 401);
    }

    [Fact]
    public async Task A_key_read_from_a_file_with_its_line_end_is_refused_clearly_or_works()
    {
        using var folder = new TempFolder();
        var headers = folder.Write("headers", $"Authorization: Bearer {Server.ApiKey}\r\nContent-Type: application/json\r\n");

        var said = await Tool.RunAsync("curl", ["-sS", "-w", "\n%{http_code}", "-H", "@" + headers, "-d", "{}", new Uri(Server.Address, "/v1/file/ls.cgi").ToString()]);

        Assert.Contains(said.Lines[^1], (string[])["200", "400", "401"], StringComparer.Ordinal);
    }

    [Fact]
    public async Task Two_keys_at_once() =>
        AssertKo(401, 247, await AskAsync("POST /v1/file/ls.cgi", Authorization + Authorization + Json, "{}"));

    [Theory]
    [InlineData("api_key")]
    [InlineData("apikey")]
    [InlineData("key")]
    public async Task A_key_in_the_address_opens_nothing(string name) =>
        AssertKo(401, 247, await AskAsync($"POST /v1/file/ls.cgi?{name}={Server.ApiKey}", Json, "{}"));

    [Fact]
    public async Task Another_accounts_upload_address_is_of_no_use()
    {
        var other = await Server.AddAccountAsync("neighbour@example.org", "100MB");
        using var neighbour = V1Client.For(Server, other);
        var to = await Client.UploadAddressAsync();

        var answer = await neighbour.SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = Multipart.OneFile("a.txt", "a"u8).Content() });

        AssertKo(HttpStatusCode.NotFound, 9030, answer);
        Assert.Empty(await neighbour.ListAsync());
    }

    [Fact]
    public async Task Nothing_of_another_account_can_be_listed_moved_or_removed()
    {
        using var neighbour = V1Client.For(Server, await Server.AddAccountAsync("curious@example.org", "100MB"));
        var folder = await Client.MakeFolderAsync("private");
        var link = await Client.UploadAsync("mine.txt", "mine"u8.ToArray(), folder);

        AssertKo(HttpStatusCode.NotFound, 9020, await neighbour.PostAsync("file/ls.cgi", new { folder_id = folder }));
        AssertKo(HttpStatusCode.NotFound, 9020, await neighbour.PostAsync("folder/ls.cgi", new { folder_id = folder }));
        AssertKo(HttpStatusCode.NotFound, 9020, await neighbour.PostAsync("folder/rm.cgi", new { folder_id = folder }));
        AssertKo(HttpStatusCode.NotFound, 469, await neighbour.PostAsync("file/rm.cgi", new { files = new[] { new { url = link } } }));
        AssertKo(HttpStatusCode.NotFound, 469, await neighbour.PostAsync("file/mv.cgi", new { urls = new[] { link }, destination_folder_id = 0 }));
        AssertKo(HttpStatusCode.NotFound, 469, await neighbour.PostAsync("file/rename.cgi", new { urls = new[] { new { url = link, filename = "x" } } }));

        Assert.Equal(["mine.txt (4)"], await Client.ListAsync(folder));
        await Client.PostAsync("file/rm.cgi", new { files = new[] { new { url = link } } });
        await Client.PostAsync("folder/rm.cgi", new { folder_id = folder });
    }

    [Fact]
    public async Task A_wrong_key_is_refused_also_where_none_is_needed()
    {
        var link = await Client.UploadAsync("open.txt", "open"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Server.Address, "/v1/upload/get_upload_server.cgi"))
        {
            Content = new StringContent("{}", MediaTypeHeaderValue.Parse("application/json")),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "0123456789abcdefghijklmnopqrstuv");

        AssertKo(HttpStatusCode.Unauthorized, 247, await Client.SendAsync(request));

        await Client.PostAsync("file/rm.cgi", new { files = new[] { new { url = link } } });
    }
}
