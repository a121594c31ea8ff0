using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>Remote uploads by HTTPS, from Python's own web server with a certificate of an authority of ours.</summary>
public sealed class RemoteHttpsTests : IAsyncLifetime
{
    // Anything but /down gives the file; /down leads to an address without TLS.
    private const string Script =
        """
        import http.server, ssl, sys
        port, certificate, key, content, down = int(sys.argv[1]), sys.argv[2], sys.argv[3], open(sys.argv[4], 'rb').read(), sys.argv[5]
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                leads = self.path.startswith('/down')
                self.send_response(302 if leads else 200)
                self.send_header('Location', down) if leads else self.send_header('Content-Length', str(len(content)))
                self.end_headers()
                if not leads:
                    self.wfile.write(content)
        server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
        """;

    private static readonly string[] Open = ["Remote:AllowNetworks=127.0.0.0/8", "Remote:Ports=0", "Remote:Tries=1"];

    private readonly TempFolder _folder = new();
    private readonly byte[] _content = Bytes.Random(2_000_000);
    private readonly int _port = Ports.Take();
    private CertificateAuthority _authority = null!;
    private ServerProcess _server = null!;
    private Process? _source;

    private string Source => string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{_port}");

    public async ValueTask InitializeAsync()
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(Python), "There is no python3 on this machine.");
        _authority = await CertificateAuthority.GetAsync();
        _server = await ServerProcess.StartAsync(new ServerOptions { Settings = Open, Environment = new Dictionary<string, string> { ["SSL_CERT_FILE"] = _authority.Authority } });
        _source = Tool.Start(
            Python,
            ["-c", Script, _port.ToString(CultureInfo.InvariantCulture), _authority.Certificate, _authority.CertificateKey, _folder.Write("content", _content), $"{_server.Address}healthz"]);
        _ = _source.StandardOutput.ReadToEndAsync();
        _ = _source.StandardError.ReadToEndAsync();
        await Until.HoldsAsync(() => Ports.ListensAsync(_port), "the source listens");
    }

    public async ValueTask DisposeAsync()
    {
        if (_source is { HasExited: false })
        {
            _source.Kill();
            await _source.WaitForExitAsync();
        }

        _source?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task A_file_comes_by_https_from_whom_the_machine_trusts_and_nobody_leads_down_to_http()
    {
        using var client = V1Client.For(_server);

        var fetched = await FetchAsync(client, Source + "/a.bin");
        Assert.True(fetched.GetProperty("status").GetString() == "OK", fetched.ToString());
        Assert.Equal(_content, await client.DownloadAsync(fetched.GetProperty("download_link").GetString()!));

        var down = await FetchAsync(client, Source + "/down");
        Assert.Equal("The source could not be reached", down.GetProperty("message").GetString());
        Assert.Equal(["a.bin (2000000)"], await client.ListAsync());
        _server.AssertNoFault();
    }

    [Fact]
    public async Task A_certificate_that_the_machine_does_not_trust_gives_nothing()
    {
        await using var careful = await ServerProcess.StartAsync(new ServerOptions { Settings = Open });
        using var client = V1Client.For(careful);

        var refused = await FetchAsync(client, Source + "/a.bin");

        Assert.Equal("The source could not be reached", refused.GetProperty("message").GetString());
        Assert.Empty(await client.ListAsync());
        careful.AssertNoFault();
    }

    private static async Task<JsonElement> FetchAsync(V1Client client, string url)
    {
        var asked = await client.PostAsync("remote/request.cgi", new { urls = new[] { url } });
        var id = asked.Json.GetProperty("id").GetInt64();
        JsonElement info = default;
        await Until.HoldsAsync(async () => (info = (await client.PostAsync("remote/info.cgi", new { id })).Json).GetProperty("execution_date").GetString() != "", "the request has ended");
        return info.GetProperty("result")[0];
    }
}
