using System.Net;
using Coffre.Client;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>The key goes to the service and nowhere else, whatever the service says.</summary>
public sealed class KeyScopeTests
{
    private readonly FakeService _service = new();

    [Theory]
    [InlineData("https://files.example.org/", "evil.example.org")]
    [InlineData("https://files.example.org/", "files.example.org.evil.example")]
    [InlineData("https://files.example.org/", "http://files.example.org")]
    [InlineData("https://files.example.org/", "files.example.org@evil.example")]
    [InlineData("https://files.example.org/", "evil.example/files.example.org")]
    [InlineData("https://api.1fichier.com/", "evil1fichier.com")]
    [InlineData("https://api.1fichier.com/", "1fichier.com.evil.example")]
    [InlineData("http://127.0.0.1:8710/", "10.0.0.1:8710")]
    public async Task Nothing_is_sent_to_a_node_on_another_host(string address, string node)
    {
        _service.On(V1Paths.UploadServer, $$"""{"url":"{{node}}","id":"abc"}""");

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client(address).UploadAsync(UploadSource.FromBytes(new byte[1], "a")));

        Assert.True(trouble.Error is CoffreError.ForeignHost or CoffreError.UnexpectedAnswer);
        Assert.Single(_service.Asked);
    }

    [Fact]
    public async Task A_redirect_of_a_call_is_not_followed()
    {
        _service.On(V1Paths.FolderLs, _ => FakeService.Redirect("https://evil.example/v1/folder/ls.cgi"));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => _service.Client().ListFolderAsync());

        Assert.Equal(CoffreError.UnexpectedAnswer, trouble.Error);
        Assert.Equal("files.example.org", Assert.Single(_service.Asked).Uri.Host);
    }

    [Fact]
    public async Task A_report_on_another_host_is_not_fetched()
    {
        _service.On(V1Paths.UploadServer, """{"url":"files.example.org","id":"abc"}""")
            .On(V1Paths.Upload, _ => FakeService.Redirect("https://evil.example/end.pl?xid=abc"));

        await Assert.ThrowsAsync<CoffreException>(() => _service.Client().UploadAsync(UploadSource.FromBytes(new byte[1], "a")));

        Assert.DoesNotContain(_service.Asked, asked => asked.Uri.Host == "evil.example");
    }

    [Fact]
    public async Task A_download_address_never_sees_the_key_even_on_the_same_host_or_after_a_redirect()
    {
        _service.On(V1Paths.DownloadToken, """{"status":"OK","url":"https://files.example.org/d/1"}""")
            .On("/d/1", _ => FakeService.Redirect("https://cdn.example/d/2"))
            .On("/d/2", _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([7]) });

        Assert.Equal(1, await _service.Client().CopyToAsync("https://files.example.org/?abcdefghij", Stream.Null));

        Assert.Null(_service.Last("/d/1").Authorization);
        Assert.Null(_service.Last("/d/2").Authorization);
    }

    [Fact]
    public async Task A_download_does_not_fall_back_from_https_to_http()
    {
        _service.On(V1Paths.DownloadToken, """{"status":"OK","url":"https://files.example.org/d/1"}""")
            .On("/d/1", _ => FakeService.Redirect("http://files.example.org/d/2"));

        await Assert.ThrowsAsync<CoffreException>(() => _service.Client().CopyToAsync("https://files.example.org/?abcdefghij", Stream.Null));

        Assert.DoesNotContain(_service.Asked, asked => asked.Uri.Scheme == "http");
    }

    [Fact]
    public void A_key_with_a_line_end_cannot_split_a_header() =>
        Assert.Throws<ArgumentException>(() => new CoffreClient(new CoffreClientOptions { ApiKey = "abc\r\nX-Evil: 1" }));
}
