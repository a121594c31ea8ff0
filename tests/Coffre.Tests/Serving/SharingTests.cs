using System.Net;
using System.Text.Json;
using Coffre.Protocol;

namespace Coffre.Tests.Serving;

public sealed class SharingTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private long _folder;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _folder = await _server.MakeFolderAsync("shared & co");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_shared_folder_is_a_page_for_people_and_a_list_for_tools()
    {
        var link = (await _server.UploadAsync("a.txt", new byte[7], _folder)).GetProperty("download").GetString();
        await _server.UploadAsync("deep.txt", [1], await _server.MakeFolderAsync("inner", _folder));
        var url = await ShareAsync(new { folder_id = _folder, share = 1 });
        Assert.Matches("/dir/[a-z0-9]{20}$", url);

        var page = await GetAsync(url!);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("a.txt", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("deep.txt", page.Text, StringComparison.Ordinal);

        foreach (var answer in new[] { await GetAsync(url + "?json=1"), await PostAsync(url!, ("json", "1")) })
        {
            Assert.Equal("application/json; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
            var file = Assert.Single(answer.Json.EnumerateArray());
            Assert.Equal("a.txt", file.GetProperty("filename").GetString());
            Assert.Equal(7, file.GetProperty("size").GetInt64());
            Assert.Equal(link, file.GetProperty("link").GetString());
            Assert.Equal(0, file.GetProperty("password").GetInt32());
            Assert.Equal(0, file.GetProperty("acl").GetInt32());
        }
    }

    [Fact]
    public async Task The_listing_of_the_owner_shows_the_address_and_that_there_is_a_password()
    {
        var url = await ShareAsync(new { folder_id = _folder, share = 1, pass = "open sesame" });
        var own = (await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{_folder}}}""")).Json;
        Assert.Equal(url, own.GetProperty("shared").GetString());
        Assert.Equal(1, own.GetProperty("pass").GetInt32());
        Assert.Equal(1, (await _server.CallAsync("folder/ls.cgi", "{}")).Json.GetProperty("sub_folders")[0].GetProperty("pass").GetInt32());
    }

    [Fact]
    public async Task A_password_guards_both_forms_and_comes_in_the_form_only()
    {
        var url = (await ShareAsync(new { folder_id = _folder, share = 1, pass = "open sesame" }))!;
        foreach (var answer in new[] { await GetAsync(url), await GetAsync(url + "?json=1"), await GetAsync(url + "?json=1&pass=open%20sesame") })
        {
            Assert.Contains("type=\"password\"", answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(url, ("json", "1"), ("pass", "wrong"))).Status);
        Assert.Equal("[]", (await PostAsync(url, ("json", "1"), ("pass", "open sesame"))).Text);
        Assert.Equal("[]", (await PostAsync(url + "?json=1", ("pass", "open sesame"))).Text);
        await ShareAsync(new { folder_id = _folder, pass = "" });
        Assert.Equal("[]", (await GetAsync(url + "?json=1")).Text);
    }

    [Fact]
    public async Task Whoever_guesses_at_a_password_waits_longer_each_time_and_is_told_how_long()
    {
        var url = (await ShareAsync(new { folder_id = _folder, share = 1, pass = "open sesame" }))!;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(url, ("json", "1"), ("pass", "guess " + i))).Status);
        }

        var early = await PostAsync(url, ("json", "1"), ("pass", "open sesame"));
        Assert.Equal(HttpStatusCode.TooManyRequests, early.Status);
        Assert.Equal(1, early.Headers.RetryAfter?.Delta?.TotalSeconds);
        _server.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("[]", (await PostAsync(url, ("json", "1"), ("pass", "open sesame"))).Text);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(url, ("json", "1"), ("pass", "one more"))).Status);
    }

    [Fact]
    public async Task A_page_that_is_taken_away_or_whose_folder_goes_does_not_come_back()
    {
        var first = (await ShareAsync(new { folder_id = _folder, share = 1 }))!;
        Assert.Equal(first, await ShareAsync(new { folder_id = _folder, share = 1 }));
        Assert.Null(await ShareAsync(new { folder_id = _folder, share = 0 }));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(first)).Status);
        var second = (await ShareAsync(new { folder_id = _folder, share = 1 }))!;
        Assert.NotEqual(first, second);
        (await _server.CallAsync("folder/rm.cgi", $$"""{"folder_id":{{_folder}}}""")).IsOk();
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(second)).Status);
    }

    [Theory]
    [InlineData("""{"share":1}""", HttpStatusCode.BadRequest, 9013)]
    [InlineData("""{"folder_id":0,"share":1}""", HttpStatusCode.Forbidden, 631)]
    [InlineData("""{"folder_id":77,"share":1}""", HttpStatusCode.NotFound, 9020)]
    [InlineData("""{"folder_id":F,"share":2}""", HttpStatusCode.BadRequest, 9014)]
    [InlineData("""{"folder_id":F,"share":1,"pass":"short"}""", HttpStatusCode.BadRequest, 9014)]
    public async Task A_wrong_wish_shares_nothing(string body, HttpStatusCode status, int number)
    {
        (await _server.CallAsync("folder/share.cgi", body.Replace("F", $"{_folder}", StringComparison.Ordinal))).IsKo(status, number);
        Assert.False((await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{_folder}}}""")).Json.TryGetProperty("shared", out _));
    }

    [Fact]
    public async Task Another_account_cannot_share_the_folder()
    {
        var other = await _server.AddAccountAsync("other@example.org", 1000);
        (await _server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{_folder}},"share":1}""", other)).IsKo(HttpStatusCode.NotFound, 9020);
    }

    [Fact]
    public async Task Links_are_checked_in_bulk_without_a_key()
    {
        var open = (await _server.UploadAsync("a;b.txt", new byte[5])).GetProperty("download").GetString()!;
        var guarded = (await _server.UploadAsync("g.txt", [1])).GetProperty("download").GetString()!;
        (await _server.CallAsync("file/chattr.cgi", JsonSerializer.Serialize(new { urls = new[] { guarded }, pass = "open sesame" }))).IsOk();
        var missing = $"https://1fichier.com/?{LinkId.New()}";
        string[] links = [open, guarded, missing, "no link at all"];
        var expected = $"{open};a_b.txt;5\n{guarded};;;PRIVATE\n{missing};;;NOT FOUND\nno link at all;;;BAD LINK\n";

        Assert.Equal(expected, (await PostAsync("/check_links.pl", [.. links.Select(link => ("links[]", link))])).Text);
        using var multipart = new MultipartFormDataContent();
        foreach (var link in links)
        {
            multipart.Add(new StringContent(link), "links[]");
        }

        Assert.Equal(expected, (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/check_links.pl") { Content = multipart }, "")).Text);
        (await PostAsync("/check_links.pl", [.. Enumerable.Repeat(("links[]", "x"), 101)])).IsKo(HttpStatusCode.RequestEntityTooLarge, 9016);
        (await GetAsync("/check_links.pl")).IsKo(HttpStatusCode.BadRequest, 9011);
    }

    private async Task<string?> ShareAsync(object body)
    {
        var answer = await _server.CallAsync("folder/share.cgi", JsonSerializer.Serialize(body));
        answer.IsOk();
        return answer.Json.TryGetProperty("url", out var url) ? url.GetString() : null;
    }

    private Task<Answer> GetAsync(string url) => _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, url), "");

    private Task<Answer> PostAsync(string url, params (string Name, string Value)[] fields) =>
        _server.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) }, "");
}
