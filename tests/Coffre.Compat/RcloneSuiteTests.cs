using System.Text.RegularExpressions;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

public sealed class RcloneSuiteHttp1Tests() : RcloneSuiteTests(http2: false);

public sealed class RcloneSuiteHttp2Tests() : RcloneSuiteTests(http2: true);

/// <summary>rclone's own conformance tests for this backend, unmodified. It waits 400 ms between calls, so they take their time.</summary>
public abstract partial class RcloneSuiteTests(bool http2)
{
    /// <summary>What the newest version passed against a careful imitation of the service; the rest it skips, because the backend lacks it.</summary>
    private const int LeastPassed = 88;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);

    [Fact]
    public async Task Every_one_of_its_tests_passes()
    {
        var program = Repository.Artifact("tools", "rclone-suite", "fichier.test");
        Assert.SkipUnless(File.Exists(program), "rclone's own tests could not be had on this machine; ./test says why.");
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Https = true, Public = "https://1fichier.com" });
        await using var proxy = new ConnectProxy(server.HttpsPort);
        folder.Write("rclone.conf", $"[TestFichier]\ntype = fichier\napi_key = {server.ApiKey}\n");

        // It looks for servers to start there; there are none.
        Directory.CreateDirectory(folder["fstest/testserver/init.d"]);

        var run = await Tool.RunAsync(
            program,
            ["-test.v", "-test.timeout", "24m", "-remote", "TestFichier:"],
            timeout: Limit,
            folder: folder.Path,
            environment: new Dictionary<string, string>
            {
                ["HOME"] = folder.Path,
                ["HTTPS_PROXY"] = proxy.Address.ToString(),
                ["SSL_CERT_FILE"] = (await CertificateAuthority.GetAsync()).Authority,
                ["RCLONE_CONFIG"] = folder["rclone.conf"],
                ["GODEBUG"] = http2 ? "" : "http2client=0",
            });

        var (passed, failed, skipped) = (Count(run, "PASS"), Count(run, "FAIL"), Count(run, "SKIP"));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"rclone {(await File.ReadAllTextAsync(Repository.Artifact("tools", "rclone-suite", "version"))).Trim()}: {passed} passed, {failed} failed, {skipped} skipped");
        Assert.True(run.ExitCode == 0 && failed == 0, run.Describe() + string.Join('\n', run.Lines.Where(line => line.Contains("FAIL", StringComparison.Ordinal))));
        Assert.InRange(passed, LeastPassed, int.MaxValue);
        Assert.Empty(proxy.Refused);
        Assert.Contains(http2 ? "HTTP/2 200" : "HTTP/1.1 200", server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(http2 ? "HTTP/1.1 200" : "HTTP/2 200", server.Log, StringComparison.Ordinal);
        server.AssertNoFault();
    }

    private static int Count(ToolResult run, string verdict) => run.Lines.Count(line => VerdictForm().Match(line).Groups["verdict"].Value == verdict);

    [GeneratedRegex("^ *--- (?<verdict>PASS|FAIL|SKIP): ")]
    private static partial Regex VerdictForm();
}
