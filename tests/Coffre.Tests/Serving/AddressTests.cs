using System.Net;
using System.Text;

namespace Coffre.Tests.Serving;

/// <summary>Domains, links with and without TLS, and the forms that a link may have.</summary>
public sealed class AddressTests
{
    private static readonly (string, string)[] Addresses =
    [
        ("Public:Address", "https://files.example.org"),
        ("Public:Domains", "https://one.example.net, https://two.example.net:8443"),
        ("Public:PlainAddress", "http://plain.example.org"),
    ];

    [Fact]
    public async Task An_upload_names_the_domain_of_its_links_and_every_listing_shows_it()
    {
        await using var server = await TestServer.StartAsync(Addresses);
        var link = await UploadAsync(server, domain: "2");
        Assert.StartsWith("https://two.example.net:8443/?", link, StringComparison.Ordinal);
        Assert.Equal(link, (await server.CallAsync("file/ls.cgi", "{}")).Json.GetProperty("items")[0].GetProperty("url").GetString());
        Assert.Equal(link, (await server.CallAsync("file/info.cgi", $$"""{"url":"{{link}}"}""")).Json.GetProperty("url").GetString());
    }

    [Theory]
    [InlineData("3")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public async Task A_domain_that_there_is_not_gives_way_to_the_accounts_own(string domain)
    {
        await using var server = await TestServer.StartAsync(Addresses);
        Assert.StartsWith("https://files.example.org/?", await UploadAsync(server, domain), StringComparison.Ordinal);
        (await server.CallAsync("user/info.cgi", """{"default_domain":1}""")).IsOk();
        Assert.StartsWith("https://one.example.net/?", await UploadAsync(server, domain), StringComparison.Ordinal);
        (await server.CallAsync("user/info.cgi", """{"default_domain":3}""")).IsKo(HttpStatusCode.BadRequest, 9014);
    }

    [Fact]
    public async Task The_report_as_lines_tells_the_domain()
    {
        await using var server = await TestServer.StartAsync(Addresses);
        var id = await server.OpenUploadAsync();
        await server.PostUploadAsync(id, Form("1"));
        var request = new HttpRequestMessage(HttpMethod.Get, $"/end.pl?xid={id}");
        request.Headers.Add("EXPORT", "1");
        Assert.Matches("^f.txt;3;[a-z0-9]{20};;1;0\n$", (await server.SendAsync(request, "")).Text);
    }

    [Fact]
    public async Task Links_resolve_on_every_domain_and_in_every_form()
    {
        await using var server = await TestServer.StartAsync(Addresses);
        var id = (await UploadAsync(server, "0")).Split('?')[1];
        foreach (var link in new[]
        {
            $"https://files.example.org/?{id}", $"https://one.example.net/?{id}", $"http://two.example.net:8443/?{id}", $"https://1fichier.com/?{id}",
            $"https://files.example.org/?{id}&lg=fr", $"https://files.example.org/?{id}&af=123", $"https://files.example.org/?{id}&inline=1&lg=en",
            $"https://{id}.example.net/", $"?{id}", id,
        })
        {
            (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).IsOk();
            Assert.Equal("f.txt", (await server.CallAsync("file/info.cgi", $$"""{"url":"{{link}}"}""")).Json.GetProperty("filename").GetString());
        }

        (await server.CallAsync("file/info.cgi", $$"""{"url":"https://files.example.org/{{id}}/more"}""")).IsKo(HttpStatusCode.NotFound, 469);
    }

    [Fact]
    public async Task A_link_that_says_inline_gives_a_token_that_shows()
    {
        await using var server = await TestServer.StartAsync();
        var link = (await server.UploadAsync("f.txt", [1])).GetProperty("download").GetString();
        Assert.EndsWith("?inline", (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}&inline=1"}""")).Json.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("?inline", (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}","inline":1}""")).Json.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("inline", (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).Json.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_wants_no_tls_gets_the_plain_address()
    {
        await using var server = await TestServer.StartAsync(Addresses);
        var link = await UploadAsync(server, "0");
        Assert.StartsWith("https://files.example.org/p", await TokenAsync(server, link, ""), StringComparison.Ordinal);
        Assert.StartsWith("http://plain.example.org/p", await TokenAsync(server, link, ""","no_ssl":1"""), StringComparison.Ordinal);
        (await server.CallAsync("user/info.cgi", """{"default_port":1,"default_port_files":1}""")).IsOk();
        Assert.StartsWith("http://plain.example.org/p", await TokenAsync(server, link, ""), StringComparison.Ordinal);
        Assert.StartsWith("https://files.example.org/p", await TokenAsync(server, link, ""","no_ssl":0"""), StringComparison.Ordinal);
        Assert.StartsWith("http://plain.example.org/?", await UploadAsync(server, "0"), StringComparison.Ordinal);
        (await server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],"no_ssl":1}""")).IsOk();
        Assert.StartsWith("http://plain.example.org/?", (await server.CallAsync("file/info.cgi", $$"""{"url":"{{link}}"}""")).Json.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_signed_in_goes_straight_to_the_bytes_unless_it_prefers_the_page()
    {
        await using var server = await TestServer.StartAsync();
        var link = (await server.UploadAsync("f.txt", [1])).GetProperty("download").GetString()!;
        var head = await server.SendAsync(new HttpRequestMessage(HttpMethod.Head, link));
        Assert.Equal(HttpStatusCode.Found, head.Status);
        Assert.Equal([1], await server.Http.GetByteArrayAsync(head.Headers.Location));
        (await server.CallAsync("user/info.cgi", """{"download_menu":1}""")).IsOk();
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, link))).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, link), "")).Status);
    }

    [Fact]
    public async Task A_link_that_asks_for_text_is_told_in_one_line()
    {
        await using var server = await TestServer.StartAsync();
        var link = (await server.UploadAsync("f;g.txt", [1])).GetProperty("download").GetString()!;
        Assert.Equal($"{link};f_g.txt;1", (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, link + "&e=1"), "")).Text);
        Assert.EndsWith(";;;NOT FOUND", (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/?aaaaaaaaaaaaaaaaaaaa&e=1"), "")).Text, StringComparison.Ordinal);
    }

    private static async Task<string> TokenAsync(TestServer server, string link, string more) =>
        (await server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"{{more}}}""")).Json.GetProperty("url").GetString()!;

    private static async Task<string> UploadAsync(TestServer server, string domain)
    {
        var id = await server.OpenUploadAsync();
        Assert.Equal(HttpStatusCode.Found, (await server.PostUploadAsync(id, Form(domain))).Status);
        return (await server.ReportAsync(id)).Json.GetProperty("links")[0].GetProperty("download").GetString()!;
    }

    private static MultipartFormDataContent Form(string domain)
    {
        // Behind the file: the order of the fields is free.
        var form = TestServer.Form(0, ("f.txt", [1, 2, 3]));
        var field = new ByteArrayContent(Encoding.UTF8.GetBytes(domain));
        field.Headers.TryAddWithoutValidation("Content-Disposition", "form-data; name=\"domain\"");
        form.Add(field);
        return form;
    }
}
