using System.Net;
using System.Text.Json;

namespace Coffre.Tests.Serving;

public sealed class AttributeTests : IAsyncLifetime
{
    private static readonly byte[] Bytes = [1, 2, 3];
    private TestServer _server = null!;
    private string _other = "";
    private string _link = "";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _other = await _server.AddAccountAsync("Other@example.org", 1_000_000);
        _link = (await _server.UploadAsync("f.txt", Bytes)).GetProperty("download").GetString()!;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_is_named_changes_and_the_rest_stays()
    {
        var changed = await ChangeAsync(new { urls = new[] { _link }, description = "a dump", inline = 1, filename = "g.txt" });
        changed.IsOk();
        Assert.Equal(1, changed.Json.GetProperty("updated").GetInt32());
        Assert.Equal(_link, changed.Json.GetProperty("urls")[0].GetString());
        (await ChangeAsync(new { urls = new[] { _link }, cdn = 1, no_ssl = 1 })).IsOk();
        var info = await InfoAsync();
        Assert.Equal("g.txt", info.GetProperty("filename").GetString());
        Assert.Equal("a dump", info.GetProperty("description").GetString());
        Assert.All(["inline", "cdn", "no_ssl"], name => Assert.Equal(1, info.GetProperty(name).GetInt32()));
        Assert.Equal(0, info.GetProperty("pass").GetInt32());
        (await ChangeAsync(new { urls = new[] { _link }, description = "" })).IsOk();
        Assert.Equal("", (await InfoAsync()).GetProperty("description").GetString());
    }

    [Fact]
    public async Task What_is_so_already_is_a_refusal_that_clients_know()
    {
        (await ChangeAsync(new { urls = new[] { _link }, inline = 0 })).IsKo(HttpStatusCode.Conflict, 9025);
        (await ChangeAsync(new { urls = new[] { _link } })).IsKo(HttpStatusCode.Conflict, 9025);
    }

    [Fact]
    public async Task A_change_is_for_all_files_or_for_none()
    {
        var second = (await _server.UploadAsync("second", Bytes)).GetProperty("download").GetString()!;
        (await ChangeAsync(new { urls = new[] { _link, "https://x/?aaaaaaaaaaaaaaaaaaaa" }, inline = 1 })).IsKo(HttpStatusCode.NotFound, 469);
        Assert.Equal(0, (await InfoAsync()).GetProperty("inline").GetInt32());
        Assert.Equal(2, (await ChangeAsync(new { urls = new[] { _link, second }, inline = 1 })).Json.GetProperty("updated").GetInt32());
        (await ChangeAsync(new { urls = new[] { _link }, filename = "second" })).IsKo(HttpStatusCode.Conflict, 9021);
        (await ChangeAsync(new { urls = new[] { _link }, inline = 0 }, _other)).IsKo(HttpStatusCode.NotFound, 469);
    }

    [Theory]
    [InlineData("""{"urls":[]}""", 9013)]
    [InlineData("""{"urls":["L"],"pass":"short"}""", 9014)]
    [InlineData("""{"urls":["L"],"inline":2}""", 9014)]
    [InlineData("""{"urls":["L"],"filename":"a/b"}""", 9015)]
    [InlineData("""{"urls":["L","L"],"filename":"x"}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":"x"}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"ip":"x"}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"ip":["300.1.1.1"]}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"country":["FRA"]}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"country":[null]}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"ip":[null]}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"email":[null]}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"email":["ok@example.org"," "]}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"premium":"1"}}""", 9014)]
    [InlineData("""{"urls":["L"],"acl":{"premium":7}}""", 9014)]
    public async Task A_wrong_value_changes_nothing(string body, int number)
    {
        (await _server.CallAsync("file/chattr.cgi", body.Replace("\"L\"", $"\"{_link}\"", StringComparison.Ordinal))).IsKo(HttpStatusCode.BadRequest, number);
        Assert.Equal("f.txt", (await InfoAsync()).GetProperty("filename").GetString());
    }

    [Fact]
    public async Task A_password_comes_and_goes()
    {
        (await ChangeAsync(new { urls = new[] { _link }, pass = "open sesame" })).IsOk();
        Assert.Equal(1, (await InfoAsync()).GetProperty("pass").GetInt32());
        (await TokenAsync(_other)).IsKo(HttpStatusCode.Forbidden, 631);
        (await ChangeAsync(new { urls = new[] { _link }, pass = "" })).IsOk();
        (await TokenAsync(_other)).IsOk();
    }

    public static TheoryData<string, bool> Rules => new()
    {
        { """{"ip":["127.0.0.0/8"]}""", true },
        { """{"ip":["127.0.0.1"]}""", true },
        { """{"ip":["10.0.0.0/8","::1/128"]}""", false },
        { """{"email":["other@EXAMPLE.org"]}""", true },
        { """{"email":["nobody@example.org"]}""", false },
        { """{"premium":1}""", true },
        { """{"country":["FR"]}""", false },
        { """{"ip":["127.0.0.1"],"email":["nobody@example.org"]}""", false },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Access_rules_bind_every_way_to_the_bytes_but_the_owners(string acl, bool otherMay)
    {
        (await ChangeAclAsync(acl)).IsOk();
        Assert.Equal(1, (await _server.CallAsync("file/ls.cgi", "{}")).Json.GetProperty("items")[0].GetProperty("acl").GetInt32());
        Assert.Equal(JsonDocument.Parse(acl).RootElement.ToString(), (await InfoAsync()).GetProperty("acl").ToString());
        Assert.Equal(Bytes, await _server.DownloadAsync(_link));

        var url = JsonSerializer.Serialize(new { url = _link });
        var ways = new List<Answer>
        {
            await _server.CallAsync("file/info.cgi", url, _other),
            await _server.CallAsync("download/get_token.cgi", url, _other),
            await _server.CallAsync("file/cp.cgi", JsonSerializer.Serialize(new { urls = new[] { _link } }), _other),
        };
        Assert.All(ways, way => Assert.Equal(otherMay ? HttpStatusCode.OK : HttpStatusCode.Forbidden, way.Status));
        var page = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, _link), _other);
        Assert.Equal(otherMay ? HttpStatusCode.Found : HttpStatusCode.Forbidden, page.Status);
    }

    [Theory]
    [InlineData("""{"premium":1}""")]
    [InlineData("""{"email":["other@example.org"]}""")]
    public async Task Rules_about_people_keep_guests_out(string acl)
    {
        (await ChangeAclAsync(acl)).IsOk();
        Assert.Equal(HttpStatusCode.Forbidden, (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, _link), "")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Post, _link), "")).Status);
    }

    [Fact]
    public async Task A_rule_about_networks_holds_for_an_address_that_was_given_out_before()
    {
        var token = (await TokenAsync(_other)).Json.GetProperty("url").GetString();
        (await ChangeAclAsync("""{"ip":["10.0.0.0/8"]}""")).IsOk();
        (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, token), "")).IsKo(HttpStatusCode.Forbidden, 631);
        (await ChangeAclAsync("{}")).IsOk();
        Assert.Equal(Bytes, (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, token), "")).Bytes);
        Assert.False((await InfoAsync()).TryGetProperty("acl", out _));
    }

    private Task<Answer> ChangeAsync(object body, string? key = null) => _server.CallAsync("file/chattr.cgi", JsonSerializer.Serialize(body), key);

    private Task<Answer> ChangeAclAsync(string acl) => _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{_link}}"],"acl":{{acl}}}""");

    private Task<Answer> TokenAsync(string key) => _server.CallAsync("download/get_token.cgi", JsonSerializer.Serialize(new { url = _link }), key);

    private async Task<JsonElement> InfoAsync() => (await _server.CallAsync("file/info.cgi", JsonSerializer.Serialize(new { url = _link }))).Json;
}
