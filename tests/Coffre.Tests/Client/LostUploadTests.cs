using System.Net;
using System.Text;
using Coffre.Client;
using Coffre.Hashing;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>Uploads whose end nobody saw: looked for, never sent twice; and batches of which one file fails.</summary>
public sealed class LostUploadTests : IDisposable
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("hello");
    private static readonly string Digest = Convert.ToHexStringLower(Whirlpool.HashData(Content));

    private readonly string _state = Directory.CreateTempSubdirectory("coffre-lost-").FullName;
    private readonly FakeService _service = new FakeService()
        .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"Z2G3wqUd3I"}""");

    public void Dispose() => Directory.Delete(_state, recursive: true);

    private static string Link(string link, string name, string? digest = null) =>
        $$"""{"download":"https://files.example.org/?{{link}}","filename":"{{name}}","remove":"","size":"5","whirlpool":"{{digest ?? Digest}}"}""";

    private static string Report(params string[] links) => $$"""{"incoming":0,"links":[{{string.Join(',', links)}}]}""";

    private static string Listing(string link, string name = "a.txt", string? digest = null) =>
        $$"""{"status":"OK","items":[{"filename":"{{name}}","size":5,"date":"","checksum":"{{digest ?? Digest}}","url":"https://files.example.org/?{{link}}"}]}""";

    private CoffreClient Client(int retries = 4) => _service.Client(change: options => options with { StateFolder = _state, Retries = retries });

    private Task<UploadReceipt> UploadAsync(UploadOptions? options = null, int retries = 4) =>
        Client(retries).UploadAsync(UploadSource.FromBytes(Content, "a.txt"), options ?? new UploadOptions { FolderId = 7 });

    [Fact]
    public async Task What_the_report_does_not_know_is_looked_for_in_the_folder()
    {
        _service.On(V1Paths.Upload, _ => throw new HttpRequestException("connection reset"))
            .On(V1Paths.UploadEnd, """{"status":"KO","message":"no such upload #469"}""", HttpStatusCode.NotFound)
            .On(V1Paths.FileLs, Listing("there"));

        var receipt = await UploadAsync();

        Assert.Equal("https://files.example.org/?there", receipt.Link);
        Assert.Single(_service.All(V1Paths.Upload));
        Assert.Contains("\"folder_id\":7", _service.Last(V1Paths.FileLs).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_nowhere_is_sent_again()
    {
        _service.On(V1Paths.Upload, _ => throw new HttpRequestException("connection reset"))
            .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=second"))
            .On(V1Paths.UploadEnd, asked => asked.Uri.Query.Contains("second", StringComparison.Ordinal)
                ? FakeService.Json(Report(Link("new", "a.txt")))
                : FakeService.Json("""{"status":"KO","message":"no such upload #469"}""", HttpStatusCode.NotFound))
            .On(V1Paths.FileLs, Listing("other", digest: new string('0', 128)));

        Assert.Equal("https://files.example.org/?new", (await UploadAsync()).Link);
        Assert.Equal(2, _service.All(V1Paths.Upload).Count);
    }

    [Fact]
    public async Task A_file_that_was_there_before_is_not_taken_for_the_new_one()
    {
        _service.On(V1Paths.Upload, _ => throw new HttpRequestException("connection reset"))
            .On(V1Paths.UploadEnd, """{"status":"KO","message":"no such upload #469"}""", HttpStatusCode.NotFound)
            .On(V1Paths.FileLs, Listing("old"));

        await Assert.ThrowsAsync<CoffreException>(
            () => UploadAsync(new UploadOptions { FolderId = 7, Existing = ["https://files.example.org/?old"] }, retries: 0));
    }

    [Fact]
    public async Task Nothing_is_sent_again_while_nobody_can_say_whether_it_arrived()
    {
        _service.On(V1Paths.Upload, _ => throw new HttpRequestException("connection reset"))
            .On(V1Paths.UploadEnd, _ => throw new HttpRequestException("no route"))
            .On(V1Paths.FileLs, _ => throw new HttpRequestException("no route"));

        await Assert.ThrowsAsync<CoffreException>(() => UploadAsync());

        Assert.Single(_service.All(V1Paths.Upload));
    }

    [Fact]
    public async Task A_service_that_loses_every_answer_is_given_up()
    {
        _service.On(V1Paths.Upload, _ => throw new HttpRequestException("connection reset"))
            .On(V1Paths.UploadEnd, """{"status":"KO","message":"no such upload #469"}""", HttpStatusCode.NotFound)
            .On(V1Paths.FileLs, """{"status":"OK","items":[]}""");

        await Assert.ThrowsAsync<CoffreException>(() => UploadAsync());

        Assert.Equal(5, _service.All(V1Paths.Upload).Count);
    }

    [Fact]
    public async Task A_report_without_a_link_is_made_up_for_by_the_folder()
    {
        _service.On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=Z2G3wqUd3I"))
            .On(V1Paths.UploadEnd, Report())
            .On(V1Paths.FileLs, Listing("there"));

        Assert.Equal("https://files.example.org/?there", (await UploadAsync()).Link);
    }

    [Fact]
    public async Task One_damaged_file_of_many_is_removed_and_sent_again_alone()
    {
        _service.On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=Z2G3wqUd3I"))
            .On(V1Paths.UploadEnd, Report(Link("a", "a"), Link("bad", "b", new string('0', 128)), Link("c", "c")))
            .On(V1Paths.UploadEnd, Report(Link("b", "b")))
            .On(V1Paths.FileRm, """{"status":"OK","removed":1}""");

        var outcomes = await Client().UploadEachAsync([.. "abc".Select(name => UploadSource.FromBytes(Content, name.ToString()))]);

        Assert.Equal(["a", "b", "c"], outcomes.Select(outcome => outcome.Receipt!.Link.Split('?')[1]));
        Assert.Equal("""{"files":[{"url":"https://files.example.org/?bad"}]}""", _service.Last(V1Paths.FileRm).Text);
        Assert.DoesNotContain("filename=\"a\"", _service.All(V1Paths.Upload)[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_file_that_never_arrives_right_does_not_hide_the_others()
    {
        _service.On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=Z2G3wqUd3I"))
            .On(V1Paths.UploadEnd, Report(Link("a", "a"), Link("bad", "b", new string('0', 128))))
            .On(V1Paths.UploadEnd, Report(Link("bad", "b", new string('0', 128))))
            .On(V1Paths.FileRm, """{"status":"OK","removed":1}""");

        var outcomes = await Client().UploadEachAsync([UploadSource.FromBytes(Content, "a"), UploadSource.FromBytes(Content, "b")]);

        Assert.NotNull(outcomes[0].Receipt);
        Assert.Equal(CoffreError.Integrity, outcomes[1].Trouble!.Error);
    }

    [Fact]
    public async Task An_upload_that_a_killed_run_left_behind_is_found()
    {
        // The first run dies without a word after the last byte: only its note stays.
        _service.On(V1Paths.Upload, _ => throw new InvalidOperationException("killed"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => UploadAsync());
        var next = new FakeService()
            .On(V1Paths.UploadEnd, Report(Link("kept", "a.txt")))
            .On(V1Paths.FileInfo, """{"url":"https://files.example.org/?kept","filename":"a.txt","size":5,"folder_id":7}""");

        var receipt = await next.Client(change: options => options with { StateFolder = _state })
            .UploadAsync(UploadSource.FromBytes(Content, "a.txt"), new UploadOptions { FolderId = 7 });

        Assert.Equal("https://files.example.org/?kept", receipt.Link);
        Assert.Equal("?xid=Z2G3wqUd3I", next.Last(V1Paths.UploadEnd).Uri.Query);
        Assert.Empty(next.All(V1Paths.Upload));
        Assert.Empty(Directory.GetFiles(Path.Combine(_state, "uploads")));
    }

    [Fact]
    public async Task An_upload_that_was_left_behind_and_removed_since_is_sent()
    {
        _service.On(V1Paths.Upload, _ => throw new InvalidOperationException("killed"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => UploadAsync());
        var next = new FakeService()
            .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"second"}""")
            .On(V1Paths.UploadEnd, asked => FakeService.Json(Report(Link(asked.Uri.Query.Contains("second", StringComparison.Ordinal) ? "new" : "gone", "a.txt"))))
            .On(V1Paths.FileInfo, """{"status":"KO","message":"Resource not found #469"}""", HttpStatusCode.NotFound)
            .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=second"));

        var receipt = await next.Client(change: options => options with { StateFolder = _state })
            .UploadAsync(UploadSource.FromBytes(Content, "a.txt"), new UploadOptions { FolderId = 7 });

        Assert.Equal("https://files.example.org/?new", receipt.Link);
    }

    [Fact]
    public async Task A_finished_upload_leaves_no_note()
    {
        _service.On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=Z2G3wqUd3I")).On(V1Paths.UploadEnd, Report(Link("a", "a.txt")));

        await UploadAsync();

        Assert.Empty(Directory.GetFiles(Path.Combine(_state, "uploads")));
    }
}
