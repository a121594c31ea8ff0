using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>A real nginx before the server, with the configuration that docs/operating.md gives: it sends the bytes, the server decides.</summary>
public sealed partial class NginxTests : IAsyncLifetime
{
    private const int Large = 300_000;
    private const int Small = 5000;
    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly int _port = Ports.Take();
    private System.Diagnostics.Process? _nginx;
    private ServerProcess _server = null!;
    private V1Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/nginx"), "There is no nginx on this machine (Debian: nginx-light).");
        _server = await ServerProcess.StartAsync(new ServerOptions
        {
            Settings = ["Limits:TrustedProxies=127.0.0.1", "Downloads:AccelPrefix=/coffre-bytes/"],
        });
        _client = V1Client.For(_server);
        _folder.Write("nginx.conf", Configuration());
        _nginx = Tool.Start("/usr/sbin/nginx", ["-p", _folder.Path, "-c", _folder["nginx.conf"], "-e", _folder["error.log"]]);
        _ = _nginx.StandardOutput.ReadToEndAsync();
        _ = _nginx.StandardError.ReadToEndAsync();
        await Until.HoldsAsync(() => Ports.ListensAsync(_port), "nginx listens");
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is { HasExited: false })
        {
            // The master ends its workers with itself.
            (await Tool.RunAsync("kill", [_nginx.Id.ToString(CultureInfo.InvariantCulture)])).Ok();
            await _nginx.WaitForExitAsync();
        }

        _nginx?.Dispose();
        _client?.Dispose();
        _http.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [InlineData(null, 0, Large, true)]
    [InlineData("bytes=0-0", 0, 1, true)]
    [InlineData("bytes=1000-250000", 1000, 249_001, true)]
    [InlineData("bytes=299990-", 299_990, 10, true)]
    [InlineData("bytes=-10", 299_990, 10, false)]
    [InlineData("bytes=299990-400000", 299_990, 10, false)]
    [InlineData("bytes=0-1,5-6", 0, Large, false)]
    [InlineData("bytes=5-3", 0, Large, false)]
    public async Task Bytes_and_headers_are_those_of_the_server_whoever_sends_them(string? range, int start, int length, bool byNginx)
    {
        var bytes = Bytes.Random(Large);
        var token = await TokenAsync("café.txt", bytes);
        using var direct = await GetAsync(_server.Port, token, ("Range", range));
        using var through = await GetAsync(_port, token, ("Range", range));

        Assert.Equal(bytes.AsSpan(start, length).ToArray(), await through.Content.ReadAsByteArrayAsync());
        Assert.Equal(direct.StatusCode, through.StatusCode);
        foreach (var name in new[]
        {
            "Content-Length", "Content-Range", "Content-Type", "Content-Disposition", "Last-Modified", "ETag", "Cache-Control", "Accept-Ranges",
            "X-Content-Type-Options", "Content-Security-Policy",
        })
        {
            Assert.Equal((name, Header(direct, name)), (name, Header(through, name)));
        }

        // The server writes what it did behind the answer.
        await Until.HoldsAsync(() => Regex.Count(_server.Log, " GET /p") == 2, "both requests are in the log");
        Assert.Equal(byNginx ? 1 : 0, Regex.Count(_server.Log, "Left file [0-9]+ of account"));
        Assert.Empty(Header(through, "X-Accel-Redirect"));
    }

    [Fact]
    public async Task Small_files_conditions_and_heads_are_answered_by_the_server()
    {
        var small = await TokenAsync("small.bin", Bytes.Random(Small));
        using (var answer = await GetAsync(_port, small))
        {
            Assert.Equal(Bytes.Random(Small), await answer.Content.ReadAsByteArrayAsync());
        }

        var large = await TokenAsync("large.bin", Bytes.Random(Large));
        using (var head = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Head, At(_port, large))))
        {
            Assert.Equal((HttpStatusCode.OK, Large), (head.StatusCode, head.Content.Headers.ContentLength));
        }

        using var first = await GetAsync(_server.Port, large);
        var tag = Header(first, "ETag");
        using (var same = await GetAsync(_port, large, ("If-None-Match", tag)))
        {
            Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
        }

        using (var part = await GetAsync(_port, large, ("If-Range", tag), ("Range", "bytes=5-9")))
        {
            Assert.Equal(Bytes.Random(Large)[5..10], await part.Content.ReadAsByteArrayAsync());
        }

        using (var whole = await GetAsync(_port, large, ("If-Range", "\"other\""), ("Range", "bytes=5-9")))
        {
            Assert.Equal((HttpStatusCode.OK, Large), (whole.StatusCode, (await whole.Content.ReadAsByteArrayAsync()).Length));
        }

        Assert.DoesNotContain("Left file", _server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_reaches_the_location_of_the_bytes_from_outside()
    {
        await TokenAsync("large.bin", Bytes.Random(Large));
        var blob = Directory.EnumerateFiles(Path.Combine(_server.DataFolder, "store", "blobs"), "*", SearchOption.AllDirectories).Single();
        var path = "/coffre-bytes/" + Path.GetRelativePath(Path.Combine(_server.DataFolder, "store"), blob);
        foreach (var way in new[] { path, "//" + path[1..], "/x/.." + path, path.Replace("coffre-bytes", "coffre%2Dbytes", StringComparison.Ordinal), "/coffre-bytes/../data/secrets/pepper" })
        {
            // As it is written: HttpClient would tidy it up.
            var result = await Tool.RunAsync("curl", ["-sS", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", $"http://127.0.0.1:{_port}{way}"]);
            Assert.Matches("^4", result.Ok().Output);
        }
    }

    [Fact]
    public async Task A_token_that_was_forged_or_whose_key_has_ended_gets_no_bytes()
    {
        var token = await TokenAsync("large.bin", Bytes.Random(Large));
        var path = token.AbsolutePath;
        using (var forged = await _http.GetAsync(new Uri($"http://127.0.0.1:{_port}{path[..^1]}{(path[^1] == '1' ? '2' : '1')}")))
        {
            Assert.False(forged.IsSuccessStatusCode);
        }

        var removed = await _client.PostAsync("file/rm.cgi", $$"""{"files":[{"url":"{{_link}}"}]}""");
        Assert.Equal(HttpStatusCode.OK, removed.Status);
        using var gone = await GetAsync(_port, token);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Who_is_no_nginx_of_ours_is_sent_the_bytes_themselves()
    {
        var token = await TokenAsync("large.bin", Bytes.Random(Large));

        // From a trusted address, but it does not say that it could.
        using var answer = await GetAsync(_server.Port, token);
        Assert.Equal(Large, (await answer.Content.ReadAsByteArrayAsync()).Length);
        Assert.Empty(Header(answer, "X-Accel-Redirect"));

        // It says so, but is not trusted.
        await using var other = await ServerProcess.StartAsync(new ServerOptions { Settings = ["Limits:TrustedProxies=10.9.8.7", "Downloads:AccelPrefix=/coffre-bytes/"] });
        using var client = V1Client.For(other);
        var elsewhere = await client.TokenAsync(await client.UploadAsync("a.bin", Bytes.Random(Large)));
        using var asked = await GetAsync(other.Port, elsewhere, ("X-Sendfile-Type", "X-Accel-Redirect"));
        Assert.Equal(Bytes.Random(Large), await asked.Content.ReadAsByteArrayAsync());
        Assert.Empty(Header(asked, "X-Accel-Redirect"));
    }

    private string _link = "";

    private async Task<Uri> TokenAsync(string name, byte[] bytes)
    {
        _link = await _client.UploadAsync(name, bytes);
        return await _client.TokenAsync(_link);
    }

    private static Uri At(int port, Uri token) => new($"http://127.0.0.1:{port}{token.PathAndQuery}");

    private Task<HttpResponseMessage> GetAsync(int port, Uri token, params (string Name, string? Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, At(port, token));
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return _http.SendAsync(request);
    }

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : "";

    /// <summary>The block of docs/operating.md, with this machine's port and folder, and what nginx needs around it.</summary>
    private string Configuration()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operating.md"));
        var block = BlockForm().Match(text).Groups["block"].Value;
        Assert.Contains("127.0.0.1:8710", block, StringComparison.Ordinal);
        Assert.Contains("/var/lib/coffre/store/", block, StringComparison.Ordinal);
        block = block.Replace("127.0.0.1:8710", $"127.0.0.1:{_server.Port}", StringComparison.Ordinal)
            .Replace("/var/lib/coffre/store/", $"{_server.DataFolder}/store/", StringComparison.Ordinal);
        return $$"""
            daemon off;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes 1;
            pid {{_folder["pid"]}};
            error_log {{_folder["error.log"]}};
            events { worker_connections 64; }
            http {
                access_log off;
                default_type application/octet-stream;
                client_body_temp_path {{_folder["body"]}};
                proxy_temp_path {{_folder["proxy"]}};
                fastcgi_temp_path {{_folder["fastcgi"]}};
                uwsgi_temp_path {{_folder["uwsgi"]}};
                scgi_temp_path {{_folder["scgi"]}};
                server {
                    listen 127.0.0.1:{{_port}};
                    {{block}}
                }
            }
            """;
    }

    [GeneratedRegex("^```nginx\\n(?<block>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex BlockForm();
}
