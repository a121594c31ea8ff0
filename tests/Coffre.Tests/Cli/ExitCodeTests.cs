using System.Net;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>Each exit code of the manual, provoked from the command line.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private static readonly Dictionary<int, Func<ExitCodeTests, Task<CliOutcome>>> Ways = new()
    {
        [0] = test => test._cli.RunAsync("version"),
        [1] = test => test.DeclineAsync(),
        [2] = test => test._cli.RunAsync("ls", "--bogus"),
        [3] = test => test._cli.RunAsync("ls", ":/"),
        [4] = test => test.AskAsync(service => service.On(V1Paths.DownloadToken, """{"status":"KO","message":"Password not provided. Resource not allowed #631"}""", HttpStatusCode.Forbidden), "cat", "https://files.example.org/?abcdefghij0123456789"),
        [5] = test => test.AskAsync(_ => { }, "ls", ":/nowhere"),
        [6] = test => test.AskAsync(_ => { }, "put", test._cli.Write("a.txt", "hello"), ":/", "--if-exists", "fail"),
        [7] = test => test.AskAsync(service => service.On(V1Paths.FolderMkdir, """{"status":"KO","message":"IP Locked #186"}""", HttpStatusCode.Forbidden), "mkdir", ":/new"),
        [8] = test => test.PartialAsync(),
        [10] = test => test.GuardAsync(),
        [11] = test => test.AskAsync(
            service => service
                .On(V1Paths.UploadServer, """{"url":"files.example.org","id":"Secret1234"}""")
                .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=Secret1234"))
                .On(V1Paths.UploadEnd, """{"incoming":0,"links":[{"download":"https://files.example.org/?abcdefghik","filename":"b.txt","size":"3","whirlpool":"00"}]}""")
                .On(V1Paths.FileRm, """{"status":"OK","removed":1}"""),
            "put", test._cli.Write("b.txt", "hello"), ":/", "--retries", "0"),
        [12] = test => test.AskAsync(service => service.On(V1Paths.UploadServer, """{"status":"KO","message":"Quota exceeded #9041"}""", HttpStatusCode.InsufficientStorage), "put", test._cli.Write("b.txt", "hello"), ":/"),
        [13] = test => test.AskAsync(service => service.On(V1Paths.UserInfo, _ => throw new HttpRequestException("no route to host")), "quota", "--retries", "1"),
        [14] = test => test.RunTwiceAsync(),
        [15] = test => test._cli.RunAsync("keys", "scan", test._cli.Write("leak", ApiKey.New())),
        [130] = test => test.StopAsync(ExitCode.Interrupted),
        [141] = test => test.ClosePipeAsync(),
        [143] = test => test.StopAsync(ExitCode.Terminated),
    };

    private readonly CliRunner _cli = new();

    public static TheoryData<int> Codes => [.. Ways.Keys];

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void Every_exit_code_has_a_way_here_that_leads_to_it() => Assert.Equal(Enum.GetValues<ExitCode>().Select(code => (int)code).Order(), Ways.Keys.Order());

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task The_command_ends_with_it(int code) => (await Ways[code](this)).Is((ExitCode)code);

    [Fact]
    public async Task A_broken_command_is_no_success_and_asks_for_a_report()
    {
        var outcome = (await AskAsync(service => service.On(V1Paths.UserInfo, _ => throw new InvalidOperationException("boom")), "quota", "--json")).Is(ExitCode.Failure);
        Assert.Equal("internal_error", outcome.Json.GetProperty("error").GetProperty("code").GetString());
    }

    private async Task<CliOutcome> AskAsync(Action<FakeService> lay, params string[] words)
    {
        var service = new FakeService().On(V1Paths.FolderLs, asked => FakeService.Json(asked.Text.Contains("\"folder_id\":0", StringComparison.Ordinal)
            ? """{"status":"OK","sub_folders":[],"items":[{"filename":"a.txt","size":5,"date":"","url":"https://files.example.org/?abcdefghij"}]}"""
            : """{"status":"OK","sub_folders":[],"items":[]}"""));
        lay(service);
        _cli.Handler = service;
        _cli.Time = service.Clock;
        _cli.Variables["COFFRE_API_KEY"] = ApiKey.New();
        _cli.Variables["COFFRE_URL"] = "https://files.example.org";
        return await _cli.RunAsync(words);
    }

    private Task<CliOutcome> DeclineAsync()
    {
        _cli.Typed = new Queue<string>(["n"]);
        return AskAsync(_ => { }, "rm", ":/a.txt");
    }

    private async Task<CliOutcome> GuardAsync()
    {
        await using var server = await TestServer.StartAsync();
        (await _cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();
        (await _cli.RunAsync("put", _cli.Write("t/a", "1"), ":/t/")).Ok();
        Directory.CreateDirectory(_cli.Local("empty"));
        return await _cli.RunAsync("sync", _cli.Local("empty"), ":/t", "--delete");
    }

    private async Task<CliOutcome> RunTwiceAsync()
    {
        (await _cli.RunAsync("job", "add", "n", "--every", "1h", "--", "version")).Ok();
        CliOutcome? second = null;
        _cli.StartCommand = async (_, _) =>
        {
            second = await _cli.RunAsync("job", "run", "n");
            return 0;
        };
        (await _cli.RunAsync("job", "run", "n")).Ok();
        return second!;
    }

    private async Task<CliOutcome> PartialAsync()
    {
        await using var server = await TestServer.StartAsync();
        (await _cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();
        (await _cli.RunAsync("put", _cli.Write("t/a", "1"), ":/t/")).Ok();
        _cli.Write("t/b", "2");
        return await _cli.RunAsync("put", _cli.Local("t/"), ":/t", "--if-exists", "fail");
    }

    private async Task<CliOutcome> StopAsync(ExitCode signal)
    {
        using var stop = new CancellationTokenSource();
        return await RunAsync(world => world with { StopCode = () => signal }, Stream.Null, stop, service => service.On(V1Paths.UserInfo, _ =>
        {
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        }), "quota");
    }

    private async Task<CliOutcome> ClosePipeAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other numbers.");
        using var stop = new CancellationTokenSource();
        return await RunAsync(
            world => world,
            new ClosedPipe(),
            stop,
            service => service
                .On(V1Paths.DownloadToken, """{"status":"OK","url":"https://files.example.org/d/x"}""")
                .On("/d/x", _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent("hello"u8.ToArray()) }),
            "cat", "https://files.example.org/?abcdefghij0123456789");
    }

    private async Task<CliOutcome> RunAsync(Func<Surroundings, Surroundings> change, Stream bytes, CancellationTokenSource stop, Action<FakeService> lay, params string[] words)
    {
        await AskAsync(lay, "version");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await App.RunAsync(words, change(_cli.World([], output, error, bytes)), stop.Token);
        return new CliOutcome((ExitCode)exitCode, output.ToString(), error.ToString(), []);
    }

    private sealed class ClosedPipe : MemoryStream
    {
        private static IOException Broken => new("Broken pipe", 32);

        public override void Write(byte[] buffer, int offset, int count) => throw Broken;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw Broken;

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => throw Broken;
    }
}
