using System.Globalization;
using System.Net;
using System.Text;
using Coffre.Client;
using Coffre.Hashing;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>The upload on the wire, against a service that is slow, wrong or gone.</summary>
public sealed class UploadWireTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("hello");
    private static readonly string Digest = Convert.ToHexStringLower(Whirlpool.HashData(Content));

    private readonly FakeService _service = new FakeService()
        .On(V1Paths.UploadServer, """{"url":"files.example.org:8443","id":"Z2G3wqUd3I"}""")
        .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=Z2G3wqUd3I"));

    private static string Report(string size = "5", string? digest = null, string name = "a.txt") =>
        $$"""{"incoming":0,"links":[{"download":"https://files.example.org/?abcdefghij0123456789","filename":"{{name}}","remove":"","size":"{{size}}","whirlpool":"{{digest ?? Digest}}"}]}""";

    private Task<UploadReceipt> UploadAsync(string name = "a.txt", string address = "https://files.example.org/") =>
        _service.Client(address).UploadAsync(UploadSource.FromBytes(Content, name), new UploadOptions { FolderId = 42 });

    [Fact]
    public async Task The_form_is_what_strict_parsers_take()
    {
        _service.On(V1Paths.UploadEnd, Report(name: "é＂.txt"));

        await UploadAsync("é＂.txt");

        var asked = _service.Last(V1Paths.Upload);
        var boundary = asked.Header("Content-Type")!.Split("boundary=")[1];
        Assert.Equal("https://files.example.org:8443/upload.cgi?id=Z2G3wqUd3I", asked.Uri.AbsoluteUri);
        Assert.Matches("^[a-z0-9]+$", boundary);
        Assert.Equal(
            $"--{boundary}\r\nContent-Disposition: form-data; name=\"did\"\r\n\r\n42\r\n" +
            $"--{boundary}\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"é＂.txt\"\r\nContent-Type: application/octet-stream\r\n\r\nhello\r\n" +
            $"--{boundary}--\r\n",
            asked.Text);
        Assert.Equal(asked.Body.Length.ToString(CultureInfo.InvariantCulture), asked.Header("Content-Length"));
        Assert.Equal("Bearer " + FakeService.Key, asked.Authorization);
    }

    [Fact]
    public async Task The_report_is_asked_for_as_json_without_the_key_and_becomes_the_receipt()
    {
        _service.On(V1Paths.UploadEnd, Report());

        var receipt = await UploadAsync();

        var asked = _service.Last(V1Paths.UploadEnd);
        Assert.Equal(("1", null), (asked.Header("JSON"), asked.Authorization));
        Assert.Equal(("https://files.example.org/?abcdefghij0123456789", "a.txt", 5, Digest), (receipt.Link, receipt.Name, receipt.Size, receipt.Checksum));
        Assert.Null(receipt.RemovalLink);
    }

    [Theory]
    [InlineData("5", null, true)]
    [InlineData("", null, false)]
    [InlineData("5", "", false)]
    public async Task A_receipt_is_confirmed_where_the_service_names_size_and_checksum(string size, string? digest, bool isConfirmed)
    {
        _service.On(V1Paths.UploadEnd, Report(size, digest));

        Assert.Equal(isConfirmed, (await UploadAsync()).IsConfirmed);
    }

    [Fact]
    public async Task The_waiting_page_is_waited_for()
    {
        _service.On(V1Paths.UploadEnd, _ => FakeService.Html("<p>Veuillez patienter</p>"))
            .On(V1Paths.UploadEnd, _ => FakeService.Html("<p>Please wait</p>"))
            .On(V1Paths.UploadEnd, Report());

        await UploadAsync();

        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)], _service.Clock.Waits);
    }

    [Fact]
    public async Task A_waiting_page_that_stays_ends_with_a_way_on()
    {
        _service.On(V1Paths.UploadEnd, _ => FakeService.Html("<p>Please wait</p>"));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => UploadAsync());

        Assert.Contains("list the folder", trouble.Advice, StringComparison.Ordinal);
        Assert.Single(_service.All(V1Paths.Upload));
    }

    [Fact]
    public async Task A_stack_that_followed_the_redirect_is_understood()
    {
        _service.On(V1Paths.Upload, _ => FakeService.Json("{}"));
        var followed = new FakeService()
            .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"Z2G3wqUd3I"}""")
            .On(V1Paths.Upload, asked =>
            {
                var answer = FakeService.Html("<p>done</p>");
                answer.RequestMessage = new HttpRequestMessage(HttpMethod.Get, "https://files.example.org/end.pl?xid=Z2G3wqUd3I");
                return answer;
            })
            .On(V1Paths.UploadEnd, Report());

        var receipt = await followed.Client().UploadAsync(UploadSource.FromBytes(Content, "a.txt"));

        Assert.Equal("a.txt", receipt.Name);
    }

    [Theory]
    [InlineData("5", "b")]
    [InlineData("6", null)]
    public async Task What_arrived_damaged_is_removed_and_sent_again(string size, string? digit)
    {
        _service.On(V1Paths.UploadEnd, Report(size, digit is null ? null : new string(digit[0], 128)))
            .On(V1Paths.UploadEnd, Report())
            .On(V1Paths.FileRm, """{"status":"OK","removed":1}""");

        await UploadAsync();

        Assert.Equal("""{"files":[{"url":"https://files.example.org/?abcdefghij0123456789"}]}""", _service.Last(V1Paths.FileRm).Text);
        Assert.Equal(2, _service.All(V1Paths.Upload).Count);
        Assert.Equal(2, _service.All(V1Paths.UploadServer).Count);
    }

    [Fact]
    public async Task An_upload_whose_answer_was_lost_is_found_and_not_sent_twice()
    {
        var service = new FakeService()
            .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"Z2G3wqUd3I"}""")
            .On(V1Paths.Upload, _ => throw new HttpRequestException("connection reset"))
            .On(V1Paths.UploadEnd, Report());

        var receipt = await service.Client().UploadAsync(UploadSource.FromBytes(Content, "a.txt"));

        Assert.Equal(Digest, receipt.Checksum);
        Assert.Single(service.All(V1Paths.Upload));
    }

    [Fact]
    public async Task An_upload_that_was_cut_starts_again_with_a_new_id()
    {
        var service = new FakeService()
            .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"first"}""")
            .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"second"}""")
            .On(V1Paths.Upload, _ => FakeService.Html("maintenance", HttpStatusCode.ServiceUnavailable))
            .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=second"))
            .On(V1Paths.UploadEnd, Report());

        await service.Client().UploadAsync(UploadSource.FromBytes(Content, "a.txt"));

        Assert.Equal("?id=second", service.Last(V1Paths.Upload).Uri.Query);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_read_again_is_not_sent_again()
    {
        var service = new FakeService()
            .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"first"}""")
            .On(V1Paths.Upload, _ => FakeService.Html("maintenance", HttpStatusCode.ServiceUnavailable));

        await Assert.ThrowsAsync<CoffreException>(() => service.Client().UploadAsync(UploadSource.FromStream(new MemoryStream(Content), "a.txt", 5)));

        Assert.Single(service.All(V1Paths.Upload));
    }

    [Theory]
    [InlineData("Pas de fichier trouvé dans l'envoi", CoffreError.Refused)]
    [InlineData("Ne peut ouvrir le fichier destination", CoffreError.Unavailable)]
    public async Task A_refusal_as_a_page_is_understood(string text, CoffreError error)
    {
        var service = new FakeService()
            .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"first"}""")
            .On(V1Paths.Upload, _ => FakeService.Html($"<html><div class=\"bloc2\"></div><div class=\"bloc2\">{text}</div></html>"));

        var trouble = await Assert.ThrowsAsync<CoffreException>(
            () => service.Client(change: options => options with { Retries = 0 }).UploadAsync(UploadSource.FromBytes(Content, "a.txt")));

        Assert.Equal((error, text), (trouble.Error, trouble.Message));
    }

    [Fact]
    public async Task An_unknown_length_goes_chunked_to_our_server()
    {
        _service.On(V1Paths.UploadEnd, Report());

        await _service.Client().UploadAsync(UploadSource.FromStream(new MemoryStream(Content), "a.txt"));

        var asked = _service.Last(V1Paths.Upload);
        Assert.True(asked.Request.Headers.TransferEncodingChunked);
        Assert.Contains("\r\n\r\nhello\r\n", asked.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_length_goes_through_a_file_to_1fichier()
    {
        var service = new FakeService()
            .On(V1Paths.UploadServer, """{"url":"up2.1fichier.com","id":"first"}""")
            .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=first"))
            .On(V1Paths.UploadEnd, Report());

        await service.Client("https://api.1fichier.com").UploadAsync(UploadSource.FromStream(new MemoryStream(Content), "a.txt"));

        var asked = service.Last(V1Paths.Upload);
        Assert.Null(asked.Request.Headers.TransferEncodingChunked);
        Assert.Equal(asked.Body.Length.ToString(CultureInfo.InvariantCulture), asked.Header("Content-Length"));
        Assert.Equal(("up2.1fichier.com", "Bearer " + FakeService.Key), (asked.Uri.Host, asked.Authorization));
    }

    [Fact]
    public async Task An_empty_file_is_not_even_offered_to_1fichier()
    {
        var trouble = await Assert.ThrowsAsync<CoffreException>(
            () => _service.Client("https://api.1fichier.com").UploadAsync(UploadSource.FromBytes(Array.Empty<byte>(), "a.txt")));

        Assert.Equal(CoffreError.EmptyFile, trouble.Error);
        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_read_is_not_kept()
    {
        var trouble = await Assert.ThrowsAsync<CoffreException>(
            () => _service.Client().UploadAsync(UploadSource.FromStream(new MemoryStream(Content), "a.txt", 9)));

        Assert.Equal(CoffreError.LocalChanged, trouble.Error);
    }

    [Fact]
    public async Task Many_files_go_in_one_request_and_get_their_receipts_in_order()
    {
        var other = Convert.ToHexStringLower(Whirlpool.HashData("world"u8));
        _service.On(V1Paths.UploadEnd, $$"""
            {"incoming":0,"links":[
             {"download":"https://x.example/?two","filename":"b","size":5,"whirlpool":"{{other}}"},
             {"download":"https://x.example/?one","filename":"a","size":"5","whirlpool":"{{Digest}}"}]}
            """);

        var receipts = await _service.Client().UploadManyAsync([UploadSource.FromBytes(Content, "a"), UploadSource.FromBytes("world"u8.ToArray(), "b")]);

        Assert.Equal(["https://x.example/?one", "https://x.example/?two"], receipts.Select(receipt => receipt.Link));
        Assert.Single(_service.All(V1Paths.Upload));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\"b")]
    [InlineData(" a")]
    [InlineData("..")]
    public void A_name_that_the_service_would_not_take_is_refused_here(string name) =>
        Assert.Equal(CoffreError.BadName, Assert.Throws<CoffreException>(() => UploadSource.FromBytes(Content, name)).Error);

    [Fact]
    public void A_name_that_is_too_long_says_how_long_it_may_be()
    {
        var trouble = Assert.Throws<CoffreException>(() => UploadSource.FromBytes(Content, new string('x', 251)));

        Assert.Contains("at most 250", trouble.Message, StringComparison.Ordinal);
        Assert.Contains("shorten", trouble.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_tells_the_bytes_that_went_out()
    {
        _service.On(V1Paths.UploadEnd, Report());
        List<long> seen = [];

        await _service.Client().UploadAsync(UploadSource.FromBytes(Content, "a.txt"), new UploadOptions { Progress = new Told(seen) });

        Assert.Equal(5, seen[^1]);
    }

    private sealed class Told(List<long> seen) : IProgress<long>
    {
        public void Report(long value) => seen.Add(value);
    }
}
