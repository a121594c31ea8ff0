using System.Net;
using System.Net.Sockets;
using System.Text;
using Coffre.Hashing;
using Coffre.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Coffre.Tests.Serving;

public sealed class UploadTests
{
    private static readonly byte[] Bytes = Encoding.UTF8.GetBytes("hello, world");

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task The_upload_server_answers_host_and_id_without_a_status(string method)
    {
        await using var server = await TestServer.StartAsync();
        var request = new HttpRequestMessage(new HttpMethod(method), "/v1/upload/get_upload_server.cgi") { Content = new StringContent("") };
        request.Content.Headers.ContentType = new("application/json");
        var answer = await server.SendAsync(request, "");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(server.Address.Authority, answer.Json.GetProperty("url").GetString());
        Assert.Matches("^[A-Za-z0-9]{10}$", answer.Json.GetProperty("id").GetString());
        Assert.False(answer.Json.TryGetProperty("status", out _));
    }

    [Fact]
    public async Task The_upload_server_wants_the_content_type_even_without_a_body()
    {
        await using var server = await TestServer.StartAsync();
        (await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/v1/upload/get_upload_server.cgi"))).IsKo(HttpStatusCode.BadRequest, 24);
    }

    [Fact]
    public async Task So_many_ids_may_wait_for_their_upload_and_no_more()
    {
        await using var server = await TestServer.StartAsync(("Uploads:OpenTickets", "2"));
        await server.OpenUploadAsync();
        var id = await server.OpenUploadAsync();
        (await server.CallAsync("upload/get_upload_server.cgi", "{}")).IsKo(HttpStatusCode.TooManyRequests, 9050);
        await server.PostUploadAsync(id, TestServer.Form(0, ("f", Bytes)));
        await server.OpenUploadAsync();
    }

    [Fact]
    public async Task A_store_that_breaks_in_a_way_that_nobody_thought_of_is_told_with_the_number_of_the_request()
    {
        await using var server = await TestServer.StartAsync(null, services => services.AddSingleton<IBlobStore>(new BrokenStore()));
        var answer = await server.PostUploadAsync(await server.OpenUploadAsync(), TestServer.Form(0, ("f", Bytes)));
        answer.IsKo(HttpStatusCode.InternalServerError, 9099);
        Assert.Contains(answer.Headers.GetValues("X-Request-Id").Single(), answer.Message, StringComparison.Ordinal);
        Assert.Contains("out of order", server.Log.Troubles.Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("out of order", answer.Text, StringComparison.Ordinal);
    }

    private sealed class BrokenStore : IBlobStore
    {
        public ValueTask<IBlobWriter> BeginAsync(long? expectedLength, CancellationToken cancellationToken) => throw new InvalidOperationException("out of order");

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => ValueTask.FromResult<BlobInfo?>(null);

        public ValueTask<Stream?> OpenAsync(BlobId id, ByteRange range, CancellationToken cancellationToken) => ValueTask.FromResult<Stream?>(null);

        public ValueTask<bool> PurgeAsync(BlobId id, CancellationToken cancellationToken) => ValueTask.FromResult(false);

        public IAsyncEnumerable<BlobInfo> ListAsync(BlobId? after, CancellationToken cancellationToken) => AsyncEnumerable.Empty<BlobInfo>();

        public ValueTask<int> PurgeStagingAsync(DateTimeOffset olderThan, CancellationToken cancellationToken) => ValueTask.FromResult(0);
    }

    [Fact]
    public async Task An_upload_answers_with_a_redirect_to_its_report_and_the_report_with_the_links()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.OpenUploadAsync();
        var posted = await server.PostUploadAsync(id, TestServer.Form(0, ("a.txt", Bytes), ("empty", [])));
        Assert.Equal(HttpStatusCode.Found, posted.Status);
        Assert.Equal($"/end.pl?xid={id}", posted.Headers.Location!.OriginalString);

        var report = (await server.ReportAsync(id)).Json;
        Assert.Equal(0, report.GetProperty("incoming").GetInt32());
        var link = report.GetProperty("links")[0];
        Assert.Equal("a.txt", link.GetProperty("filename").GetString());
        Assert.Equal("12", link.GetProperty("size").GetString());
        Assert.Equal("", link.GetProperty("remove").GetString());
        Assert.Equal(Convert.ToHexStringLower(Whirlpool.HashData(Bytes)), link.GetProperty("whirlpool").GetString());
        Assert.Equal("empty", report.GetProperty("links")[1].GetProperty("filename").GetString());
        Assert.Equal(Bytes, await server.DownloadAsync(link.GetProperty("download").GetString()!));
    }

    [Fact]
    public async Task The_folder_may_be_named_before_or_after_the_files()
    {
        await using var server = await TestServer.StartAsync();
        var folder = await server.MakeFolderAsync("target");
        await server.UploadAsync("before", Bytes, folder);
        await PostRawAsync(server, Part("file[]", "after", "x") + Part("did", null, $"{folder}") + Part("domain", null, "0") + End);
        Assert.Equal(["after", "before"], await server.ListNamesAsync(folder));
    }

    [Theory]
    [InlineData("999")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public async Task An_unknown_folder_means_the_root(string did)
    {
        await using var server = await TestServer.StartAsync();
        await PostRawAsync(server, Part("did", null, did) + Part("file[]", "f", "x") + End);
        Assert.Equal(["f"], await server.ListNamesAsync());
    }

    [Theory]
    [InlineData("a\\\"b.txt", "a_b.txt")]
    [InlineData("a/b.txt", "a_b.txt")]
    [InlineData("..", "_..")]
    [InlineData("  padded  ", "padded")]
    [InlineData("$<>'`", "_____")]
    public async Task A_name_that_is_not_allowed_is_mended_and_the_file_kept(string sent, string kept)
    {
        await using var server = await TestServer.StartAsync();
        await PostRawAsync(server, Part("file[]", sent, "x") + End);
        Assert.Equal([kept], await server.ListNamesAsync());
    }

    [Fact]
    public async Task Two_files_of_one_name_are_both_kept()
    {
        await using var server = await TestServer.StartAsync();
        await server.UploadAsync("twin", [1]);
        await server.UploadAsync("twin", [2]);
        Assert.Equal(["twin", "twin"], await server.ListNamesAsync());
    }

    [Fact]
    public async Task An_id_works_once_and_the_second_try_leaves_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.OpenUploadAsync();
        await server.PostUploadAsync(id, TestServer.Form(0, ("one", Bytes)));
        (await server.PostUploadAsync(id, TestServer.Form(0, ("two", Bytes)))).IsKo(HttpStatusCode.Conflict, 9031);
        Assert.Equal(["one"], await server.ListNamesAsync());
        Assert.Single(server.StoredFiles());
    }

    [Fact]
    public async Task A_body_that_ends_too_early_leaves_no_file_and_the_id_stays_good()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.OpenUploadAsync();
        var cut = await PostRawAsync(server, Part("file[]", "whole", "x") + Part("file[]", "cut", "yyy")[..^2], id);
        cut.IsKo(HttpStatusCode.BadRequest, 9033);
        Assert.Empty(await server.ListNamesAsync());
        Assert.Empty(server.StoredFiles());
        Assert.Equal(HttpStatusCode.Found, (await server.PostUploadAsync(id, TestServer.Form(0, ("again", Bytes)))).Status);
        Assert.Equal(["again"], await server.ListNamesAsync());
    }

    [Fact]
    public async Task Refusals_of_the_form_say_what_is_wrong()
    {
        await using var server = await TestServer.StartAsync(("Uploads:Files", "2"), ("Uploads:FileBytes", "10"));
        (await PostRawAsync(server, Part("file[]", "f", "x") + End, contentType: "multipart/form-data; boundary=other")).IsKo(HttpStatusCode.BadRequest, 9032);
        (await PostRawAsync(server, "x", contentType: "multipart/form-data")).IsKo(HttpStatusCode.BadRequest, 9032);
        (await PostRawAsync(server, "x", contentType: "text/plain")).IsKo(HttpStatusCode.BadRequest, 9032);
        (await PostRawAsync(server, Part("did", null, "0") + End)).IsKo(HttpStatusCode.BadRequest, 9034);
        (await PostRawAsync(server, Part("f", "a", "1") + Part("f", "b", "1") + Part("f", "c", "1") + End)).IsKo(HttpStatusCode.RequestEntityTooLarge, 9035);
        (await PostRawAsync(server, Part("f", "a", new string('1', 11)) + End)).IsKo(HttpStatusCode.RequestEntityTooLarge, 9040);
        (await PostRawAsync(server, Part("f", new string('n', 20_000), "1") + End)).IsKo(HttpStatusCode.BadRequest, 9036);
        (await PostRawAsync(server, Part("did", null, new string('0', 70_000)) + Part("f", "a", "1") + End)).IsKo(HttpStatusCode.BadRequest, 9036);
        (await PostRawAsync(server, Part("f", "a", "1") + End, id: "nosuchid99")).IsKo(HttpStatusCode.NotFound, 9030);
        Assert.Empty(await server.ListNamesAsync());
        Assert.Empty(server.StoredFiles());
        Assert.Empty(server.Log.Troubles);
    }

    [Fact]
    public async Task A_quoted_boundary_is_taken_too()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await PostRawAsync(server, Part("file[]", "f", "x") + End, contentType: "multipart/form-data; boundary=\"bb\"");
        Assert.Equal(HttpStatusCode.Found, answer.Status);
    }

    [Fact]
    public async Task A_ticket_and_a_report_end_when_their_time_is_over()
    {
        await using var server = await TestServer.StartAsync();
        var late = await server.OpenUploadAsync();
        server.Clock.Advance(TimeSpan.FromHours(4) + TimeSpan.FromSeconds(1));
        (await server.PostUploadAsync(late, TestServer.Form(0, ("f", Bytes)))).IsKo(HttpStatusCode.NotFound, 9030);

        var id = await server.OpenUploadAsync();
        await server.PostUploadAsync(id, TestServer.Form(0, ("f", Bytes)));
        server.Clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await server.ReportAsync(id)).Status);
        server.Clock.Advance(TimeSpan.FromSeconds(2));
        (await server.ReportAsync(id)).IsKo(HttpStatusCode.NotFound, 9030);
        Assert.Equal(["f"], await server.ListNamesAsync());
    }

    [Fact]
    public async Task An_id_of_one_account_is_of_no_use_to_another()
    {
        await using var server = await TestServer.StartAsync();
        var other = await server.AddAccountAsync("other@example.org", 1000);
        (await server.PostUploadAsync(await server.OpenUploadAsync(), TestServer.Form(0, ("f", Bytes)), other)).IsKo(HttpStatusCode.NotFound, 9030);
    }

    [Fact]
    public async Task Uploads_without_a_key_are_refused_unless_the_operator_allows_them()
    {
        await using var closed = await TestServer.StartAsync();
        (await closed.PostUploadAsync(await closed.OpenUploadAsync(""), TestServer.Form(0, ("f", Bytes)), "")).IsKo(HttpStatusCode.Unauthorized, 247);

        await using var open = await TestServer.StartAsync(("Uploads:Anonymous", "true"));
        var id = await open.OpenUploadAsync("");
        Assert.Equal(HttpStatusCode.Found, (await open.PostUploadAsync(id, TestServer.Form(0, ("f", Bytes)), "")).Status);
        var removal = (await open.ReportAsync(id)).Json.GetProperty("links")[0].GetProperty("remove").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await open.Http.GetAsync(new Uri(removal))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await open.Http.PostAsync(new Uri(removal + "x"), null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await open.Http.PostAsync(new Uri(removal), null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await open.Http.PostAsync(new Uri(removal), null)).StatusCode);
        await open.SweepAsync();
        Assert.Empty(open.StoredFiles());
    }

    [Fact]
    public async Task The_report_has_three_forms()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.OpenUploadAsync();
        await server.PostUploadAsync(id, TestServer.Form(0, ("a;b<c.txt", Bytes)));
        var byQuery = await server.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"/end.pl?xid={id}&JSON=1"), "");
        Assert.Equal("a;b_c.txt", byQuery.Json.GetProperty("links")[0].GetProperty("filename").GetString());

        var export = new HttpRequestMessage(HttpMethod.Get, $"/end.pl?xid={id}");
        export.Headers.Add("EXPORT", "1");
        Assert.Matches("^a_b_c\\.txt;12;[a-z0-9]{20};;0;0\n$", (await server.SendAsync(export, "")).Text);

        var page = await server.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/end.pl?xid={id}"), "");
        Assert.StartsWith("text/html", page.ContentHeaders.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.Contains("<table class=\"premium\">", page.Text, StringComparison.Ordinal);
        Assert.Contains("<td class=\"normal\"><a href=\"http", page.Text, StringComparison.Ordinal);
        Assert.Contains("Upload finished", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_upload_is_answered_only_after_its_body_was_read()
    {
        await using var server = await TestServer.StartAsync();
        var body = new CountingContent(20_000_000);
        var request = new HttpRequestMessage(HttpMethod.Post, "/upload.cgi?id=nosuchid99") { Content = body };
        (await server.SendAsync(request)).IsKo(HttpStatusCode.NotFound, 9030);
        Assert.Equal(20_000_000, body.Sent);
    }

    [Fact]
    public async Task Clients_that_hang_up_in_mid_upload_leave_nothing_and_are_no_trouble_of_the_servers()
    {
        const int Clients = 30;
        await using var server = await TestServer.StartAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => server.OpenUploadAsync()));
        await Task.WhenAll(ids.Select(id => HangUpAsync(server, id)));

        await server.Log.WaitForAsync(line => line.Contains("POST /upload.cgi", StringComparison.Ordinal), passedOver: Clients - 1);
        Assert.Empty(server.Log.Troubles);
        Assert.Empty(await server.ListNamesAsync());
        Assert.Empty(server.StoredFiles());
        Assert.Equal(HttpStatusCode.Found, (await server.PostUploadAsync(ids[0], TestServer.Form(0, ("again", Bytes)))).Status);
    }

    private static async Task HangUpAsync(TestServer server, string id)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        client.LingerState = new LingerOption(true, 0);
        var head = $"POST /upload.cgi?id={id} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {server.Key}\r\n"
            + "Content-Type: multipart/form-data; boundary=bb\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(head));

        // A reset throws away what was not read yet: only a server that asked for the body is in the middle of an upload.
        var go = new byte["HTTP/1.1 100 Continue\r\n\r\n".Length];
        await client.GetStream().ReadExactlyAsync(go);
        Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(go), StringComparison.Ordinal);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Part("file[]", "cut", new string('x', 500_000))));
    }

    private const string End = "--bb--\r\n";

    private static string Part(string name, string? fileName, string text) =>
        $"--bb\r\nContent-Disposition: form-data; name=\"{name}\"{(fileName is null ? "" : $"; filename=\"{fileName}\"")}\r\n\r\n{text}\r\n";

    private static async Task<Answer> PostRawAsync(
        TestServer server, string body, string? id = null, string contentType = "multipart/form-data; boundary=bb")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await server.PostUploadAsync(id ?? await server.OpenUploadAsync(), content);
    }

    private sealed class CountingContent : HttpContent
    {
        private readonly long _length;

        public CountingContent(long length)
        {
            _length = length;
            Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=bb");
        }

        public long Sent { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var chunk = new byte[100_000];
            while (Sent < _length)
            {
                await stream.WriteAsync(chunk);
                Sent += chunk.Length;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return true;
        }
    }
}
