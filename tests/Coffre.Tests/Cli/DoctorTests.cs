using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Coffre.Cli.Health;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>What <c>doctor</c> looks at, what it says is wrong, and that it asks the service once at most.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class DoctorTests : IDisposable
{
    private readonly CliRunner _cli = new();
    private readonly FakeService _service = new();

    public DoctorTests()
    {
        _cli.Handler = _service;
        _cli.Time = _service.Clock;
    }

    public void Dispose() => _cli.Dispose();

    private void LogInBy(string key, string url)
    {
        _cli.Variables["COFFRE_API_KEY"] = key;
        _cli.Variables["COFFRE_URL"] = url;
    }

    private async Task<(CliOutcome Outcome, Dictionary<string, JsonElement> Found)> LookAsync(params string[] more)
    {
        var outcome = await _cli.RunAsync(["doctor", "--json", .. more]);
        var found = outcome.Results.ToDictionary(result => result.GetProperty("check").GetString()!, StringComparer.Ordinal);
        Assert.All(found.Values, finding => Assert.Equal(finding.GetProperty("state").GetString() is "warning" or "problem", finding.TryGetProperty("cure", out var cure) && cure.GetString()!.Length > 5));
        return (outcome, found);
    }

    private static string StateOf(Dictionary<string, JsonElement> found, string check) => found[check].GetProperty("state").GetString()!;

    private FakeService KeyAnswers(Func<HttpResponseMessage> answer) => _service.On(ApiPaths.CurrentKey, _ =>
    {
        var response = answer();
        response.Headers.Date ??= _service.Clock.GetUtcNow();
        return response;
    });

    [Fact]
    public async Task Everything_is_well_with_one_call_of_a_real_server()
    {
        await using var server = await TestServer.StartAsync();
        using var cli = new CliRunner();
        (await cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();

        var outcome = (await cli.RunAsync("doctor", "--json", "--explain-requests")).Ok();

        Assert.All(outcome.Results, result => Assert.Contains(result.GetProperty("state").GetString(), new[] { "ok", "warning" }));
        Assert.Equal(1, outcome.Json.GetProperty("requests").EnumerateArray().Sum(call => call.GetProperty("calls").GetInt32()));
        Assert.Equal(
            ["version", "library", "config", "state", "room", "old state", "keyring", "login", "proxy", "DNS", "TLS", "budget", "key", "clock"],
            outcome.Results.Select(result => result.GetProperty("check").GetString()));
    }

    [Fact]
    public async Task Without_a_login_it_says_so_and_asks_nothing()
    {
        var (outcome, found) = await LookAsync();

        outcome.Ok();
        Assert.Equal("warning", StateOf(found, "login"));
        Assert.Equal("skipped", StateOf(found, "network"));
        Assert.Empty(_service.Asked);
        Assert.DoesNotContain("DNS", (await LookAsync("--offline")).Found.Keys);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "not_authenticated", 3)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "unavailable", 7)]
    public async Task A_key_that_is_refused_or_a_service_that_is_out_ends_with_its_exit_code_after_one_call(HttpStatusCode status, string code, int exitCode)
    {
        LogInBy(ApiKey.New(), "https://files.example.org");
        KeyAnswers(() => FakeService.Problem(code, status));

        var (outcome, found) = await LookAsync();

        outcome.Is((ExitCode)exitCode);
        Assert.Equal("problem", StateOf(found, "key"));
        Assert.Single(_service.Asked);
        Assert.Equal("unhealthy", outcome.Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Old_servers_and_1fichier_com_are_asked_once_too()
    {
        LogInBy(ApiKey.New(), "https://files.example.org");
        KeyAnswers(() => FakeService.Html("<h1>Not found</h1>", HttpStatusCode.NotFound));
        Assert.Equal("warning", StateOf((await LookAsync()).Found, "key"));
        Assert.Single(_service.Asked);

        using var other = new CliRunner { Handler = _service, Time = _service.Clock };
        other.Variables["COFFRE_API_KEY"] = "0123456789abcdefghijklmnopqrstuv";
        _service.On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");
        (await other.RunAsync("doctor")).Ok();
        Assert.Equal(2, _service.Asked.Count);
    }

    [Fact]
    public async Task Right_after_another_listing_on_1fichier_com_the_key_is_not_tried_and_nothing_is_wrong()
    {
        LogInBy("0123456789abcdefghijklmnopqrstuv", "https://api.1fichier.com");
        _service.On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");
        Assert.Equal("ok", StateOf((await LookAsync()).Found, "key"));

        var (outcome, found) = await LookAsync();

        outcome.Ok();
        Assert.Equal("skipped", StateOf(found, "key"));
        Assert.Contains("a moment ago", found["key"].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Single(_service.Asked);
    }

    [Fact]
    public async Task A_clock_that_is_wrong_a_key_that_ends_and_a_proxy_are_told()
    {
        LogInBy(ApiKey.New(), "https://files.example.org");
        KeyAnswers(() =>
        {
            var answer = FakeService.Json("""{"id":7,"name":"nas","state":"active","scopes":["read"],"expires_at":"2026-06-03T00:00:00Z"}""");
            answer.Headers.Date = _service.Clock.GetUtcNow().AddHours(1);
            return answer;
        });

        var (outcome, found) = await LookAsync();

        outcome.Ok();
        Assert.Contains("3600 s behind the service", found["clock"].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(("warning", "warning"), (StateOf(found, "clock"), StateOf(found, "key")));
    }

    [Fact]
    public async Task A_lock_is_told_with_its_time_and_the_service_is_left_alone()
    {
        LogInBy("0123456789abcdefghijklmnopqrstuv", "https://api.1fichier.com");
        _service.On(V1Paths.FolderLs, """{"status":"KO","message":"IP Locked #186"}""", HttpStatusCode.Forbidden);
        (await _cli.RunAsync("ls", ":/", "--retries", "0")).Is(ExitCode.TryLater);
        _service.Asked.Clear();

        var (outcome, found) = await LookAsync();

        outcome.Is(ExitCode.TryLater);
        Assert.Contains("IP Locked", found["budget"].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("skipped", StateOf(found, "key"));
        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task Names_without_address_and_bad_certificates_are_problems_of_the_network()
    {
        LogInBy(ApiKey.New(), "https://files.example.org");
        KeyAnswers(() => FakeService.Json("""{"id":7,"name":"x","state":"active","scopes":[]}"""));
        _cli.Resolve = (_, _) => throw new SocketException((int)SocketError.HostNotFound);
        Assert.Equal("problem", StateOf((await LookAsync()).Found, "DNS"));
        _cli.Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
        var soon = _service.Clock.GetUtcNow();
        foreach (var (facts, state) in new[]
        {
            (new TlsFacts(SslProtocols.Tls13, soon.AddDays(90), "its issuer is not known here"), "problem"),
            (new TlsFacts(SslProtocols.Tls13, soon.AddDays(3), null), "warning"),
            (new TlsFacts(SslProtocols.Tls13, soon.AddDays(90), null), "ok"),
        })
        {
            _cli.Shake = (_, _) => Task.FromResult(facts);
            var (outcome, found) = await LookAsync();
            Assert.Equal(state, StateOf(found, "TLS"));
            outcome.Is(state == "problem" ? ExitCode.Network : ExitCode.Success);
        }
    }

    [Fact]
    public async Task Files_that_others_can_read_broken_state_and_a_folder_that_cannot_be_written_are_found()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        var config = _cli.Write("config/coffre/profiles.json", """{"version":1,"profiles":{}}""");
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var (outcome, found) = await LookAsync("--offline");
        outcome.Is(ExitCode.Usage);
        Assert.Contains("chmod go= " + config, found["config"].GetProperty("cure").GetString(), StringComparison.Ordinal);

        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _cli.Write("state/coffre/jobs/x.json", "{ not json");
        File.SetUnixFileMode(_cli.Local("state/coffre"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        found = (await LookAsync("--offline")).Found;
        Assert.Equal("warning", StateOf(found, "old state"));

        await File.WriteAllTextAsync(config, "{ not json");
        (await LookAsync("--offline")).Outcome.Is(ExitCode.Usage);
        File.Delete(config);
        _cli.Write("nowhere", "a file");
        _cli.Variables["XDG_STATE_HOME"] = _cli.Local("nowhere");
        Assert.Equal("problem", StateOf((await LookAsync("--offline")).Found, "state"));
    }

    [Fact]
    public async Task A_real_handshake_tells_the_end_and_distrust_of_a_certificate_and_of_what_speaks_no_tls()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var end = TimeProvider.System.GetUtcNow().AddDays(3);
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), end);
        using var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"https://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        var serving = Task.Run(async () =>
        {
            using (var client = await listener.AcceptTcpClientAsync())
            {
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(certificate);
                _ = await stream.ReadAsync(new byte[1]);
            }

            using var plain = await listener.AcceptTcpClientAsync();
            await plain.GetStream().WriteAsync("HTTP/1.1 400 no\r\n\r\n"u8.ToArray());
        });

        var facts = await TlsHandshake.TryAsync(url, CancellationToken.None);

        Assert.NotNull(facts.Trouble);
        Assert.InRange(facts.Ends, end.AddMinutes(-1), end.AddMinutes(1));
        await Assert.ThrowsAsync<IOException>(() => TlsHandshake.TryAsync(url, CancellationToken.None));
        await serving;
        listener.Stop();
        await Assert.ThrowsAsync<SocketException>(() => TlsHandshake.TryAsync(url, CancellationToken.None));
    }
}
