using System.Net;
using System.Text;

namespace Coffre.Tests.Serving;

/// <summary>Every rule on every way to the bytes. The caller is <c>other@example.org</c> (premium) in 198.51.100.0/24, which is in France.</summary>
public sealed class AccessMatrixTests : IAsyncLifetime
{
    private const string Here = "198.51.100.7";
    private static readonly byte[] Bytes = [1, 2, 3];

    private readonly string _table = Path.Combine(Path.GetTempPath(), $"coffre-{Guid.NewGuid():N}.mmdb");
    private TestServer _server = null!;
    private string _other = "";
    private string _free = "";
    private string _link = "";

    public async ValueTask InitializeAsync()
    {
        TinyCountryTable.Write(_table, ("198.51.100.0/24", "FR"), ("203.0.113.0/24", "DE"), ("2001:db8::/32", "BE"));
        _server = await TestServer.StartAsync(("Limits:TrustedProxies", "127.0.0.1"), ("Access:CountryDatabase", _table));
        _other = await _server.AddAccountAsync("other@example.org", 1_000_000);
        _free = await _server.AddAccountAsync("free@example.org", 1_000_000);
        _link = (await _server.UploadAsync("f.txt", Bytes)).GetProperty("download").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        File.Delete(_table);
    }

    public static TheoryData<string, bool> Rules => new()
    {
        { """ "acl":{"ip":["198.51.100.0/24"]} """, true },
        { """ "acl":{"ip":["203.0.113.0/24"]} """, false },
        { """ "acl":{"country":["FR","BE"]} """, true },
        { """ "acl":{"country":["fr"]} """, true },
        { """ "acl":{"country":["DE"]} """, false },
        { """ "acl":{"email":["other@example.org"]} """, true },
        { """ "acl":{"email":["somebody@example.org"]} """, false },
        { """ "acl":{"premium":1} """, true },
        { """ "acl":{"country":["FR"],"ip":["203.0.113.0/24"]} """, false },
        { """ "pass":"open sesame" """, false },
    };

    /// <summary>Ways that lead to a file of somebody else, or tell of one; and everything else that the server answers, which must not.</summary>
    private static readonly string[] Ways =
        ["/", "/p{digits}", "/check_links.pl", "/dir/{link}", "/{language:length(2)}/dir/{link}", "/v1/download/get_token.cgi", "/v1/file/cp.cgi", "/v1/file/info.cgi", "/v1/file/scan.cgi"];

    private static readonly string[] OtherWays =
    [
        "/end.pl", "/healthz", "/readyz", "/remove/{link}/{code}", "/upload.cgi", "/{*path}", "/v1/file/chattr.cgi", "/v1/file/ls.cgi", "/v1/file/mv.cgi", "/v1/file/rename.cgi", "/v1/file/rm.cgi",
        "/v1/folder/", "/v1/ftp/", "/v1/remote/", "/v1/upload/", "/v1/user/", "/v1/vouchers/", "/api/",
    ];

    [Fact]
    public void No_way_is_forgotten_here() =>
        Assert.All(
            _server.Routes.Where(route => !OtherWays.Any(other => other.EndsWith('/') ? route.StartsWith(other, StringComparison.Ordinal) : route == other)),
            route => Assert.Contains(route, Ways));

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Each_way_is_open_to_whom_the_rule_admits_and_to_nobody_else(string rule, bool admits)
    {
        (await _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{_link}}"],{{rule}}}""")).IsOk();

        Assert.Equal(admits, (await CallAsync("file/info.cgi", $$"""{"url":"{{_link}}"}""")).Status == HttpStatusCode.OK);
        Assert.Equal(admits, (await CallAsync("file/cp.cgi", $$"""{"urls":["{{_link}}"]}""")).Status == HttpStatusCode.OK);
        Assert.Equal(admits, (await SendAsync(HttpMethod.Get, _link)).Status == HttpStatusCode.Found);
        Assert.Equal(admits, (await SendAsync(HttpMethod.Head, _link)).Status == HttpStatusCode.Found);
        Assert.Equal(admits, (await SendAsync(HttpMethod.Post, _link)).Status == HttpStatusCode.Found);
        Assert.Equal(admits, (await SendAsync(HttpMethod.Get, _link + "&e=1")).Text.EndsWith(";f.txt;3", StringComparison.Ordinal));
        var token = await CallAsync("download/get_token.cgi", $$"""{"url":"{{_link}}"}""");
        Assert.Equal(admits, token.Status == HttpStatusCode.OK);
        if (admits)
        {
            Assert.Equal(Bytes, (await SendAsync(HttpMethod.Get, token.Json.GetProperty("url").GetString()!, "")).Bytes);
        }
        else
        {
            token.IsKo(HttpStatusCode.Forbidden, 631);
        }

        // The owner is never bound.
        Assert.Equal(Bytes, await _server.DownloadAsync(_link));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task Guests_see_what_the_rule_leaves_them(string rule, bool admits)
    {
        (await _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{_link}}"],{{rule}}}""")).IsOk();
        var needsAccount = rule.Contains("email", StringComparison.Ordinal) || rule.Contains("premium", StringComparison.Ordinal);
        var expected = admits && !needsAccount;
        var form = new FormUrlEncodedContent([new("links[]", _link)]);
        var checkRequest = new HttpRequestMessage(HttpMethod.Post, "/check_links.pl") { Content = form };
        checkRequest.Headers.Add("X-Forwarded-For", Here);
        var check = await _server.SendAsync(checkRequest, "");
        Assert.Equal(expected ? $"{_link};f.txt;3\n" : $"{_link};;;PRIVATE\n", check.Text);
        Assert.Equal(expected, (await SendAsync(HttpMethod.Post, _link, "")).Status == HttpStatusCode.Found);
    }

    [Fact]
    public async Task The_password_opens_every_way_that_takes_one()
    {
        (await _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{_link}}"],"pass":"open sesame"}""")).IsOk();
        foreach (var (password, opens) in new[] { ("open sesame", true), ("open Sesame", false) })
        {
            Assert.Equal(opens, (await CallAsync("file/info.cgi", $$"""{"url":"{{_link}}","pass":"{{password}}"}""")).Status == HttpStatusCode.OK);
            Assert.Equal(opens, (await CallAsync("download/get_token.cgi", $$"""{"url":"{{_link}}","pass":"{{password}}"}""")).Status == HttpStatusCode.OK);
            Assert.Equal(opens, (await CallAsync("file/cp.cgi", $$"""{"urls":["{{_link}}"],"pass":"{{password}}"}""")).Status == HttpStatusCode.OK);
            var page = new HttpRequestMessage(HttpMethod.Post, _link) { Content = new FormUrlEncodedContent([new("pass", password)]) };
            Assert.Equal(opens, (await _server.SendAsync(page, "")).Status == HttpStatusCode.Found);
        }
    }

    [Fact]
    public async Task The_free_tier_is_no_customer()
    {
        await _server.Catalog.WriteAsync(
            session =>
            {
                var accounts = _server.Room<Coffre.Server.Accounts.AccountTable>();
                accounts.Subscribe(session, accounts.FindByEmail(session, "free@example.org")!.Id, new(Coffre.Server.Accounts.Tier.Free, null));
                return true;
            },
            CancellationToken.None);
        (await _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{_link}}"],"acl":{"premium":1} }""")).IsOk();
        (await _server.CallAsync("download/get_token.cgi", $$"""{"url":"{{_link}}"}""", _free)).IsKo(HttpStatusCode.Forbidden, 631);
    }

    [Theory]
    [InlineData(Here, true)]
    [InlineData("2001:db8::1", false)]
    [InlineData("203.0.113.9", false)]
    [InlineData("192.0.2.1", false)]
    public async Task A_token_that_was_given_in_one_country_is_no_good_in_another(string from, bool may)
    {
        (await _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{_link}}"],"acl":{"country":["FR"]} }""")).IsOk();
        var token = (await CallAsync("download/get_token.cgi", $$"""{"url":"{{_link}}"}""")).Json.GetProperty("url").GetString()!;
        var got = await SendAsync(HttpMethod.Get, token, "", from);
        Assert.Equal(may ? HttpStatusCode.OK : HttpStatusCode.Forbidden, got.Status);
    }

    [Fact]
    public async Task A_public_folder_lists_the_file_but_gives_nothing_away()
    {
        var folder = await _server.MakeFolderAsync("shared");
        var link = (await _server.UploadAsync("g.txt", Bytes, folder)).GetProperty("download").GetString()!;
        (await _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],"acl":{"country":["DE"]} }""")).IsOk();
        var page = (await _server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{folder}},"share":1}""")).Json.GetProperty("url").GetString()!;
        var listed = (await SendAsync(HttpMethod.Get, page + "?json=1", "")).Json[0];
        Assert.Equal(1, listed.GetProperty("acl").GetInt32());
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(HttpMethod.Get, listed.GetProperty("link").GetString()!, "")).Status);

        // The same page with a language in front.
        var french = page.Replace("/dir/", "/fr/dir/", StringComparison.Ordinal);
        Assert.Equal(1, (await SendAsync(HttpMethod.Get, french + "?json=1", "")).Json.GetArrayLength());
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_stops_the_start_and_is_named()
    {
        var broken = _table + ".broken";
        await File.WriteAllTextAsync(broken, "no table");
        try
        {
            var refused = await Assert.ThrowsAsync<Coffre.Server.Settings.SettingException>(() => TestServer.StartAsync(("Access:CountryDatabase", broken)));
            Assert.Contains(broken, refused.Message, StringComparison.Ordinal);
            var missing = await Assert.ThrowsAsync<Coffre.Server.Settings.SettingException>(() => TestServer.StartAsync(("Access:CountryDatabase", "/nowhere.mmdb")));
            Assert.Contains("Access:CountryDatabase", missing.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(broken);
        }
    }

    private Task<Answer> CallAsync(string path, string json)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/" + path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Forwarded-For", Here);
        return _server.SendAsync(request, _other);
    }

    private Task<Answer> SendAsync(HttpMethod method, string url, string? key = null, string from = Here)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.Add("X-Forwarded-For", from);
        return _server.SendAsync(request, key ?? _other);
    }
}
