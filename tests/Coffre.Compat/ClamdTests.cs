using System.Globalization;
using System.Net;
using System.Text;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>A real clamd, with a signature of our own for the EICAR test file: the public ones need a download.</summary>
public sealed class ClamdTests : IAsyncLifetime
{
    // In two parts, so that no scanner takes this source for the thing itself.
    private static readonly string Eicar = @"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*";

    private readonly TempFolder _folder = new();
    private System.Diagnostics.Process? _clamd;
    private ServerProcess _server = null!;
    private V1Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/clamd"), "There is no clamd on this machine (Debian: clamav-daemon).");
        var port = Ports.Take();
        _folder.Write("signatures/test.ndb", $"Coffre.Test.Eicar:0:*:{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(Eicar))}\n");
        _folder.Write(
            "clamd.conf",
            string.Create(CultureInfo.InvariantCulture, $"Foreground yes\nTCPSocket {port}\nTCPAddr 127.0.0.1\nDatabaseDirectory {_folder["signatures"]}\nStreamMaxLength 2M\nMaxThreads 2\n"));
        _clamd = Tool.Start("/usr/sbin/clamd", ["--config-file=" + _folder["clamd.conf"]]);
        _ = _clamd.StandardOutput.ReadToEndAsync();
        _ = _clamd.StandardError.ReadToEndAsync();
        await Until.HoldsAsync(() => Ports.ListensAsync(port), "clamd listens");
        _server = await ServerProcess.StartAsync(new ServerOptions { Settings = [string.Create(CultureInfo.InvariantCulture, $"Scan:Clamd=127.0.0.1:{port}")] });
        _client = V1Client.For(_server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_clamd is { HasExited: false })
        {
            _clamd.Kill();
            await _clamd.WaitForExitAsync();
        }

        _clamd?.Dispose();
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task The_test_virus_is_found_a_clean_file_is_not_and_what_clamd_finds_too_large_is_told()
    {
        var bad = await ScanAsync(await _client.UploadAsync("eicar.com", Encoding.ASCII.GetBytes(Eicar)));
        Assert.Equal(HttpStatusCode.Forbidden, bad.Status);
        Assert.Contains("Coffre.Test.Eicar", bad.Body, StringComparison.Ordinal);

        var clean = await ScanAsync(await _client.UploadAsync("clean.bin", Bytes.Random(1_500_000)));
        Assert.Equal(HttpStatusCode.OK, clean.Status);
        Assert.Equal("OK", clean.Json.GetProperty("status").GetString());

        var large = await ScanAsync(await _client.UploadAsync("large.bin", Bytes.Random(5_000_000)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.Status);
        _server.AssertNoFault();
    }

    private Task<Answer> ScanAsync(string link) => _client.PostAsync("file/scan.cgi", new { url = link });
}
