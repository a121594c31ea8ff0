using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>gitleaks and trufflehog with the rules of <c>integrations/</c>: they find keys, and pass over what only looks like them.</summary>
public sealed class ScannerTests
{
    private static readonly string Programs = Repository.Artifact("tools", "scanners", "usr", "bin");

    // In two pieces: this file is no leak.
    private static readonly string[] Keys =
    [
        "cof_" + "aZ09bY18cX27dW36eV45fU54gT63", "cof_" + "Qm83kdLs02MzPq91xCvBn47TyUi5", "Kd83-s_02MzPq91x" + "CvBn47TyUi5Lw7R=", "Zd83-s_02MzPq91x" + "CvBn47TyUi5Lw7RA",
        "Xd83-s_02MzPq91x" + "CvBn47TyUi5Lw7Rz",
    ];

    [Fact]
    public async Task Gitleaks_finds_them_in_files()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Programs, "gitleaks")), "gitleaks could not be had.");
        using var folder = new TempFolder();
        var corpus = Fill(folder);

        await Tool.RunAsync(
            Path.Combine(Programs, "gitleaks"),
            ["dir", "--no-banner", "--config", Rules("gitleaks/coffre.toml"), "--report-format", "json", "--report-path", folder["report.json"], corpus]);

        using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(folder["report.json"]));
        Assert.Equal(
            Keys.Order(StringComparer.Ordinal),
            report.RootElement.EnumerateArray().Select(found => found.GetProperty("Secret").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Trufflehog_finds_them_in_files()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Programs, "trufflehog")), "trufflehog could not be had.");
        using var folder = new TempFolder();
        var corpus = Fill(folder);

        var said = await Tool.RunAsync(
            Path.Combine(Programs, "trufflehog"),
            ["filesystem", "--no-update", "--no-verification", "--json", "--config", Rules("trufflehog/coffre.yaml"), corpus],
            environment: new Dictionary<string, string> { ["HOME"] = folder.Path });

        // What it tells is the whole match; the release that Debian has knows no filters, so that examples are told too.
        var raw = said.Output.Split('\n').Where(line => line.Contains("\"Raw\"", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Raw").GetString()!).ToList();
        Assert.All(Keys, key => Assert.Single(raw, found => found.Contains(key, StringComparison.Ordinal)));
        Assert.DoesNotContain(raw, found => found.Contains("d41d8cd9", StringComparison.Ordinal) || found.Contains("short", StringComparison.Ordinal) || found.Contains("nearby", StringComparison.Ordinal));
    }

    private static string Rules(string name) => Path.Combine(Repository.Root, "integrations", name);

    private static string Fill(TempFolder folder)
    {
        folder.Write("corpus/a.env", $"A={Keys[0]}\n");
        folder.Write("corpus/b.txt", $"GET /cb?k=%22{Keys[1]}%22 HTTP/1.1\n");
        folder.Write("corpus/rclone.conf", $"[home]\ntype = fichier\napi_key = {Keys[2]}\n");
        folder.Write("corpus/x.sh", $"curl https://api.1fichier.com/v1/user/info.cgi -H \"Authorization: Bearer {Keys[3]}\"\n");
        folder.Write("corpus/e.env", $"ONEFICHIER_API_KEY={Keys[4]}\n");
        folder.Write("corpus/misses.txt", """
            1fichier md5 key: d41d8cd98f00b204e9800998ecf8427e
            cof_short, cof_…ab12, the_cof_house_of_1fichier
            """);
        folder.Write("corpus/example.txt", "cof_exampleexampleexample1234567\n1fichier api_key=your_1fichier_api_key_goes_here0\n");
        folder.Write("corpus/elsewhere.txt", "nothing nearby: Yd83-s_02MzPq91xCvBn47TyUi5Lw7Rz\n");
        return folder["corpus"];
    }
}
