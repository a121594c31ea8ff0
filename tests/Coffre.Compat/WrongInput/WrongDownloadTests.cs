using System.Net;
using System.Net.Http.Headers;
using Coffre.Compat.Fixture;

namespace Coffre.Compat.WrongInput;

/// <summary>Downloads that cannot be had, or not in that way.</summary>
public sealed class WrongDownloadTests(ServerFixture fixture) : RefusalTests(fixture), IClassFixture<ServerFixture>
{
    private static readonly byte[] Content = Bytes.Random(1000);

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=1000-2000")]
    [InlineData("bytes=99999999999-")]
    [InlineData("bytes=-0")]
    public async Task A_range_past_the_end(string range) =>
        await WithFileAsync(async address =>
        {
            using var answer = await GetAsync(address, range);

            Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
            Assert.Equal("bytes */1000", answer.Content.Headers.GetValues("Content-Range").Single());
        });

    [Theory]
    [InlineData("bytes=500-400")]
    [InlineData("bytes=abc")]
    [InlineData("bytes")]
    [InlineData("items=0-5")]
    [InlineData("bytes=--5")]
    [InlineData("bytes=99999999999999999999999-")]
    [InlineData("")]
    public async Task A_range_that_makes_no_sense_is_passed_over(string range) =>
        await WithFileAsync(async address =>
        {
            using var answer = await GetAsync(address, range);

            // RFC 9110: a server ignores what it cannot read; a range whose numbers it can read but not serve is 416.
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable, answer.ToString());
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Assert.Equal(Content, await answer.Content.ReadAsByteArrayAsync());
            }
        });

    [Fact]
    public async Task A_hundred_ranges_at_once_do_not_become_a_hundred_copies() =>
        await WithFileAsync(async address =>
        {
            using var answer = await GetAsync(address, "bytes=" + string.Join(',', Enumerable.Repeat("0-", 100)));

            Assert.InRange((int)answer.StatusCode, 200, 416);
            Assert.InRange((await answer.Content.ReadAsByteArrayAsync()).Length, 0, 5000);
        });

    [Fact]
    public async Task A_range_that_reaches_past_the_end_gives_what_there_is() =>
        await WithFileAsync(async address =>
        {
            using var answer = await GetAsync(address, "bytes=990-5000");

            Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
            Assert.Equal(Content[990..], await answer.Content.ReadAsByteArrayAsync());
        });

    [Theory]
    [InlineData("/p1")]
    [InlineData("/p123456789012345678901234567890")]
    [InlineData("/p99999999999999999999999999999999999999999999999999")]
    public async Task An_address_that_was_never_given(string path)
    {
        var answer = await AskAsync("GET " + path, "");

        AssertKo(410, 9043, answer);
    }

    [Theory]
    [InlineData("GET /?aaaaaaaaaaaaaaaaaaaa")]
    [InlineData("GET /?AAAA")]
    [InlineData("GET /dir/nothing")]
    [InlineData("GET /p../../etc/passwd")]
    [InlineData("GET /..%2f..%2fetc/passwd")]
    [InlineData("GET /%00")]
    public async Task A_public_address_of_nothing(string line) => Assert.InRange((await AskAsync(line, "")).Status, 400, 404);

    [Fact]
    public async Task A_method_that_downloads_nothing() =>
        await WithFileAsync(async address =>
        {
            var answer = await AskAsync("DELETE " + new Uri(address).PathAndQuery, Authorization + "Content-Length: 0\r\n");

            Assert.Equal(405, answer.Status);
        });

    [Fact]
    public async Task A_file_that_was_removed_after_its_address_was_given()
    {
        var link = await Client.UploadAsync("goes.bin", Content);
        var address = await Client.TokenAsync(link);
        await Client.PostAsync("file/rm.cgi", new { files = new[] { new { url = link } } });

        using var answer = await GetAsync(address.ToString(), range: null);

        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone, answer.ToString());
        Assert.Contains("KO", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_is_missing_or_wrong()
    {
        var to = await Client.UploadAddressAsync();
        var sent = await UploadAsync(new Multipart().Field("dpass", "open sesame").File("locked.txt", "x"u8).End(), to: to);
        Assert.Equal(HttpStatusCode.Found, sent.Status);
        var link = (await Client.ReportAsync(to)).GetProperty("links")[0].GetProperty("download").GetString();
        using var stranger = V1Client.For(Server, await Server.AddAccountAsync("stranger@example.org", "1MB"));

        AssertKo(HttpStatusCode.Forbidden, 631, await stranger.PostAsync("download/get_token.cgi", new { url = link }));
        AssertKo(HttpStatusCode.Forbidden, 631, await stranger.PostAsync("download/get_token.cgi", new { url = link, pass = "open barley" }));
        var right = await stranger.PostAsync("download/get_token.cgi", new { url = link, pass = "open sesame" });
        Assert.True(right.Status == HttpStatusCode.OK, right.ToString());

        await Client.PostAsync("file/rm.cgi", new { files = new[] { new { url = link } } });
    }

    private async Task WithFileAsync(Func<string, Task> test)
    {
        var link = await Client.UploadAsync("ranges.bin", Content);
        await test((await Client.TokenAsync(link)).ToString());
        await Client.PostAsync("file/rm.cgi", new { files = new[] { new { url = link } } });
    }

    private Task<HttpResponseMessage> GetAsync(string address, string? range)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Server.ApiKey);
        if (range is not null)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        return Client.SendRawAsync(request);
    }
}
