using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Coffre.Server.Downloads;
using CsCheck;

namespace Coffre.Tests.Serving;

public sealed class DownloadTests : IAsyncLifetime
{
    private readonly byte[] _bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
    private TestServer _server = null!;
    private string _link = "";
    private Uri _token = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _link = (await _server.UploadAsync("caf\u00e9 \"1\".txt".Replace("\"", "", StringComparison.Ordinal), _bytes)).GetProperty("download").GetString()!;
        _token = await TokenAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=100-199", 100, 100)]
    [InlineData("bytes=990-", 990, 10)]
    [InlineData("bytes=990-5000", 990, 10)]
    [InlineData("bytes=-10", 990, 10)]
    [InlineData("bytes=-5000", 0, 1000)]
    [InlineData("bytes=0-99999999999999999999999", 0, 1000)]
    public async Task A_range_is_answered_with_just_those_bytes(string range, int start, int length)
    {
        var answer = await GetAsync(("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, answer.Status);
        Assert.Equal(_bytes.AsSpan(start, length).ToArray(), answer.Bytes);
        Assert.Equal($"bytes {start}-{start + length - 1}/1000", answer.ContentHeaders.ContentRange!.ToString());
    }

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=5000-6000")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999999999999999-")]
    public async Task A_range_past_the_end_is_not_satisfiable(string range)
    {
        var answer = await GetAsync(("Range", range));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.Status);
        Assert.Equal("bytes */1000", answer.ContentHeaders.ContentRange!.ToString());
        Assert.Empty(answer.Bytes);
    }

    [Theory]
    [InlineData("bytes=5-3")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=--5")]
    [InlineData("items=0-5")]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("bytes=+1-2")]
    public async Task A_range_that_means_nothing_is_passed_over(string range)
    {
        var answer = await GetAsync(("Range", range));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(_bytes, answer.Bytes);
    }

    [Fact]
    public void No_range_header_whatever_makes_the_parser_throw_or_reach_outside() =>
        Gen.Select(Gen.OneOf(Gen.String, Gen.String[Gen.Char["bytes=0123456789-, "], 0, 30].Select(text => "bytes=" + text)), Gen.Long[0, 2000])
            .Sample((text, length) =>
            {
                if (RangeHeader.Parse(text, length) is RangeWish.Part part)
                {
                    Assert.InRange(part.Range.Start, 0, length - 1);
                    Assert.InRange(part.Range.End, 1, length);
                }
            });

    [Fact]
    public async Task If_range_gives_the_part_only_while_the_file_is_the_same()
    {
        var whole = await GetAsync();
        var tag = whole.Headers.ETag!.ToString();
        var date = whole.ContentHeaders.LastModified!.Value.ToString("R");
        Assert.Equal(HttpStatusCode.PartialContent, (await GetAsync(("Range", "bytes=0-9"), ("If-Range", tag))).Status);
        Assert.Equal(HttpStatusCode.PartialContent, (await GetAsync(("Range", "bytes=0-9"), ("If-Range", date))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(("Range", "bytes=0-9"), ("If-Range", "\"other\""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(("Range", "bytes=0-9"), ("If-Range", "W/" + tag))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(("Range", "bytes=0-9"), ("If-Range", "Mon, 01 Jan 2024 00:00:00 GMT"))).Status);
    }

    [Fact]
    public async Task Conditions_are_judged_by_tag_and_by_date()
    {
        var whole = await GetAsync();
        var tag = whole.Headers.ETag!.ToString();
        var date = whole.ContentHeaders.LastModified!.Value.ToString("R");
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(("If-None-Match", tag))).Status);
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(("If-None-Match", "*"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(("If-None-Match", "\"other\""))).Status);
        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(("If-Modified-Since", date))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(("If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT"))).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await GetAsync(("If-Match", "\"other\""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(("If-Match", tag))).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await GetAsync(("If-Unmodified-Since", "Mon, 01 Jan 2024 00:00:00 GMT"))).Status);
    }

    [Fact]
    public async Task Head_tells_everything_but_the_bytes()
    {
        using var answer = await _server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, _token));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1000, answer.Content.Headers.ContentLength);
        Assert.Equal("bytes", answer.Headers.AcceptRanges.ToString());
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.ToString());
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_name_is_sent_so_that_every_client_reads_it()
    {
        var disposition = (await GetAsync()).ContentHeaders.GetValues("Content-Disposition").Single();
        Assert.Equal("attachment; filename=\"caf_ 1.txt\"; filename*=UTF-8''caf%C3%A9%201.txt", disposition);
    }

    [Fact]
    public void No_name_whatever_breaks_the_header() =>
        Gen.String.Sample(name =>
        {
            var header = Disposition.Of(name, inline: false);
            Assert.DoesNotContain(header, char.IsControl);
            Assert.All(header, c => Assert.InRange(c, ' ', '~'));
            Assert.True(ContentDispositionHeaderValue.TryParse(header, out _));
        });

    [Theory]
    [InlineData("page.html", "attachment")]
    [InlineData("image.svg", "attachment")]
    [InlineData("image.png", "inline")]
    [InlineData("film.mp4", "inline")]
    public async Task Inline_shows_only_what_no_browser_runs(string name, string expected)
    {
        _link = (await _server.UploadAsync(name, _bytes)).GetProperty("download").GetString()!;
        var token = await TokenAsync(inline: 1);
        Assert.EndsWith("?inline", token.OriginalString, StringComparison.Ordinal);
        var answer = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, token), "");
        Assert.StartsWith(expected, answer.ContentHeaders.GetValues("Content-Disposition").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_ends_with_its_time()
    {
        _server.Clock.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync()).Status);
        _server.Clock.Advance(TimeSpan.FromMinutes(2));
        (await GetAsync()).IsKo(HttpStatusCode.Gone, 9043);
    }

    [Fact]
    public async Task A_token_that_was_changed_in_any_digit_is_refused()
    {
        var path = _token.AbsolutePath;
        for (var i = 2; i < path.Length; i++)
        {
            var changed = path[..i] + (char)('0' + ((path[i] - '0' + 1) % 10)) + path[(i + 1)..];
            (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, changed), "")).IsKo(HttpStatusCode.Gone, 9043);
        }

        foreach (var odd in new[] { "/p1", "/p0", "/pabc", "/p" + new string('9', 500), "/p-1" })
        {
            (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, odd), "")).IsKo(HttpStatusCode.Gone, 9043);
        }
    }

    [Fact]
    public async Task A_token_of_a_removed_file_leads_nowhere_and_its_bytes_go()
    {
        (await _server.CallAsync("file/rm.cgi", $$"""{"files":[{"url":"{{_link}}"}]}""")).IsOk();
        (await GetAsync()).IsKo(HttpStatusCode.NotFound, 469);
        await _server.SweepAsync();
        Assert.Empty(_server.StoredFiles());
    }

    [Fact]
    public async Task A_client_that_hangs_up_in_the_middle_is_no_trouble_of_the_servers()
    {
        _link = (await _server.UploadAsync("large", new byte[30_000_000])).GetProperty("download").GetString()!;
        var token = await TokenAsync();
        using (var answer = await _server.Http.GetAsync(token, HttpCompletionOption.ResponseHeadersRead))
        {
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1000]);
        }

        await _server.Log.WaitForAsync(line => line.Contains("GET /p", StringComparison.Ordinal));
        Assert.Empty(_server.Log.Troubles);
        Assert.DoesNotContain(_server.Log.All, line => line.Contains("Sent file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_goes_out_is_told_from_what_a_reader_left_behind()
    {
        var pipe = new Pipe();
        var copy = new BodyCopy();
        Assert.True(await copy.RunAsync(new MemoryStream(_bytes), _bytes.Length, pipe.Writer, files: null, CancellationToken.None));
        await pipe.Reader.CompleteAsync();
        Assert.False(await copy.RunAsync(new MemoryStream(_bytes), _bytes.Length, pipe.Writer, files: null, CancellationToken.None));
    }

    [Fact]
    public async Task The_more_transfers_run_the_less_each_reads_at_once_and_none_runs_ahead_of_its_reader()
    {
        var copy = new BodyCopy();
        var source = new MemoryStream(new byte[3 * BodyCopy.LargestChunk]);
        var running = new List<(Pipe Pipe, Task<bool> Copy)>();
        var chunks = new List<int>();
        for (var i = 0; i < 200; i++)
        {
            chunks.Add(copy.Chunk);
            source.Position = 0;
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
            running.Add((pipe, copy.RunAsync(source, source.Length, pipe.Writer, files: null, CancellationToken.None).AsTask()));

            // One piece, and then it waits for the reader, however much is left.
            Assert.True(pipe.Reader.TryRead(out var first));
            Assert.InRange(first.Buffer.Length, 1, chunks[i]);
            pipe.Reader.AdvanceTo(first.Buffer.Start);
        }

        Assert.Equal([BodyCopy.LargestChunk, 256 * 1024, 64 * 1024], chunks.Distinct());
        foreach (var (pipe, run) in running)
        {
            await pipe.Reader.CompleteAsync();
            Assert.False(await run);
        }

        Assert.Equal(BodyCopy.LargestChunk, copy.Chunk);
    }

    [Fact]
    public async Task The_page_of_a_link_encodes_names_and_its_button_leads_to_the_bytes()
    {
        var page = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, _link), "");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("caf&#xE9; 1.txt", page.Text, StringComparison.Ordinal);
        var button = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Post, _link), "");
        Assert.Equal(HttpStatusCode.Found, button.Status);
        Assert.Equal(_bytes, await _server.Http.GetByteArrayAsync(button.Headers.Location));
    }

    [Fact]
    public async Task With_a_key_the_link_itself_leads_to_the_bytes()
    {
        var answer = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, _link));
        Assert.Equal(HttpStatusCode.Found, answer.Status);
        Assert.Equal(_bytes, await _server.Http.GetByteArrayAsync(answer.Headers.Location));
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_says_so()
    {
        var answer = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/?aaaaaaaaaaaaaaaaaaaa"), "");
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Contains("File not found", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_given_at_upload_guards_every_way_to_the_bytes_but_the_owners()
    {
        var other = await _server.AddAccountAsync("other@example.org", 1_000_000);
        var id = await _server.OpenUploadAsync();
        var form = TestServer.Form(0, ("secret.txt", _bytes));
        form.Add(new StringContent("open sesame"), "dpass");
        Assert.Equal(HttpStatusCode.Found, (await _server.PostUploadAsync(id, form)).Status);
        var link = (await _server.ReportAsync(id)).Json.GetProperty("links")[0].GetProperty("download").GetString()!;

        foreach (var call in new[] { "file/info.cgi", "download/get_token.cgi" })
        {
            (await _server.CallAsync(call, JsonSerializer.Serialize(new { url = link }), other)).IsKo(HttpStatusCode.Forbidden, 631);
            (await _server.CallAsync(call, JsonSerializer.Serialize(new { url = link, pass = "wrong" }), other)).IsKo(HttpStatusCode.Forbidden, 631);
            Assert.Equal(HttpStatusCode.OK, (await _server.CallAsync(call, JsonSerializer.Serialize(new { url = link, pass = "open sesame" }), other)).Status);
        }

        (await _server.CallAsync("file/cp.cgi", JsonSerializer.Serialize(new { urls = new[] { link } }), other)).IsKo(HttpStatusCode.Forbidden, 631);
        (await _server.CallAsync("file/cp.cgi", JsonSerializer.Serialize(new { urls = new[] { link }, pass = "open sesame" }), other)).IsOk();
        Assert.Contains("type=\"password\"", (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, link), "")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await PagePasswordAsync(link, "wrong")).Status);
        Assert.Equal(HttpStatusCode.Found, (await PagePasswordAsync(link, "open sesame")).Status);
        Assert.Equal(_bytes, await _server.DownloadAsync(link));
        Assert.DoesNotContain(_server.Log.All, line => line.Contains("sesame", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Guests_may_be_kept_out()
    {
        await using var closed = await TestServer.StartAsync(("Downloads:Guests", "false"));
        var link = (await closed.UploadAsync("f", _bytes)).GetProperty("download").GetString()!;
        Assert.Equal(HttpStatusCode.Forbidden, (await closed.SendAsync(new HttpRequestMessage(HttpMethod.Get, link), "")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await closed.SendAsync(new HttpRequestMessage(HttpMethod.Post, link), "")).Status);
        Assert.Equal(HttpStatusCode.Found, (await closed.SendAsync(new HttpRequestMessage(HttpMethod.Get, link))).Status);
    }

    private async Task<Uri> TokenAsync(int inline = 0)
    {
        var answer = await _server.CallAsync("download/get_token.cgi", JsonSerializer.Serialize(new { url = _link, inline, single = 1 }));
        answer.IsOk();
        return new Uri(answer.Json.GetProperty("url").GetString()!);
    }

    private Task<Answer> GetAsync(params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _token);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _server.SendAsync(request, "");
    }

    private Task<Answer> PagePasswordAsync(string link, string password) =>
        _server.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, link) { Content = new FormUrlEncodedContent([KeyValuePair.Create("pass", password)]) }, "");
}
