using System.Globalization;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>The drop zone with the clients that people have, over explicit TLS and plain.</summary>
public sealed class FtpTests : IAsyncLifetime
{
    private const string Email = "ann@example.org";
    private const string Password = "correct horse";
    private readonly TempFolder _folder = new();
    private readonly int _port = Ports.Take();
    private ServerProcess _server = null!;
    private V1Client _client = null!;
    private CertificateAuthority _authority = null!;

    public async ValueTask InitializeAsync()
    {
        _authority = await CertificateAuthority.GetAsync();
        _server = await ServerProcess.StartAsync(new ServerOptions
        {
            Https = true,
            Settings = [string.Create(CultureInfo.InvariantCulture, $"Ftp:Port={_port}")],
        });
        var key = await _server.AddAccountAsync(Email, "1GB");
        _client = V1Client.For(_server, key);
        (await Tool.RunAsync(
            "dotnet", [Repository.ServerDll, "account", "password", Email, "--data", _server.DataFolder], System.Text.Encoding.UTF8.GetBytes(Password + "\n"))).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Curl_drops_a_file_over_tls_into_a_folder_that_it_makes()
    {
        var bytes = Bytes.Random(3_000_000);
        await File.WriteAllBytesAsync(_folder["backup ü.bin"], bytes);

        (await CurlAsync("--ssl-reqd", "--cacert", _authority.Authority, "--ftp-create-dirs", "-T", _folder["backup ü.bin"], Url("nightly/"))).Ok();

        var folder = (await _client.PostAsync("folder/ls.cgi", "{}")).Json.GetProperty("sub_folders")[0];
        Assert.Equal("nightly", folder.GetProperty("name").GetString());
        var file = (await _client.PostAsync("file/ls.cgi", new { folder_id = folder.GetProperty("id").GetInt64() })).Json.GetProperty("items")[0];
        Assert.Equal("backup ü.bin", file.GetProperty("filename").GetString());
        Assert.Equal(await Openssl.WhirlpoolAsync(_folder["backup ü.bin"]), file.GetProperty("checksum").GetString());
        _server.AssertNoFault();
    }

    [Fact]
    public async Task Curl_without_tls_is_turned_away_before_it_sends_a_password()
    {
        await File.WriteAllTextAsync(_folder["a"], "a");
        var refused = (await CurlAsync("-T", _folder["a"], Url(""), "-v")).Failed();
        Assert.Contains("AUTH TLS", refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("> PASS", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lftp_mirrors_a_tree_over_tls()
    {
        _folder.Write("tree/a.txt", "a");
        _folder.Write("tree/b c/d.txt", "d");
        _folder.Write("tree/b c/é/f.txt", "f");

        (await Tool.RunAsync(
            "lftp",
            [
                "-c",
                $"set ftp:ssl-force true; set ftp:ssl-protect-data true; set ssl:ca-file {_authority.Authority}; set ssl:check-hostname false; set net:max-retries 1; "
                + $"open -u {Email},'{Password}' ftp://127.0.0.1:{_port}; mirror -R --no-perms {_folder["tree"]} /tree",
            ],
            environment: new Dictionary<string, string> { ["HOME"] = _folder.Path }, timeout: TimeSpan.FromSeconds(60))).Ok();

        var all = (await _client.PostAsync("file/ls.cgi", """{"folder_id":-1}""")).Json.GetProperty("items").EnumerateArray();
        Assert.Equal(["a.txt", "d.txt", "f.txt"], all.Select(item => item.GetProperty("filename").GetString()).Order(StringComparer.Ordinal));
        _server.AssertNoFault();
    }

    private string Url(string path) => string.Create(CultureInfo.InvariantCulture, $"ftp://127.0.0.1:{_port}/{path}");

    private Task<ToolResult> CurlAsync(params string[] arguments) =>
        Tool.RunAsync("curl", ["-q", "-sS", "--user", $"{Email}:{Password}", .. arguments], timeout: TimeSpan.FromSeconds(60));
}
