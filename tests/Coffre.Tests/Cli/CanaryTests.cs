using System.Net;
using System.Text;
using Coffre.Cli.Output;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;

namespace Coffre.Tests.Cli;

/// <summary>Secrets never come out, however much is said and whatever the service says.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Token = "verysecrettoken0123456789";
    private const string UploadId = "Secret1234";

    private readonly CliRunner _cli = new();
    private readonly string _key = ApiKey.New();

    public static TheoryData<string> EveryCommand =>
    [
        "ls :/", "ls -l -R :/", "tree :/", "find a", "du", "dedupe --explain-requests", "quota", "info :/a.txt", "link :/a.txt", "cat :/a.txt", "mkdir :/new", "cp :/a.txt :/b.txt", "mv :/a.txt :/c.txt",
        "rm -y :/a.txt", "rm -y -r :/dir", "auth status", "job list --all", "auth logout", "version", "put FILE :/up.txt", "put - :/up.txt", "get :/a.txt OUT", "get https://files.example.org/?abcdefghij OUT",
    ];

    public void Dispose() => _cli.Dispose();

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public async Task No_command_prints_a_secret_when_all_goes_well(string command) => await RunAsync(command, Good());

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public async Task No_command_prints_a_secret_when_the_service_throws_it_back(string command) =>
        await RunAsync(command, Evil(_ => FakeService.Json($$"""{"status":"KO","message":"Bad key {{_key}} for {{Uri.EscapeDataString(_key)}} #1"}""", HttpStatusCode.Forbidden)));

    [Theory]
    [MemberData(nameof(EveryCommand))]
    public async Task No_command_prints_a_secret_when_it_breaks(string command) =>
        await RunAsync(command, Evil(_ => throw new InvalidOperationException($"boom {_key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(_key))}")));

    private async Task RunAsync(string command, FakeService service)
    {
        _cli.Time = service.Clock;
        _cli.Handler = Good();
        (await _cli.PipeAsync(_key, "auth", "login", "--url", "https://files.example.org")).Ok();
        _cli.Handler = service;
        var words = command.Split(' ').Select(word => word switch { "FILE" => _cli.Write("a.txt", "hello"), "OUT" => _cli.Local("out"), _ => word });

        foreach (var mode in new[] { "-vv", "--json" })
        {
            if (mode == "--json" && command.StartsWith("cat", StringComparison.Ordinal))
            {
                continue;
            }

            var outcome = await _cli.PipeAsync("hello", [.. words, mode, "--retries", "0"]);
            var said = outcome.Out + outcome.Error;
            foreach (var secret in new[] { _key, Token, UploadId, Convert.ToBase64String(Encoding.UTF8.GetBytes(_key)) })
            {
                Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
            }
        }
    }

    private static FakeService Good() => new FakeService()
        .On(V1Paths.FolderLs, asked => FakeService.Json(asked.Text.Contains("\"folder_id\":0", StringComparison.Ordinal)
            ? """{"status":"OK","sub_folders":[{"id":5,"name":"dir","create_date":""}],"items":[{"filename":"a.txt","size":5,"date":"","url":"https://files.example.org/?abcdefghij"}]}"""
            : """{"status":"OK","sub_folders":[],"items":[]}"""))
        .On(V1Paths.UserInfo, """{"status":"OK","offer":"1","cold_storage":1,"allowed_cold_storage":2}""")
        .On(V1Paths.FileInfo, """{"url":"https://files.example.org/?abcdefghij","filename":"a.txt","size":5}""")
        .On(V1Paths.DownloadToken, $$"""{"status":"OK","url":"https://files.example.org/d/{{Token}}"}""")
        .On("/d/" + Token, _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent("hello"u8.ToArray()) })
        .On(V1Paths.UploadServer, $$"""{"url":"files.example.org","id":"{{UploadId}}"}""")
        .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=" + UploadId))
        .On(V1Paths.UploadEnd, """{"incoming":0,"links":[{"download":"https://files.example.org/?abcdefghik","filename":"up.txt","size":"5"}]}""")
        .On(V1Paths.FolderMkdir, """{"status":"OK","folder_id":9,"name":"new"}""")
        .On(V1Paths.FolderRm, """{"status":"OK"}""")
        .On(V1Paths.FileRm, """{"status":"OK","removed":1}""")
        .On(V1Paths.FileCp, """{"status":"OK","copied":1,"urls":[]}""")
        .On(V1Paths.FileRename, """{"status":"OK","renamed":1}""");

    private static FakeService Evil(Func<Asked, HttpResponseMessage> answer)
    {
        var service = new FakeService();
        foreach (var path in new[] { V1Paths.FolderLs, V1Paths.UserInfo, V1Paths.FileInfo })
        {
            service.On(path, answer);
        }

        return service;
    }

    [Fact]
    public void A_secret_that_comes_in_pieces_is_seen()
    {
        var inner = new StringWriter();
        var writer = new RedactingWriter(inner);
        writer.Hide("topsecret");

        writer.Write("a top");
        writer.Write("sec");
        writer.Write('r');
        writer.Write("et b\n");
        writer.Flush();

        Assert.Equal("a [secret] b\n", inner.ToString());
    }
}
