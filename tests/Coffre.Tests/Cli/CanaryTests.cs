using System.CommandLine;
using System.Net;
using System.Text;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;

namespace Coffre.Tests.Cli;

/// <summary>Secrets never come out, however much is said, whatever the service says, and however a run ends.</summary>
public sealed class CanaryTests : IDisposable
{
    private const string Token = "verysecrettoken0123456789";
    private const string UploadId = "Secret1234";
    private const string Password = "correct-horse-battery+/9";
    private const string SharePassword = "share=Pässword&1";
    private const string HookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>At least one line for each command of the tree. FILE, OUT, LEAK and RCLONE are files of the test.</summary>
    private static readonly Dictionary<string, string[]> Cases = new(StringComparer.Ordinal)
    {
        ["auth login"] = ["auth login --url https://files.example.org --profile second"],
        ["auth status"] = ["auth status"],
        ["auth migrate"] = ["auth migrate"],
        ["auth logout"] = ["auth logout"],
        ["ls"] = ["ls :/", "ls -l -R :/"],
        ["tree"] = ["tree :/"],
        ["put"] = ["put FILE :/up.txt", "put - :/up.txt"],
        ["get"] = ["get :/a.txt OUT", "get https://files.example.org/?abcdefghij OUT"],
        ["sync"] = ["sync TREE :/dir", "sync :/ OUT --delete", "sync TREE :/dir --dry-run"],
        ["copy"] = ["copy TREE :/dir", "copy :/ OUT"],
        ["plan sync"] = ["plan sync TREE :/dir --out OUT"],
        ["plan copy"] = ["plan copy :/ OUT"],
        ["apply"] = ["apply PLAN"],
        ["check"] = ["check TREE :/dir --manifest OUT", "check :/ TREE --download"],
        ["cat"] = ["cat :/a.txt"],
        ["mkdir"] = ["mkdir :/new"],
        ["cp"] = ["cp :/a.txt :/b.txt"],
        ["mv"] = ["mv :/a.txt :/c.txt"],
        ["rm"] = ["rm -y :/a.txt", "rm -y -r :/dir"],
        ["link"] = ["link :/a.txt", "link :/a.txt --password-file PASSWORD", "link https://files.example.org/?abcdefghij --description d"],
        ["link list"] = ["link list -l"],
        ["link revoke"] = ["link revoke -y :/a.txt", "link revoke --lock :/a.txt"],
        ["export"] = ["export :/ --format html", "export :/ --out OUT"],
        ["info"] = ["info :/a.txt", "info :/"],
        ["find"] = ["find a"],
        ["du"] = ["du"],
        ["dedupe"] = ["dedupe --explain-requests"],
        ["remote add"] = ["remote add URL", "remote add URL --to :/dir --wait --header-file HEADER"],
        ["remote list"] = ["remote list"],
        ["remote show"] = ["remote show 3"],
        ["remote wait"] = ["remote wait 3"],
        ["job add"] =
        [
            "job add twin --cron @daily --ping file:PINGFILE --webhook https://hooks.example.org/h --webhook-secret file:HOOKFILE -- ls :/",
            "job add twin --every 1h -- ls KEYWORD",
            "job add twin --every 1h --webhook-secret KEYWORD -- ls",
        ],
        ["job run"] = ["job run nightly"],
        ["job history"] = ["job history"],
        ["job enable"] = ["job enable nightly"],
        ["job disable"] = ["job disable nightly"],
        ["job install"] = ["job install nightly --print"],
        ["scheduler run"] = ["scheduler run --once"],
        ["job list"] = ["job list --all"],
        ["job show"] = ["job show 2026"],
        ["job resume"] = ["job resume 2026"],
        ["job rm"] = ["job rm 2026"],
        ["cleanup"] = ["cleanup :/ --include * --max-total 0B -y"],
        ["watch"] = ["watch DIR :/w --once --settle 0s"],
        ["filters test"] = ["filters test a/b.txt --include *.txt"],
        ["quota"] = ["quota"],
        ["keys list"] = ["keys list --all"],
        ["keys new"] = ["keys new ci --scopes read"],
        ["keys rename"] = ["keys rename current nas"],
        ["keys rotate"] = ["keys rotate", "keys rotate 8"],
        ["keys regenerate"] = ["keys regenerate -y", "keys regenerate 8 -y"],
        ["keys revoke"] = ["keys revoke 8 -y", "keys revoke --stdin"],
        ["keys scan"] = ["keys scan LEAK FILE", "keys scan -", "keys scan --git DIR"],
        ["import rclone"] = ["import rclone --config RCLONE --url https://files.example.org"],
        ["doctor"] = ["doctor", "doctor --offline"],
        ["errors explain"] = ["errors explain 374 quota_exceeded"],
        ["errors list"] = ["errors list"],
        ["support bundle"] = ["support bundle -y --out BUNDLE"],
        ["schema"] = ["schema", "schema envelope"],
        ["completion"] = ["completion bash"],
        ["complete"] = ["complete ls :/"],
        ["version"] = ["version"],
    };

    // These do their work without the service. All others must not end well where it fails.
    private static readonly string[] NeedNoService =
    [
        "auth migrate", "auth logout", "job add", "job list", "job show", "job rm", "job history", "job enable", "job disable", "job install", "scheduler run", "keys scan", "filters test", "doctor --offline",
        "errors", "support", "schema", "completion", "complete", "version",
    ];

    // What is asked for by these is the new key itself, on standard output.
    private static readonly string[] ShowNewKey = ["keys new ci --scopes read", "keys rotate 8", "keys regenerate 8 -y"];

    private readonly CliRunner _cli = new();
    private readonly string _key = ApiKey.New();
    private readonly string _newKey = ApiKey.New();
    private readonly string _leaked = ApiKey.New();

    public static TheoryData<string> EveryCase => [.. Cases.Values.SelectMany(lines => lines)];

    public void Dispose() => _cli.Dispose();

    private static string SecretUrl => $"https://me:{Uri.EscapeDataString(Password)}@example.org/f?token={Token}";

    private string Link => "https://files.example.org/d/" + Token;

    [Fact]
    public void Every_command_of_the_tree_has_a_canary()
    {
        Assert.Equal(CliRunner.Leaves(_cli.Root()).Select(leaf => leaf.Path).Order(StringComparer.Ordinal), Cases.Keys.Order(StringComparer.Ordinal));
        Assert.All(Cases, pair => Assert.All(pair.Value, line => Assert.StartsWith(pair.Key, line, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(EveryCase))]
    public async Task No_command_prints_a_secret_when_all_goes_well(string line) => await RunAsync(line, Good());

    [Theory]
    [MemberData(nameof(EveryCase))]
    public async Task No_command_prints_a_secret_when_the_service_throws_it_back(string line) =>
        await RunAsync(line, mustFail: true, service: Evil(path => path.StartsWith(ApiPaths.Root, StringComparison.Ordinal)
            ? FakeService.Problem("not_allowed", HttpStatusCode.Forbidden, Quoted())
            : FakeService.Json($$"""{"status":"KO","message":"{{Quoted()}} #1"}""", HttpStatusCode.Forbidden)));

    [Theory]
    [MemberData(nameof(EveryCase))]
    public async Task No_command_prints_a_secret_when_the_service_answers_with_a_page_full_of_them(string line) =>
        await RunAsync(line, mustFail: true, service: Evil(_ => FakeService.Html($"<title>{WebUtility.HtmlEncode(Said())}</title>", HttpStatusCode.BadGateway)));

    [Theory]
    [MemberData(nameof(EveryCase))]
    public async Task No_command_prints_a_secret_when_it_breaks(string line) =>
        await RunAsync(line, mustFail: true, service: Evil(_ => throw new InvalidOperationException(Said(), new IOException(Said()))));

    [Theory]
    [InlineData("get :/a.txt OUT")]
    [InlineData("cat :/a.txt")]
    [InlineData("get https://files.example.org/?abcdefghij OUT")]
    public async Task A_download_that_breaks_does_not_tell_its_address(string line)
    {
        foreach (var answer in new Func<HttpResponseMessage>[]
        {
            () => throw new InvalidOperationException($"boom at {Link} and {Uri.EscapeDataString(Link)}"),
            () => throw new HttpRequestException($"no route to {Link}"),
            () => FakeService.Html($"<title>{Link} is gone</title>", HttpStatusCode.Gone),
            () => FakeService.Redirect("ftp://files.example.org/d/" + Token),
        })
        {
            await RunAsync(line, Good(download: answer));
        }
    }

    [Fact]
    public async Task A_run_that_breaks_before_any_command_is_told_through_the_sink()
    {
        _cli.Variables["COFFRE_RETRIES"] = _key;
        var said = new StringWriter();
        var world = _cli.World([], said, said, Stream.Null) with { Variable = name => name == "COFFRE_PROFILE" ? throw new InvalidOperationException("boom " + _key) : null };

        Assert.NotEqual(0, await App.RunAsync(["ls"], world, CancellationToken.None));

        Assert.Contains("boom [secret]", said.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A sentence that holds each secret in several shapes.</summary>
    private string Said() => string.Join(' ',
        $"Bad key {_key} ({Uri.EscapeDataString(_key)}), basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("u:" + _key))} {Convert.ToBase64String(Encoding.UTF8.GetBytes(_key))}",
        $"Bearer {_key}; {_newKey};",
        $"password={Uri.EscapeDataString(Password)} & share_password: {Uri.EscapeDataString(SharePassword)},",
        $"secret {HookSecret}; webhook_secret={HookSecret}");

    private string Quoted() => Said().Replace("\"", "\\\"", StringComparison.Ordinal);

    private async Task RunAsync(string line, FakeService service, bool mustFail = false)
    {
        foreach (var mode in new[] { "-vv", "--json" })
        {
            if (mode == "--json" && (line.StartsWith("cat", StringComparison.Ordinal) || line.EndsWith("html", StringComparison.Ordinal)))
            {
                continue;
            }

            _cli.Keyring.Items.Clear();
            if (Directory.Exists(_cli.Local("state")))
            {
                Directory.Delete(_cli.Local("state"), recursive: true);
            }

            _cli.Time = service.Clock;
            _cli.Handler = Good();
            (await _cli.PipeAsync(_key, "auth", "login", "--url", "https://files.example.org")).Ok();
            _cli.Handler = service;
            if (line.StartsWith("job", StringComparison.Ordinal))
            {
                if (Directory.Exists(_cli.Local("config/coffre/jobs")))
                {
                    Directory.Delete(_cli.Local("config/coffre/jobs"), recursive: true);
                }

                var added = await _cli.RunAsync(
                    "job", "add", "nightly", "--cron", "0 3 * * *", "--ping", "file:" + Word("PINGFILE"), "--webhook", "https://hooks.example.org/h", "--webhook-secret", "file:" + Word("HOOKFILE"),
                    "--mail-to", "a@example.org", "--smtp", "smtp://me@127.0.0.1:9", "--smtp-from", "me@example.org", "--smtp-password", "file:" + Word("SMTPFILE"), "--", "ls", ":/");
                added.Ok();

                // A job to look at, which went as this service lets it go.
                await _cli.RunAsync("put", Word("FILE"), ":/up.txt", "--retries", "0");
            }

            var input = line.StartsWith("auth login", StringComparison.Ordinal) ? _key
                : line.Contains("--stdin", StringComparison.Ordinal) || line.EndsWith('-') ? $"token: {_leaked}\n" : "hello";

            var outcome = await _cli.PipeAsync(input, [.. line.Split(' ').Select(Word), mode, "--retries", "0"]);

            Assert.False(
                mustFail && outcome.ExitCode == ExitCode.Success && !NeedNoService.Any(known => line.StartsWith(known, StringComparison.Ordinal)), $"{line} {mode} ended well, though the service failed");
            if (mode == "--json" && !line.Contains(" -- ", StringComparison.Ordinal))
            {
                OutputSchemas.Check(outcome, line);
            }

            Check(outcome.Error, $"{line} {mode}, standard error", _newKey);
            if (File.Exists(_cli.Local("bundle.zip")))
            {
                CheckBundle();
            }

            Check(outcome.Out, $"{line} {mode}, standard output", ShowNewKey.Contains(line) ? null : _newKey);
        }
    }

    /// <summary>What the command keeps about jobs has no secret in it either.</summary>
    private void CheckFiles(string where)
    {
        foreach (var folder in new[] { "config/coffre/jobs", "state/coffre/schedule", "state/coffre/jobs" }.Select(_cli.Local).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder))
            {
                var text = File.ReadAllText(file);
                Assert.All([_key, _leaked, Token, Password, HookSecret], secret => Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{secret} in {file} after {where}"));
            }
        }
    }

    private void Check(string said, string where, string? alsoHidden)
    {
        CheckFiles(where);
        foreach (var secret in new[] { _key, _leaked, alsoHidden, Token, UploadId, Password, SharePassword, HookSecret }.OfType<string>())
        {
            var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes("u:" + secret));
            foreach (var shape in new[] { secret, Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)), base64[4..^4] })
            {
                Assert.False(said.Contains(shape, StringComparison.Ordinal), $"{shape} in {where}: {said}");
            }
        }
    }

    private string Word(string word) => word switch
    {
        "FILE" => _cli.Write("a.txt", "hello"),
        "LEAK" => _cli.Write("leak.env", $"KEY={_leaked}\n1fichier api_key={Convert.ToHexString(Encoding.ASCII.GetBytes("nothing"))}\n"),
        "DIR" => Path.GetDirectoryName(_cli.Write("tree/inner.txt", "hello"))!,
        "TREE" => Path.GetDirectoryName(_cli.Write("tree/a.txt", "hello"))!,
        "PLAN" => _cli.Write("plan.json", $$"""{"coffre":"plan","version":1,"command":["sync","{{Path.GetDirectoryName(_cli.Write("tree/a.txt", "hello"))}}",":/dir"],"source":{},"destination":{},"actions":[]}"""),
        "RCLONE" => _cli.Write("rclone.conf", $"[home]\ntype = fichier\napi_key = {_key}\n"),
        "URL" => SecretUrl,
        "HEADER" => _cli.Write("headers", $"Authorization: Bearer {Token}\nX-Secret: {Password}\n"),
        "PASSWORD" => _cli.Write("password", Password + "\n"),
        "OUT" => _cli.Local("out"),
        "BUNDLE" => FreshBundle(),
        "KEYWORD" => _leaked,
        "SMTPFILE" => _cli.Write("smtp.txt", Password),
        "PINGFILE" => _cli.Write("ping.txt", Link),
        "HOOKFILE" => _cli.Write("hook.txt", HookSecret),
        "file:PINGFILE" or "file:HOOKFILE" => "file:" + Word(word[5..]),
        _ => word,
    };

    private string FreshBundle()
    {
        // Somebody left secrets where they do not belong.
        _cli.Write("state/coffre/left/20310101-000000-beef.json", $$"""{"id":"20310101-000000-beef","note":"{{Quoted()}} and {{_leaked}} at {{Link}}, {{Token}}"}""");
        File.Delete(_cli.Local("bundle.zip"));
        return _cli.Local("bundle.zip");
    }

    /// <summary>Nothing is compressed in it, so that its bytes can be searched as they are.</summary>
    private void CheckBundle()
    {
        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(_cli.Local("bundle.zip")));
        Assert.Contains("20310101-000000-beef", bytes, StringComparison.Ordinal);
        foreach (var secret in new[] { _key, _newKey, _leaked, Password, SharePassword, HookSecret })
        {
            foreach (var form in SecretForms.Of(secret))
            {
                var sought = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(form));
                Assert.False(bytes.Contains(sought, StringComparison.Ordinal), $"{form} is in the bundle");
            }
        }
    }

    private FakeService Good(Func<HttpResponseMessage>? download = null) => new FakeService()
        .OnCurrentKey()
        .On(ApiPaths.Keys, asked => asked.Method == HttpMethod.Get
            ? FakeService.Json("""{"items":[{"id":7,"name":"fake","state":"active"},{"id":8,"name":"other","state":"active"}]}""")
            : FakeService.Json(Issued(), HttpStatusCode.Created))
        .On(ApiPaths.Keys + "/7", """{"id":7,"name":"fake","state":"active"}""")
        .On(ApiPaths.Keys + "/8", """{"id":8,"name":"other","state":"revoked"}""")
        .On(ApiPaths.Keys + "/current/rotate", _ => FakeService.Json(Issued(), HttpStatusCode.Created))
        .On(ApiPaths.Keys + "/current/regenerate", _ => FakeService.Json(Issued(), HttpStatusCode.Created))
        .On(ApiPaths.Keys + "/8/rotate", _ => FakeService.Json(Issued(), HttpStatusCode.Created))
        .On(ApiPaths.Keys + "/8/regenerate", _ => FakeService.Json(Issued(), HttpStatusCode.Created))
        .On(ApiPaths.RevokeKeys, """{"revoked":1}""")
        .On(V1Paths.FolderLs, asked => FakeService.Json(asked.Text.Contains("\"folder_id\":0", StringComparison.Ordinal)
            ? """{"status":"OK","sub_folders":[{"id":5,"name":"dir","create_date":""}],"items":[{"filename":"a.txt","size":5,"date":"","url":"https://files.example.org/?abcdefghij"}]}"""
            : """{"status":"OK","sub_folders":[],"items":[]}"""))
        .On(V1Paths.UserInfo, """{"status":"OK","offer":"1","cold_storage":1,"allowed_cold_storage":2}""")
        .On(V1Paths.FileInfo, """{"url":"https://files.example.org/?abcdefghij","filename":"a.txt","size":5}""")
        .On(V1Paths.DownloadToken, $$"""{"status":"OK","url":"{{Link}}"}""")
        .On("/d/" + Token, _ => download?.Invoke() ?? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent("hello"u8.ToArray()) })
        .On(V1Paths.UploadServer, $$"""{"url":"files.example.org","id":"{{UploadId}}"}""")
        .On(V1Paths.Upload, _ => FakeService.Redirect("/end.pl?xid=" + UploadId))
        .On(V1Paths.UploadEnd, """{"incoming":0,"links":[{"download":"https://files.example.org/?abcdefghik","filename":"up.txt","size":"5"}]}""")
        .On(V1Paths.FolderMkdir, """{"status":"OK","folder_id":9,"name":"new"}""")
        .On(V1Paths.FolderRm, """{"status":"OK"}""")
        .On(V1Paths.FileRm, """{"status":"OK","removed":1}""")
        .On(V1Paths.FileCp, """{"status":"OK","copied":1,"urls":[]}""")
        .On(V1Paths.FileRename, """{"status":"OK","renamed":1}""")
        .On(V1Paths.FileChattr, """{"status":"OK","updated":1}""")
        .On(V1Paths.RemoteRequest, """{"status":"OK","id":3}""")
        .On(V1Paths.RemoteLs, """{"status":"OK","data":[{"id":3,"request_date":"","execution_date":"2026-06-01 15:00:00"}]}""")
        .On(V1Paths.RemoteInfo, $$"""{"id":3,"execution_date":"2026-06-01 15:00:00","links":["{{SecretUrl}}"],"result":[{"status":"KO","url":"{{SecretUrl}}","message":"404 at {{SecretUrl}}"}]}""");

    private string Issued() => $$"""{"key":{"id":9,"name":"ci","state":"pending"},"secret":"{{_newKey}}"}""";

    /// <summary>A service that answers every call so.</summary>
    private static FakeService Evil(Func<string, HttpResponseMessage> answer)
    {
        var service = new FakeService();
        string[] native = [ApiPaths.CurrentKey, ApiPaths.Keys, ApiPaths.Keys + "/7", ApiPaths.Keys + "/8", ApiPaths.RevokeKeys, .. Replacing("current"), .. Replacing("8")];
        string[] v1 =
        [
            V1Paths.FolderLs, V1Paths.UserInfo, V1Paths.FileInfo, V1Paths.DownloadToken, V1Paths.UploadServer, V1Paths.FolderMkdir, V1Paths.FolderRm, V1Paths.FileRm,
            V1Paths.FileCp, V1Paths.FileRename, V1Paths.FileChattr, V1Paths.RemoteRequest, V1Paths.RemoteLs, V1Paths.RemoteInfo,
        ];
        foreach (var path in native.Concat(v1))
        {
            service.On(path, _ => answer(path));
        }

        return service;
    }

    private static string[] Replacing(string id) => [$"{ApiPaths.Keys}/{id}/rotate", $"{ApiPaths.Keys}/{id}/regenerate"];
}
