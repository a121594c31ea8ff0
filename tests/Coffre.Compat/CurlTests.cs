using System.Net;
using System.Text;
using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>Plain curl: the client that every script has.</summary>
public sealed class CurlTests(ServerFixture fixture) : IClassFixture<ServerFixture>, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly V1Client _client = V1Client.For(fixture.Server);

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Two_files_go_up_in_one_post_and_the_json_report_names_both()
    {
        var to = await UploadAsync(("a.bin", Bytes.Random(100_000)), ("b é.txt", "text"u8.ToArray()));

        var report = JsonDocument.Parse((await CurlAsync("-H", "JSON: 1", Report(to))).Output).RootElement;

        Assert.Equal(0, report.GetProperty("incoming").GetInt32());
        var links = report.GetProperty("links").EnumerateArray().ToList();
        Assert.Equal(["a.bin", "b é.txt"], links.Select(link => link.GetProperty("filename").GetString()!));
        Assert.Equal(["100000", "4"], links.Select(link => link.GetProperty("size").GetString()!));
        Assert.Equal(await Openssl.WhirlpoolAsync(_folder["a.bin"]), links[0].GetProperty("whirlpool").GetString());
        Assert.All(links, link => Assert.Equal("", link.GetProperty("remove").GetString()));
        Assert.Equal(Bytes.Random(100_000), await _client.DownloadAsync(links[0].GetProperty("download").GetString()!));
    }

    [Fact]
    public async Task The_export_report_has_one_line_for_each_file()
    {
        var to = await UploadAsync(("a.bin", new byte[10]), ("b.bin", new byte[20]));

        var lines = (await CurlAsync("-H", "EXPORT: 1", Report(to))).Lines;

        Assert.Equal(2, lines.Count);
        Assert.Matches("^a\\.bin;10;[a-z0-9]{20};[^;]*;0;0\r?$", lines[0]);
        Assert.Matches("^b\\.bin;20;[a-z0-9]{20};[^;]*;0;0\r?$", lines[1]);
    }

    [Fact]
    public async Task The_report_for_people_is_a_page_with_the_link_and_can_be_asked_for_again()
    {
        var to = await UploadAsync(("page <b>.txt", "x"u8.ToArray()));

        var first = await CurlAsync("-D", "-", Report(to));
        var second = await CurlAsync("-D", "-", Report(to));

        Assert.Contains("text/html", first.Output, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(V1Client.LinksIn(first.Output));
        Assert.DoesNotContain("<b>", first.Output, StringComparison.Ordinal);
        Assert.Equal(V1Client.LinksIn(first.Output), V1Client.LinksIn(second.Output));
    }

    [Fact]
    public async Task The_redirect_after_the_upload_can_be_followed()
    {
        _folder.Write("a.txt", "followed");
        var to = await _client.UploadAddressAsync();

        var said = await CurlAsync("-L", "-H", "JSON: 1", "-H", Key, "-F", $"file[]=@{_folder["a.txt"]}", to.ToString());

        var link = Assert.Single(V1Client.LinksIn(said.Output.Replace("\\/", "/", StringComparison.Ordinal)));
        Assert.Equal("followed"u8.ToArray(), await _client.DownloadAsync(link));
    }

    [Fact]
    public async Task A_folder_field_after_the_files_counts_as_well_as_one_before()
    {
        var id = await _client.MakeFolderAsync("curl did");
        _folder.Write("a.txt", "a");
        var to = await _client.UploadAddressAsync();

        await CurlAsync("-H", Key, "-F", $"file[]=@{_folder["a.txt"]}", "-F", $"did={id}", to.ToString());

        Assert.Equal(["a.txt (1)"], await _client.ListAsync(id));
    }

    [Fact]
    public async Task A_range_gives_those_bytes_and_says_so()
    {
        var content = Bytes.Random(50_000);
        var address = await TokenAsync("range.bin", content);

        var some = await CurlAsync("-r", "1000-1999", "-D", _folder["head"], address);
        var last = await CurlAsync("-r", "-5", address);

        Assert.Equal(content[1000..2000], some.OutputBytes);
        Assert.Equal(content[^5..], last.OutputBytes);
        var head = await File.ReadAllTextAsync(_folder["head"]);
        Assert.Contains(" 206 ", head, StringComparison.Ordinal);
        Assert.Contains("Content-Range: bytes 1000-1999/50000", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_download_that_broke_off_is_resumed_from_the_partial_file()
    {
        var content = Bytes.Random(3_000_000);
        var address = await TokenAsync("resume.bin", content);
        _folder.Write("part", content.AsSpan(0, 1_234_567));

        await CurlAsync("-C", "-", "-o", _folder["part"], address);

        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["part"]));
    }

    [Fact]
    public async Task Resuming_what_is_already_whole_is_refused_and_spoils_nothing()
    {
        var content = Bytes.Random(1000);
        var address = await TokenAsync("whole.bin", content);
        _folder.Write("part", content);

        var said = await Tool.RunAsync("curl", ["-sS", "-C", "-", "-o", _folder["part"], "-w", "%{http_code}", address]);

        Assert.Equal("416", said.Output);
        Assert.Equal(content, await File.ReadAllBytesAsync(_folder["part"]));
    }

    [Fact]
    public async Task Head_tells_length_name_and_that_ranges_work()
    {
        var address = await TokenAsync("naïve \"plan\".txt", new byte[4321]);

        var head = (await CurlAsync("-I", address)).Output;

        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
        Assert.Contains("Content-Length: 4321", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Accept-Ranges: bytes", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("filename*=UTF-8''na%C3%AFve", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("ETag:", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Last-Modified:", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Curl_saves_under_the_name_that_the_server_tells()
    {
        var address = await TokenAsync("named by server.txt", "x"u8.ToArray());

        await CurlInAsync(_folder.Folder("saved"), "-OJ", address);

        Assert.True(File.Exists(_folder["saved/named by server.txt"]));
    }

    [Theory]
    [InlineData("it's.txt")]
    [InlineData("say \"hi\".txt")]
    [InlineData("back`tick.txt")]
    [InlineData("semi;colon, and comma.txt")]
    public async Task A_name_with_a_quote_is_kept_under_one_that_can_be_used(string name)
    {
        _folder.Write("source", "quoted " + name);
        var to = await _client.UploadAddressAsync();

        // curl's own rule for names in -F: they stand in double quotes, where quotes and backslashes are escaped.
        var written = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        await CurlAsync("-H", Key, "-F", $"file[]=@\"{_folder["source"]}\";filename=\"{written}\"", to.ToString());

        var link = (await _client.ReportAsync(to)).GetProperty("links")[0];
        Assert.Equal(Encoding.UTF8.GetBytes("quoted " + name), await _client.DownloadAsync(link.GetProperty("download").GetString()!));
        var kept = link.GetProperty("filename").GetString()!;
        Assert.Equal(-1, kept.IndexOfAny(['"', '\'', '`', '\\', '<', '>', '$', '/']));
        var expected = name.Replace('\'', '_').Replace('`', '_');
        Assert.True(kept == expected.Replace('"', '_') || kept == expected.Replace("\"", "%22", StringComparison.Ordinal), kept);
    }

    [Fact]
    public async Task A_stream_of_unknown_length_is_taken_in_chunks()
    {
        var content = Bytes.Random(2_000_000);
        var to = await _client.UploadAddressAsync();
        var form = new Multipart().File("chunked.bin", content);

        (await Tool.RunAsync(
            "curl",
            ["-sS", "--fail", "-H", Key, "-H", "Transfer-Encoding: chunked", "-H", $"Content-Type: multipart/form-data; boundary={Multipart.Boundary}", "--data-binary", "@-", to.ToString()],
            form.End())).Ok();

        var link = (await _client.ReportAsync(to)).GetProperty("links")[0].GetProperty("download").GetString()!;
        Assert.Equal(content, await _client.DownloadAsync(link));
    }

    [Fact]
    public async Task Expect_100_continue_is_answered()
    {
        _folder.Write("a.bin", Bytes.Random(3_000_000));
        var to = await _client.UploadAddressAsync();

        var said = await CurlAsync("-v", "-H", Key, "-H", "Expect: 100-continue", "-F", $"file[]=@{_folder["a.bin"]}", to.ToString());

        Assert.Contains("HTTP/1.1 100", said.Errors, StringComparison.Ordinal);
        Assert.Single((await _client.ReportAsync(to)).GetProperty("links").EnumerateArray());
    }

    [Fact]
    public async Task The_public_link_shows_people_a_page_with_name_size_and_checksum()
    {
        var link = await _client.UploadAsync("for people & <friends>.txt", "page"u8.ToArray());
        var info = await _client.InfoAsync(link);

        var page = (await CurlAsync("-D", "-", link)).Output;

        Assert.Contains("text/html", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(WebUtility.HtmlEncode(info.GetProperty("filename").GetString()!), page, StringComparison.Ordinal);
        Assert.Contains(info.GetProperty("checksum").GetString()!, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_is_followed_to_the_bytes_by_whoever_shows_a_key()
    {
        var link = await _client.UploadAsync("with a key.txt", "the bytes"u8.ToArray());

        var said = await CurlAsync("-L", "-H", Key, link);

        Assert.Equal("the bytes", said.Output);
    }

    [Fact]
    public async Task The_page_of_a_link_downloads_by_its_button()
    {
        var link = await _client.UploadAsync("by button.txt", "the bytes"u8.ToArray());

        // What a browser does on a click: it posts the page's form.
        var said = await CurlAsync("-L", "-d", "", link);

        Assert.Equal("the bytes", said.Output);
    }

    private string Key => "Authorization: Bearer " + fixture.Server.ApiKey;

    private static string Report(Uri upload) => new Uri(upload, "/end.pl?xid=" + upload.Query[4..]).ToString();

    private async Task<Uri> UploadAsync(params (string Name, byte[] Content)[] files)
    {
        var to = await _client.UploadAddressAsync();
        List<string> arguments = ["-D", "-", "-H", Key];
        foreach (var (name, content) in files)
        {
            _folder.Write(name, content);
            arguments.AddRange(["-F", $"file[]=@{_folder[name]}"]);
        }

        var said = await CurlAsync([.. arguments, to.ToString()]);
        Assert.Contains("Location: /end.pl?xid=" + to.Query[4..], said.Output, StringComparison.OrdinalIgnoreCase);
        return to;
    }

    private async Task<string> TokenAsync(string name, byte[] content) =>
        (await _client.TokenAsync(await _client.UploadAsync(name.Replace("\"", "%22", StringComparison.Ordinal), content))).ToString();

    private Task<ToolResult> CurlAsync(params string[] arguments) => CurlInAsync(_folder.Path, arguments);

    private static async Task<ToolResult> CurlInAsync(string folder, params string[] arguments) =>
        (await Tool.RunAsync("curl", ["-sS", "--fail", .. arguments], folder: folder)).Ok();
}
