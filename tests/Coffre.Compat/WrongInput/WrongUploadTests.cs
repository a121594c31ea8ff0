using System.Globalization;
using System.Net;
using System.Text;
using Coffre.Compat.Fixture;

namespace Coffre.Compat.WrongInput;

/// <summary>Uploads that are not what the protocol says: each is refused whole, and leaves nothing.</summary>
public sealed class WrongUploadTests(ServerFixture fixture) : RefusalTests(fixture), IClassFixture<ServerFixture>
{
    [Fact]
    public async Task An_upload_without_an_id() =>
        AssertKo(HttpStatusCode.NotFound, 9030, await UploadAsync(Small(), to: new Uri(Server.Address, "/upload.cgi")));

    [Theory]
    [InlineData("AAAAAAAAAA")]
    [InlineData("")]
    [InlineData("../../etc")]
    [InlineData("' OR 1=1 --")]
    public async Task An_upload_with_an_id_that_was_never_given(string id) =>
        AssertKo(HttpStatusCode.NotFound, 9030, await UploadAsync(Small(), to: new Uri(Server.Address, "/upload.cgi?id=" + Uri.EscapeDataString(id))));

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/mixed; boundary=" + Multipart.Boundary)]
    [InlineData("multipart/form-data")]
    [InlineData("multipart/form-data; boundary=")]
    [InlineData("multipart/form-data; boundary=\"\"")]
    public async Task A_content_type_without_a_boundary_for_forms(string type)
    {
        var to = await Client.UploadAddressAsync();

        AssertKo(400, 9032, await PostAsync(to, $"Content-Type: {type}\r\n", Small()));
    }

    [Fact]
    public async Task A_boundary_that_is_too_long()
    {
        var boundary = new string('b', 10_000);

        AssertKo(400, 9032, await PostAsync(await Client.UploadAddressAsync(), $"Content-Type: multipart/form-data; boundary={boundary}\r\n", Small()));
    }

    [Fact]
    public async Task A_boundary_that_the_body_does_not_use() =>
        AssertKo(HttpStatusCode.BadRequest, 9032, await UploadAsync(Small(), "multipart/form-data; boundary=another"));

    [Fact]
    public async Task A_body_that_is_empty() =>
        Refused(await UploadAsync([]), HttpStatusCode.BadRequest, 9032, 9033, 9034);

    [Fact]
    public async Task A_form_without_a_file() =>
        AssertKo(HttpStatusCode.BadRequest, 9034, await UploadAsync(new Multipart().Field("did", "0").End()));

    [Fact]
    public async Task A_form_whose_file_field_was_left_empty() =>
        AssertKo(HttpStatusCode.BadRequest, 9034, await UploadAsync(Multipart.OneFile("", []).End()));

    [Fact]
    public async Task A_form_that_ends_before_its_last_boundary() =>
        AssertKo(HttpStatusCode.BadRequest, 9033, await UploadAsync(Multipart.OneFile("cut.bin", Bytes.Random(500_000)).Unfinished()));

    [Fact]
    public async Task A_form_that_ends_in_the_middle_of_its_second_file()
    {
        var whole = new Multipart().File("first.bin", Bytes.Random(300_000)).File("second.bin", Bytes.Random(300_000)).End();

        AssertKo(HttpStatusCode.BadRequest, 9033, await UploadAsync(whole[..400_000]));
    }

    [Fact]
    public async Task A_form_that_ends_in_the_headers_of_a_part() =>
        AssertKo(HttpStatusCode.BadRequest, 9033, await UploadAsync(Small()[..60]));

    [Fact]
    public async Task A_client_that_crashes_in_the_middle()
    {
        var to = await Client.UploadAddressAsync();
        using var connection = await BeginAsync(to, Form() + "Content-Length: 5000000\r\n");
        await connection.SendAsync(Multipart.OneFile("crashed.bin", Bytes.Random(3_000_000)).Unfinished());

        var logged = Server.Log.Length;
        connection.Cut();
        await Until.HoldsAsync(() => Server.Log[logged..].Contains("POST /upload.cgi", StringComparison.Ordinal), "the server has noticed");

        // The ticket is not used up by it: the same address takes the next try.
        var again = await Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = Multipart.OneFile("again.txt", "x"u8).Content() });
        Assert.Equal(HttpStatusCode.Found, again.Status);
        Assert.Equal(["again.txt (1)"], await Client.ListAsync());
        await RemoveAllAsync();
    }

    [Fact]
    public async Task A_client_that_stops_short_of_its_length_and_waits_for_the_answer()
    {
        using var connection = await BeginAsync(await Client.UploadAddressAsync(), Form() + "Content-Length: 5000000\r\n");
        await connection.SendAsync(Multipart.OneFile("short.bin", Bytes.Random(100_000)).Unfinished());
        var logged = Server.Log.Length;
        connection.EndOfSending();

        var answer = await connection.ReadAsync();
        await Until.HoldsAsync(() => Server.Log[logged..].Contains("POST /upload.cgi", StringComparison.Ordinal), "the server has noticed");

        // The rest will never come: an answer may or may not reach such a client, but it must never be a success.
        Assert.True(answer.Status is 0 or 400, answer.ToString());
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("abc")]
    [InlineData("99999999999999999999999999")]
    [InlineData("1e6")]
    [InlineData("5, 6")]
    public async Task A_length_that_is_no_number(string length)
    {
        using var connection = await BeginAsync(await Client.UploadAddressAsync(), Form() + $"Content-Length: {length}\r\n");

        Assert.Equal(400, (await connection.ReadAsync()).Status);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(600_000_000_000)]
    public async Task A_length_beyond_all_bounds(long length)
    {
        using var connection = await BeginAsync(await Client.UploadAddressAsync(), Form() + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n"));
        await connection.SendAsync(Small());

        AssertKo(413, 9012, await connection.ReadAsync());
    }

    [Fact]
    public async Task A_length_that_is_missing()
    {
        using var connection = await BeginAsync(await Client.UploadAddressAsync(), Form());

        var answer = await connection.ReadAsync();

        Assert.True(answer.Status is 400 or 411, answer.ToString());
    }

    [Fact]
    public async Task A_chunk_that_lies_about_its_length()
    {
        using var connection = await BeginAsync(await Client.UploadAddressAsync(), Form() + "Transfer-Encoding: chunked\r\n");
        await connection.SendAsync("zz\r\nnot hexadecimal\r\n0\r\n\r\n");

        Assert.Equal(400, (await connection.ReadAsync()).Status);
    }

    [Theory]
    [InlineData("Content-Type: text/plain\r\n")]
    [InlineData("Content-Disposition: form-data\r\n")]
    [InlineData("Content-Disposition: form-data; nonsense\r\n")]
    [InlineData("")]
    public async Task A_part_that_has_no_name(string headers) =>
        Refused(await UploadAsync(new Multipart().Part(headers, "x"u8).End()), HttpStatusCode.BadRequest, 9032, 9034);

    [Fact]
    public async Task A_part_whose_headers_are_too_large() =>
        AssertKo(HttpStatusCode.BadRequest, 9036, await UploadAsync(Multipart.OneFile(new string('n', 100_000), "x"u8).End()));

    [Fact]
    public async Task A_part_with_too_many_headers()
    {
        var headers = new StringBuilder("Content-Disposition: form-data; name=\"file[]\"; filename=\"a.txt\"\r\n");
        for (var i = 0; i < 100; i++)
        {
            headers.Append(CultureInfo.InvariantCulture, $"X-{i}: y\r\n");
        }

        AssertKo(HttpStatusCode.BadRequest, 9036, await UploadAsync(new Multipart().Part(headers.ToString(), "x"u8).End()));
    }

    [Fact]
    public async Task More_files_than_one_upload_may_bring()
    {
        var form = new Multipart();
        for (var i = 0; i < 600; i++)
        {
            form.File($"{i}.txt", "x"u8);
        }

        AssertKo(HttpStatusCode.RequestEntityTooLarge, 9035, await UploadAsync(form.End()));
    }

    [Fact]
    public async Task More_parts_than_anybody_needs()
    {
        var form = new Multipart();
        for (var i = 0; i < 20_000; i++)
        {
            form.Field("f", "");
        }

        AssertKo(HttpStatusCode.RequestEntityTooLarge, 9035, await UploadAsync(form.File("a.txt", "x"u8).End()));
    }

    [Fact]
    public async Task A_text_field_without_end() =>
        Refused(
            await UploadAsync(new Multipart().Field("message", new string('x', 5_000_000)).File("a.txt", "x"u8).End()),
            HttpStatusCode.BadRequest,
            9036);

    [Fact]
    public async Task A_second_upload_on_a_finished_id()
    {
        var to = await Client.UploadAddressAsync();
        Assert.Equal(HttpStatusCode.Found, (await UploadAsync(Multipart.OneFile("once.txt", "1"u8).End(), to: to)).Status);

        AssertKo(HttpStatusCode.Conflict, 9031, await UploadAsync(Multipart.OneFile("twice.txt", "2"u8).End(), to: to));

        Assert.Equal(["once.txt (1)"], await Client.ListAsync());
        await RemoveAllAsync();
    }

    [Fact]
    public async Task Two_uploads_at_once_on_one_id_keep_one()
    {
        var to = await Client.UploadAddressAsync();
        var body = Multipart.OneFile("race.bin", Bytes.Random(2_000_000)).End();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => UploadAsync(body, to: to)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Found);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Found), answer => AssertKo(HttpStatusCode.Conflict, 9031, answer));
        Assert.Equal(["race.bin (2000000)"], await Client.ListAsync());
        await RemoveAllAsync();
    }

    [Fact]
    public async Task The_report_of_an_upload_that_never_was()
    {
        AssertKo(404, 9030, await AskAsync("GET /end.pl?xid=AAAAAAAAAA", "JSON: 1\r\n"));
        AssertKo(404, 9030, await AskAsync("GET /end.pl", "JSON: 1\r\n"));
    }

    [Fact]
    public async Task The_report_of_an_upload_that_has_not_come_yet()
    {
        var to = await Client.UploadAddressAsync();

        AssertKo(404, 9030, await AskAsync("GET /end.pl?xid=" + to.Query[4..], "JSON: 1\r\n"));
    }

    [Fact]
    public async Task A_refusal_is_told_only_after_the_whole_body_was_read()
    {
        // rclone hangs for ever when the answer comes while it still sends: 30 MB must be drained first.
        var body = Multipart.OneFile("drained.bin", Bytes.Random(30_000_000)).End();
        using var connection = await BeginAsync(
            new Uri(Server.Address, "/upload.cgi?id=AAAAAAAAAA"), Form() + $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n");

        await connection.SendAsync(body.AsMemory(0, body.Length - 1));
        Assert.False(connection.HasAnswer(within: TimeSpan.FromSeconds(2)), "It answered before it had read the body.");
        await connection.SendAsync(body.AsMemory(body.Length - 1));

        AssertKo(404, 9030, await connection.ReadAsync());
    }

    [Fact]
    public async Task An_upload_past_the_quota_is_refused_after_it_was_read_and_leaves_nothing()
    {
        using var small = V1Client.For(Server, await Server.AddAccountAsync("tiny@example.org", "1MB"));

        // The length is announced: known from the beginning. In chunks it is not, and shows only midway.
        var announced = Multipart.OneFile("big.bin", Bytes.Random(5_000_000)).Content();
        var chunked = new StreamContent(new MemoryStream(Multipart.OneFile("big.bin", Bytes.Random(5_000_000)).End()));
        chunked.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=" + Multipart.Boundary);
        var inChunks = new HttpRequestMessage(HttpMethod.Post, await small.UploadAddressAsync()) { Content = chunked };
        inChunks.Headers.TransferEncodingChunked = true;

        AssertKo(HttpStatusCode.InsufficientStorage, 9041, await small.SendAsync(new HttpRequestMessage(HttpMethod.Post, await small.UploadAddressAsync()) { Content = announced }));
        AssertKo(HttpStatusCode.InsufficientStorage, 9041, await small.SendAsync(inChunks));

        Assert.Empty(await small.ListAsync());
        Assert.Equal(0, await small.UsageAsync());
        await small.UploadAsync("fits.bin", Bytes.Random(900_000));
        AssertKo(
            HttpStatusCode.InsufficientStorage,
            9041,
            await small.SendAsync(new HttpRequestMessage(HttpMethod.Post, await small.UploadAddressAsync()) { Content = Multipart.OneFile("more.bin", Bytes.Random(200_000)).Content() }));
        Assert.Equal(["fits.bin (900000)"], await small.ListAsync());
    }

    private static byte[] Small() => Multipart.OneFile("small.txt", "small"u8).End();

    private static void Refused(Answer answer, HttpStatusCode status, params int[] numbers)
    {
        var number = numbers.FirstOrDefault(number => answer.Body.Contains($"#{number}", StringComparison.Ordinal), numbers[0]);
        AssertKo(status, number, answer);
    }

    private string Form() => $"{Authorization}Content-Type: multipart/form-data; boundary={Multipart.Boundary}\r\n";

    private async Task<RawConnection> BeginAsync(Uri to, string headers)
    {
        var connection = await RawConnection.OpenAsync(Server);
        await connection.SendAsync($"POST {to.PathAndQuery} HTTP/1.1\r\nHost: {to.Authority}\r\n{headers}\r\n");
        return connection;
    }

    private async Task<RawAnswer> PostAsync(Uri to, string headers, byte[] body)
    {
        using var connection = await BeginAsync(to, $"{Authorization}{headers}Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n");
        await connection.SendAsync(body);
        return await connection.ReadAsync();
    }

    private async Task RemoveAllAsync()
    {
        var items = (await Client.PostAsync("file/ls.cgi", new { folder_id = 0 })).Json.GetProperty("items");
        await Client.PostAsync("file/rm.cgi", new { files = items.EnumerateArray().Select(item => new { url = item.GetProperty("url").GetString() }) });
    }
}
