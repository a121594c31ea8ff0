using System.Net;
using Coffre.Compat.Fixture;

namespace Coffre.Compat.WrongInput;

/// <summary>Uploads that are odd but not wrong: kept, under a name and in a folder that can be used. An upload is never lost for its name.</summary>
public sealed class OddUploadTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly V1Client _client = V1Client.For(fixture.Server);

    public static TheoryData<string, string> Names => new()
    {
        { "it's.txt", "it_s.txt" },
        { "back`tick.txt", "back_tick.txt" },
        { "less<more>.txt", "less_more_.txt" },
        { "$HOME.txt", "_HOME.txt" },
        { "../../etc/passwd", ".._.._etc_passwd" },
        { "/absolute", "_absolute" },
        { "..", "_.." },
        { "C:\\Users\\me.txt", "C:_Users_me.txt" },
        { "  blanks  ", "blanks" },
        { "tab\there", "tab_here" },
        { "bell\u0007", "bell_" },
        { new string('n', 300) + ".txt", new string('n', 246) + ".txt" },
        { "日本語 😀.txt", "日本語 😀.txt" },
    };

    public void Dispose()
    {
        _client.Dispose();
        fixture.Server.AssertNoFault();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name_that_cannot_be_used_is_mended(string sent, string kept)
    {
        var link = await _client.UploadAsync(sent, "x"u8.ToArray());

        Assert.Equal(kept, (await _client.InfoAsync(link)).GetProperty("filename").GetString());
        Assert.Equal("x"u8.ToArray(), await _client.DownloadAsync(link));
    }

    [Theory]
    [InlineData("99999999")]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public async Task A_folder_that_is_not_there_means_the_root(string folder)
    {
        var to = await _client.UploadAddressAsync();
        var form = new Multipart().Field("did", folder).File($"for {folder}.txt", "x"u8);

        var answer = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = form.Content() });

        Assert.True(answer.Status == HttpStatusCode.Found, answer.ToString());
        Assert.Contains($"for {folder}.txt (1)", await _client.ListAsync());
    }

    [Fact]
    public async Task A_boundary_in_quotes_is_a_boundary()
    {
        var to = await _client.UploadAddressAsync();
        var content = Multipart.Content(Multipart.OneFile("quoted boundary.txt", "x"u8).End(), $"multipart/form-data; boundary=\"{Multipart.Boundary}\"");

        var answer = await _client.SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = content });

        Assert.True(answer.Status == HttpStatusCode.Found, answer.ToString());
    }

    [Fact]
    public async Task Content_that_looks_like_the_boundary_stays_content()
    {
        var content = System.Text.Encoding.ASCII.GetBytes(
            $"\r\n--{Multipart.Boundary[..^1]}\r\n--\r\n--{Multipart.Boundary[..^3]}--\r\n\r--{Multipart.Boundary}\n--{Multipart.Boundary}");

        var link = await _client.UploadAsync("tricky.bin", content);

        Assert.Equal(content, await _client.DownloadAsync(link));
    }

    [Fact]
    public async Task An_empty_file_is_a_file()
    {
        var link = await _client.UploadAsync("empty.txt", []);

        Assert.Equal(0, (await _client.InfoAsync(link)).GetProperty("size").GetInt64());
        Assert.Empty(await _client.DownloadAsync(link));
    }

    [Fact]
    public async Task The_same_name_twice_makes_two_files()
    {
        var one = await _client.UploadAsync("twin.txt", "one"u8.ToArray());
        var two = await _client.UploadAsync("twin.txt", "two"u8.ToArray());

        Assert.NotEqual(one, two);
        Assert.Equal("one"u8.ToArray(), await _client.DownloadAsync(one));
        Assert.Equal("two"u8.ToArray(), await _client.DownloadAsync(two));
    }
}
