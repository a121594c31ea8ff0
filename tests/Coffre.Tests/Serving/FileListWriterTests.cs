using System.Text;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Files;

namespace Coffre.Tests.Serving;

/// <summary>Listings are written by hand, byte by byte: here they are compared with what the serializer makes of the same files.</summary>
public sealed class FileListWriterTests
{
    private static readonly string[] Names =
    [
        "plain.txt", "UPPER.JPEG", "two.dots.tar.gz", "no extension", ".hidden", "ends with dot.", "weird.ſ", "ünïcödé.mp3", "名前.png", "emoji 😀.zip",
        "quote\".txt", "back\\slash.txt", "<html>&'amp;.html", "line\u2028break.txt", "del\u007f.bin", "nbsp\u00a0.txt", "long." + new string('x', 60), "a.7z", "plus+sign.cpp",
    ];

    [Fact]
    public async Task A_compact_listing_has_the_bytes_that_the_serializer_makes()
    {
        await using var server = await TestServer.StartAsync(("Public:Domains", "https://files.example.org"), ("Public:PlainAddress", "http://plain.example.org"));
        foreach (var (i, name) in Names.Index())
        {
            var link = (await server.UploadAsync("upload", Encoding.UTF8.GetBytes(new string('x', i)))).GetProperty("download").GetString();
            await server.Catalog.WriteAsync(
                session => session.Execute("update file set name = @name where name = 'upload'", ("@name", name)), CancellationToken.None);
            if (i % 3 == 0)
            {
                (await server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],"pass":"secret","no_ssl":1,"cdn":1}""")).IsOk();
            }
        }

        var compact = await server.CallAsync("file/ls.cgi", """{"folder_id":0}""");
        var items = JsonSerializer.Deserialize(compact.Bytes, V1Json.Default.FileLsAnswer)!.Items!;
        Assert.Equal(Names.Order(StringComparer.Ordinal), items.Select(item => item.FileName).Order(StringComparer.Ordinal));
        Assert.Contains(items, item => item is { Pass: 1, Cdn: 1 });
        Assert.Equal(Serialize(items), compact.Text);

        var pretty = await server.CallAsync("file/ls.cgi", """{"folder_id":0,"pretty":1}""");
        Assert.Equal(Serialize(JsonSerializer.Deserialize(pretty.Bytes, V1Json.Default.FileLsAnswer)!.Items!), compact.Text);

        var whole = await server.CallAsync("file/ls.cgi", """{"folder_id":-1}""");
        Assert.Equal(items.Count, JsonSerializer.Deserialize(whole.Bytes, V1Json.Default.FileLsAnswer)!.Items!.Count);
    }

    [Fact]
    public async Task An_empty_folder_and_one_of_many_blocks_are_listed_whole()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("""{"status":"OK","items":[],"count":0}""", (await server.CallAsync("file/ls.cgi", "{}")).Text);

        await server.UploadAsync("first", [1]);
        await FileRows.MultiplyAsync(server, 5000);
        var many = (await server.CallAsync("file/ls.cgi", "{}")).Json;
        Assert.Equal(5001, many.GetProperty("count").GetInt32());
        var names = many.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("filename").GetString()!).ToList();
        Assert.Equal(5001, names.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task An_address_as_long_as_a_header_may_be_stands_before_each_link_and_breaks_no_answer()
    {
        await using var server = await TestServer.StartAsync();
        await server.UploadAsync("first", [1]);
        await FileRows.MultiplyAsync(server, 5);
        var host = string.Join('.', Enumerable.Repeat(new string('h', 60), 200));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/file/ls.cgi") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Host = host;
        request.Headers.Authorization = new("Bearer", server.Key);
        using var response = await server.Http.SendAsync(request);
        var items = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(6, items.Count);
        Assert.All(items, item => Assert.StartsWith($"http://{host}/?", item.GetProperty("url").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listing_ends_at_the_operators_limit()
    {
        await using var server = await TestServer.StartAsync(("Limits:ListedItems", "3"));
        await server.UploadAsync("first", [1]);
        await FileRows.MultiplyAsync(server, 10);
        Assert.Equal(3, (await server.CallAsync("file/ls.cgi", "{}")).Json.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("a.TXT")]
    [InlineData("a.tar.gz")]
    [InlineData(".txt")]
    [InlineData("txt")]
    [InlineData("a.")]
    [InlineData("")]
    [InlineData("a. txt")]
    [InlineData("a.ſvg")]
    [InlineData("a.K")]
    [InlineData("a.woff2")]
    public void A_content_type_is_the_same_from_bytes_as_from_text(string name) =>
        Assert.Equal(ContentTypes.Of(name), Encoding.UTF8.GetString(ContentTypes.JsonOf(Encoding.UTF8.GetBytes(name))));

    [Fact]
    public void A_date_is_the_same_as_bytes_and_as_text()
    {
        var random = new Random(7);
        Span<byte> bytes = stackalloc byte[ParisTime.FormatLength];
        for (var i = 0; i < 20_000; i++)
        {
            var moment = DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(-60_000_000_000_000, 250_000_000_000_000));
            Assert.Equal(ParisTime.FormatLength, ParisTime.Format(moment.ToUnixTimeMilliseconds(), bytes));
            Assert.Equal(ParisTime.Format(moment), Encoding.ASCII.GetString(bytes));
        }
    }

    private static string Serialize(IReadOnlyList<FileItem> items)
    {
        var options = new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            json.WriteString("status", "OK");
            json.WriteStartArray("items");
            foreach (var item in items)
            {
                JsonSerializer.Serialize(json, item, V1Json.Default.FileItem);
            }

            json.WriteEndArray();
            json.WriteNumber("count", items.Count);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
