using System.Globalization;
using System.Net;
using System.Text;
using Coffre.Compat.Fixture;

namespace Coffre.Compat.WrongInput;

/// <summary>Calls that are not what the protocol says.</summary>
public sealed class WrongCallTests(ServerFixture fixture) : RefusalTests(fixture), IClassFixture<ServerFixture>
{
    /// <summary>The reserved characters of names, and some control characters.</summary>
    public static TheoryData<string> Reserved => ["\"", "'", "`", "\\", "<", ">", "$", "/", "\0", "\n", "\u001b", "\u007f"];

    public static TheoryData<string> BadNames => ["", ".", "..", " leading", "trailing ", new string('n', 251)];

    [Theory]
    [InlineData("")]
    [InlineData("Content-Type: text/plain\r\n")]
    [InlineData("Content-Type: application/x-www-form-urlencoded\r\n")]
    [InlineData("Content-Type: application/jsonp\r\n")]
    [InlineData("Content-Type: \r\n")]
    public async Task A_body_that_does_not_say_that_it_is_json(string type) =>
        AssertKo(400, 24, await AskAsync("POST /v1/folder/ls.cgi", Authorization + type + "Content-Length: 2\r\n", "{}"));

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{} {}")]
    [InlineData("{\"folder_id\":}")]
    [InlineData("{\"folder_id\":0,}")]
    [InlineData("{'folder_id':0}")]
    [InlineData("{\"folder_id\":\"abc\"}")]
    [InlineData("{\"folder_id\":[0]}")]
    [InlineData("{\"folder_id\":1.5}")]
    [InlineData("{\"folder_id\":1e400}")]
    [InlineData("{\"folder_id\":99999999999999999999}")]
    [InlineData("folder_id=0")]
    [InlineData("<xml/>")]
    public async Task A_body_that_is_no_json_object_of_the_right_form(string body) =>
        AssertKo(HttpStatusCode.BadRequest, 9010, await Client.PostAsync("folder/ls.cgi", body));

    [Fact]
    public async Task Bytes_that_are_no_text()
    {
        using var content = new ByteArrayContent([.. "{\"name\":\"a"u8, 0xff, 0xfe, .. "\"}"u8]);
        content.Headers.Add("Content-Type", "application/json");

        AssertKo(HttpStatusCode.BadRequest, 9010, await Client.PostAsync("folder/mkdir.cgi", content));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task Json_that_is_too_deep(int depth) =>
        AssertKo(
            HttpStatusCode.BadRequest,
            9010,
            await Client.PostAsync("folder/ls.cgi", "{\"x\":" + new string('[', depth) + new string(']', depth) + "}"));

    [Fact]
    public async Task Json_that_is_too_long() =>
        AssertKo(HttpStatusCode.RequestEntityTooLarge, 9012, await Client.PostAsync("folder/ls.cgi", "{\"x\":\"" + new string('x', 5_000_000) + "\"}"));

    [Fact]
    public async Task Json_that_is_too_long_and_comes_in_chunks()
    {
        var chunk = "10000\r\n" + new string(' ', 0x10000) + "\r\n";
        using var connection = await RawConnection.OpenAsync(Server);
        await connection.SendAsync(
            $"POST /v1/folder/ls.cgi HTTP/1.1\r\nHost: x\r\n{Authorization}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        try
        {
            for (var i = 0; i < 40; i++)
            {
                await connection.SendAsync(chunk);
            }

            await connection.SendAsync("0\r\n\r\n");
        }
        catch (IOException)
        {
            // It may hang up on somebody who goes on past the limit, once it has answered.
        }

        AssertKo(413, 9012, await connection.ReadAsync());
    }

    [Theory]
    [InlineData("folder/ls.cgi", "{\"folder_id\":99999999}")]
    [InlineData("folder/ls.cgi", "{\"folder_id\":-5}")]
    [InlineData("folder/ls.cgi", "{\"folder_id\":9223372036854775807}")]
    [InlineData("file/ls.cgi", "{\"folder_id\":99999999}")]
    [InlineData("file/ls.cgi", "{\"folder_id\":-2}")]
    [InlineData("folder/mkdir.cgi", "{\"folder_id\":99999999,\"name\":\"x\"}")]
    [InlineData("folder/rm.cgi", "{\"folder_id\":99999999}")]
    [InlineData("folder/mv.cgi", "{\"folder_id\":99999999,\"destination_folder_id\":0}")]
    public async Task A_folder_that_is_not_there(string call, string body) =>
        AssertKo(HttpStatusCode.NotFound, 9020, await Client.PostAsync(call, body));

    [Theory]
    [InlineData("file/info.cgi", "{\"url\":\"https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa\"}")]
    [InlineData("download/get_token.cgi", "{\"url\":\"https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa\"}")]
    [InlineData("file/rm.cgi", "{\"files\":[{\"url\":\"https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa\"}]}")]
    [InlineData("file/rm.cgi", "{\"files\":[{\"url\":\"file:///etc/passwd\"}]}")]
    [InlineData("file/mv.cgi", "{\"urls\":[\"javascript:alert(1)\"],\"destination_folder_id\":0}")]
    [InlineData("file/cp.cgi", "{\"urls\":[\"https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa\"]}")]
    [InlineData("file/rename.cgi", "{\"urls\":[{\"url\":\"https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa\",\"filename\":\"x\"}]}")]
    public async Task A_link_that_leads_nowhere(string call, string body) =>
        AssertKo(HttpStatusCode.NotFound, 469, await Client.PostAsync(call, body));

    [Theory]
    [InlineData("file/rm.cgi", "{}")]
    [InlineData("file/rm.cgi", "{\"files\":[]}")]
    [InlineData("file/mv.cgi", "{\"urls\":[],\"destination_folder_id\":0}")]
    [InlineData("file/mv.cgi", "{\"urls\":[\"https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa\"]}")]
    [InlineData("file/rename.cgi", "{}")]
    [InlineData("folder/rm.cgi", "{}")]
    [InlineData("folder/mv.cgi", "{}")]
    public async Task A_parameter_that_is_missing(string call, string body) =>
        AssertKo(HttpStatusCode.BadRequest, 9013, await Client.PostAsync(call, body));

    [Theory]
    [InlineData("file/rm.cgi", "{\"files\":[null]}")]
    [InlineData("file/rm.cgi", "{\"files\":[{\"url\":null}]}")]
    [InlineData("file/mv.cgi", "{\"urls\":[null],\"destination_folder_id\":0}")]
    [InlineData("file/cp.cgi", "{\"urls\":[null]}")]
    [InlineData("file/info.cgi", "{\"url\":null}")]
    [InlineData("file/info.cgi", "{}")]
    [InlineData("file/info.cgi", "{\"folder_id\":0,\"filename\":null}")]
    [InlineData("download/get_token.cgi", "{\"url\":null}")]
    [InlineData("file/rename.cgi", "{\"urls\":[null]}")]
    public async Task A_null_where_something_is_needed_is_refused_clearly(string call, string body)
    {
        var answer = await Client.PostAsync(call, body);

        Assert.InRange((int)answer.Status, 400, 404);
        Assert.Equal("KO", answer.Json.GetProperty("status").GetString());
        Assert.Matches(" #[0-9]+$", answer.Json.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task More_files_in_one_call_than_it_may_name() =>
        AssertKo(
            HttpStatusCode.RequestEntityTooLarge,
            9016,
            await Client.PostAsync("file/rm.cgi", new { files = Enumerable.Repeat(new { url = "https://1fichier.com/?aaaaaaaaaaaaaaaaaaaa" }, 6000) }));

    [Theory]
    [MemberData(nameof(Reserved))]
    public async Task A_new_folder_with_a_reserved_character(string character) =>
        AssertKo(HttpStatusCode.BadRequest, 9015, await Client.PostAsync("folder/mkdir.cgi", new { name = $"a{character}b" }));

    [Theory]
    [MemberData(nameof(BadNames))]
    public async Task A_new_folder_with_a_name_that_is_none(string name) =>
        AssertKo(HttpStatusCode.BadRequest, 9015, await Client.PostAsync("folder/mkdir.cgi", new { name }));

    [Fact]
    public async Task A_name_with_half_a_character() =>
        AssertKo(HttpStatusCode.BadRequest, 9015, await Client.PostAsync("folder/mkdir.cgi", "{\"name\":\"a\\ud83d\"}"), orNumber: 9010);

    [Theory]
    [MemberData(nameof(Reserved))]
    public async Task A_renaming_to_a_reserved_character(string character)
    {
        var link = await Client.UploadAsync("stays.txt", "x"u8.ToArray());

        AssertKo(HttpStatusCode.BadRequest, 9015, await Client.PostAsync("file/rename.cgi", new { urls = new[] { new { url = link, filename = $"a{character}b" } } }));
        AssertKo(HttpStatusCode.BadRequest, 9015, await Client.PostAsync("file/mv.cgi", new { urls = new[] { link }, destination_folder_id = 0, rename = $"a{character}b" }));

        Assert.Equal("stays.txt", (await Client.InfoAsync(link)).GetProperty("filename").GetString());
        await Client.PostAsync("file/rm.cgi", new { files = new[] { new { url = link } } });
    }

    [Fact]
    public async Task A_name_that_is_taken_a_folder_that_is_not_empty_and_one_that_would_hold_itself()
    {
        var outer = await Client.MakeFolderAsync("outer");
        var inner = await Client.MakeFolderAsync("inner", outer);
        var one = await Client.UploadAsync("one.txt", "1"u8.ToArray(), outer);
        var two = await Client.UploadAsync("two.txt", "2"u8.ToArray(), outer);

        AssertKo(HttpStatusCode.Conflict, 9021, await Client.PostAsync("file/rename.cgi", new { urls = new[] { new { url = one, filename = "two.txt" } } }));
        AssertKo(HttpStatusCode.Conflict, 312, await Client.PostAsync("file/rename.cgi", new { urls = new[] { new { url = one, filename = "one.txt" } } }));
        AssertKo(HttpStatusCode.Conflict, 9022, await Client.PostAsync("folder/rm.cgi", new { folder_id = outer }));
        AssertKo(HttpStatusCode.Conflict, 9023, await Client.PostAsync("folder/mv.cgi", new { folder_id = outer, destination_folder_id = inner }));
        AssertKo(HttpStatusCode.Forbidden, 631, await Client.PostAsync("folder/rm.cgi", new { folder_id = 0 }));

        Assert.Equal(["one.txt (1)", "two.txt (1)"], await Client.ListAsync(outer));
        await Client.PostAsync("file/rm.cgi", new { files = new[] { new { url = one }, new { url = two } } });
        await Client.PostAsync("folder/rm.cgi", new { folder_id = inner });
        await Client.PostAsync("folder/rm.cgi", new { folder_id = outer });
    }

    [Fact]
    public async Task Folders_that_nest_without_end()
    {
        var ids = new List<long> { 0 };
        Answer answer;
        do
        {
            answer = await Client.PostAsync("folder/mkdir.cgi", new { name = "deeper", folder_id = ids[^1] });
            if (answer.Status == HttpStatusCode.OK)
            {
                ids.Add(answer.Json.GetProperty("folder_id").GetInt64());
            }
        }
        while (answer.Status == HttpStatusCode.OK && ids.Count < 2000);

        AssertKo(HttpStatusCode.Conflict, 9024, answer);
        foreach (var id in ids.Skip(1).Reverse())
        {
            await Client.PostAsync("folder/rm.cgi", new { folder_id = id });
        }
    }

    [Theory]
    [InlineData("POST", "/v1/file/list.cgi", 404, 9017)]
    [InlineData("POST", "/v1/nothing", 404, 9017)]
    [InlineData("GET", "/v1/file/ls.cgi", 405, 9018)]
    [InlineData("DELETE", "/v1/file/rm.cgi", 405, 9018)]
    [InlineData("PUT", "/v1/folder/mkdir.cgi", 405, 9018)]
    public async Task A_call_that_does_not_exist(string method, string path, int status, int number) =>
        AssertKo(status, number, await AskAsync($"{method} {path}", Authorization + "Content-Type: application/json\r\nContent-Length: 2\r\n", "{}"));

    [Theory]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("\u0001\u0002\u0003\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("POST /v1/file/ls.cgi HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /v1/file/ls.cgi HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("POST /v1/file/ls.cgi HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}")]
    public async Task A_request_that_is_no_http_is_refused_and_hurts_nobody_else(string request)
    {
        using var connection = await RawConnection.OpenAsync(Server);
        await connection.SendAsync(request);

        var answer = await connection.ReadAsync();

        Assert.True(answer.Status is (>= 400 and < 500) or 505, answer.ToString());
    }

    [Fact]
    public async Task Headers_without_end()
    {
        using var connection = await RawConnection.OpenAsync(Server);
        var request = new StringBuilder("GET / HTTP/1.1\r\nHost: x\r\n");
        for (var i = 0; i < 2000; i++)
        {
            request.Append(CultureInfo.InvariantCulture, $"X-{i}: {new string('x', 100)}\r\n");
        }

        try
        {
            await connection.SendAsync(request.Append("\r\n").ToString());
        }
        catch (IOException)
        {
            // It stops reading where its limit is.
        }

        Assert.InRange((await connection.ReadAsync()).Status, 400, 499);
    }

    [Fact]
    public async Task An_address_without_end() =>
        Assert.InRange((await AskAsync("GET /?" + new string('a', 100_000), "")).Status, 400, 499);

    [Fact]
    public async Task An_address_that_would_forge_a_line_of_the_log()
    {
        var logged = Server.Log.Length;

        AssertKo(404, 9017, await AskAsync("GET /v1/a%0d%0a2026-01-01T00:00:00Z%20error%20forged%1b%5b31m", Authorization));

        await Until.HoldsAsync(() => Server.Log[logged..].Contains("forged", StringComparison.Ordinal), "the server has told of it");
        var line = Server.Log[logged..].Split('\n').Single(line => line.Contains("forged", StringComparison.Ordinal));
        Assert.Contains(" info GET /v1/a", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
    }

    private static void AssertKo(HttpStatusCode status, int number, Answer answer, int orNumber) =>
        AssertKo(status, answer.Body.Contains($"#{orNumber}", StringComparison.Ordinal) ? orNumber : number, answer);
}
