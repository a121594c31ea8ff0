using System.Net;
using System.Text;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Serving;

public sealed class DoorTests : IAsyncLifetime
{
    private static readonly string[] Calls =
        [.. typeof(V1Paths).GetFields().Select(field => (string)field.GetRawConstantValue()!).Where(path => path.EndsWith(".cgi", StringComparison.Ordinal))];

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Without_a_key_no_call_says_anything()
    {
        foreach (var call in Calls.Where(path => path.StartsWith(V1Paths.Root, StringComparison.Ordinal) && path != V1Paths.UploadServer))
        {
            var refused = await _server.CallAsync(call[V1Paths.Root.Length..], "{}", "");
            refused.IsKo(HttpStatusCode.Unauthorized, 247);
            Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        }
    }

    [Fact]
    public async Task A_wrong_key_is_told_from_one_with_a_typing_error_or_blanks()
    {
        (await FolderLsAsync("Bearer " + ApiKey.New())).IsKo(HttpStatusCode.Unauthorized, 247);
        var typo = _server.Key[..10] + (_server.Key[10] == 'x' ? 'y' : 'x') + _server.Key[11..];
        (await FolderLsAsync("Bearer " + typo)).IsKo(HttpStatusCode.Unauthorized, 9002);
        (await FolderLsAsync("Bearer " + _server.Key.Insert(8, " "))).IsKo(HttpStatusCode.Unauthorized, 9001);
        (await FolderLsAsync("Bearer 0123456789abcdefghijklmnopqrstuv")).IsKo(HttpStatusCode.Unauthorized, 247);
        (await FolderLsAsync("Basic " + _server.Key)).IsKo(HttpStatusCode.Unauthorized, 247);
        Assert.Equal(HttpStatusCode.OK, (await FolderLsAsync("bearer " + _server.Key)).Status);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{\"folder_id\":{}}")]
    [InlineData("{\"folder_id\":\"abc\"}")]
    [InlineData("{\"folder_id\":99999999999999999999}")]
    [InlineData("{\"folder_id\":1.5}")]
    [InlineData("{} {}")]
    [InlineData("{\"folder_id\":0")]
    [InlineData("{\"folder_id\":0,}")]
    public async Task A_body_of_another_form_is_refused(string body) =>
        (await _server.CallAsync("folder/ls.cgi", body)).IsKo(HttpStatusCode.BadRequest, 9010);

    [Fact]
    public async Task Bodies_have_a_depth_and_a_length()
    {
        var deep = "{\"x\":" + new string('[', 40) + new string(']', 40) + "}";
        (await _server.CallAsync("folder/ls.cgi", deep)).IsKo(HttpStatusCode.BadRequest, 9010);
        var large = "{\"x\":\"" + new string('x', 1 << 20) + "\"}";
        (await _server.CallAsync("folder/ls.cgi", large)).IsKo(HttpStatusCode.RequestEntityTooLarge, 9012);
        Assert.Equal(HttpStatusCode.OK, (await _server.CallAsync("folder/ls.cgi", "{\"x\":\"" + new string('x', 1000) + "\"}")).Status);
    }

    [Fact]
    public async Task Calls_methods_and_headers_that_are_not_there_are_refused_in_the_envelope()
    {
        (await _server.CallAsync("no/such.cgi", "{}")).IsKo(HttpStatusCode.NotFound, 9017);
        (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/v1/folder/ls.cgi"))).IsKo(HttpStatusCode.MethodNotAllowed, 9018);
        var fat = new HttpRequestMessage(HttpMethod.Post, "/v1/folder/ls.cgi") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        fat.Headers.Add("X-Fat", new string('x', 40_000));
        (await _server.SendAsync(fat)).IsKo((HttpStatusCode)431, 9019);
        var plain = new HttpRequestMessage(HttpMethod.Post, "/v1/folder/ls.cgi") { Content = new StringContent("{}") };
        (await _server.SendAsync(plain)).IsKo(HttpStatusCode.BadRequest, 24);
        Assert.Equal(HttpStatusCode.NotFound, (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/nowhere"))).Status);
    }

    [Fact]
    public async Task An_account_that_is_suspended_is_refused_at_once()
    {
        var key = await _server.AddAccountAsync("out@example.org", 1000);
        var link = (await _server.UploadAsync("f", [1], key: key)).GetProperty("download").GetString()!;
        var token = (await _server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""", key)).Json.GetProperty("url").GetString();
        var accounts = _server.Room<Coffre.Server.Accounts.AccountTable>();
        await _server.Catalog.WriteAsync(
            session =>
            {
                accounts.Update(session, accounts.FindByEmail(session, "OUT@example.org")!.Id, 1000, suspended: true);
                return true;
            },
            CancellationToken.None);
        (await _server.CallAsync("folder/ls.cgi", "{}", key)).IsKo(HttpStatusCode.Forbidden, 620);

        // Nor are its files given out any more, to whomever.
        (await _server.CallAsync("file/info.cgi", $$"""{"url":"{{link}}"}""")).IsKo(HttpStatusCode.Forbidden, 620);
        (await _server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).IsKo(HttpStatusCode.Forbidden, 620);
        (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, token), "")).IsKo(HttpStatusCode.Forbidden, 620);
        Assert.Contains("locked", (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, link), "")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_keys_nor_download_addresses_are_logged()
    {
        var link = (await _server.UploadAsync("f", [1])).GetProperty("download").GetString()!;
        await _server.DownloadAsync(link);
        await FolderLsAsync("Bearer " + ApiKey.New());
        await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/{_server.Key}?key={_server.Key}"));
        var log = string.Join('\n', _server.Log.All);
        Assert.Contains("folder/ls.cgi", log, StringComparison.Ordinal);
        Assert.DoesNotContain("cof_", log, StringComparison.Ordinal);
        Assert.DoesNotMatch("/p[0-9]{20}", log);
    }

    private Task<Answer> FolderLsAsync(string authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/folder/ls.cgi") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return _server.SendAsync(request, "");
    }
}
