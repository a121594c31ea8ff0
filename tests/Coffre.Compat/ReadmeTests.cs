using System.Text;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>What the README tells people to paste is run from the README itself, so that it cannot rot.</summary>
public sealed class ReadmeTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    public static TheoryData<string> Recipes => [.. ReadmeRecipes.All.Select(recipe => recipe.Name)];

    [Fact]
    public void The_readme_shows_an_upload_and_a_nightly_dump()
    {
        var names = ReadmeRecipes.All.Select(recipe => recipe.Name).ToList();

        Assert.Contains("recipe-upload", names);
        Assert.Contains("recipe-nightly-dump", names);
    }

    [Theory(SkipTestWithoutData = false)]
    [MemberData(nameof(Recipes))]
    public async Task A_recipe_prints_links_and_every_byte_comes_back_through_them(string name)
    {
        using var folder = new TempFolder();
        using var client = V1Client.For(fixture.Server);

        var said = (await RunAsync(ReadmeRecipes.Get(name), folder)).Ok();

        var links = V1Client.LinksIn(said.Output);
        Assert.True(links.Count > 0, "No link in what it printed: " + said.Describe());
        foreach (var link in links)
        {
            await AssertComesBackAsync(client, link, folder);
        }

        fixture.Server.AssertNoFault();
    }

    [Fact]
    public async Task The_nightly_dump_lands_in_a_named_folder_and_is_whole()
    {
        using var folder = new TempFolder();
        using var client = V1Client.For(fixture.Server);

        var said = (await RunAsync(ReadmeRecipes.Get("recipe-nightly-dump"), folder)).Ok();

        var link = Assert.Single(V1Client.LinksIn(said.Output));
        Assert.NotEqual("", (await client.InfoAsync(link)).GetProperty("path").GetString());
        (await Tool.RunAsync("gzip", ["--test"], await client.DownloadAsync(link))).Ok();
    }

    private Task<ToolResult> RunAsync(string script, TempFolder folder) =>
        Tool.RunAsync(
            "bash",
            ["-euo", "pipefail"],
            Encoding.UTF8.GetBytes(script),
            environment: new Dictionary<string, string>
            {
                ["COFFRE_URL"] = fixture.Server.Address.ToString().TrimEnd('/'),
                ["COFFRE_API_KEY"] = fixture.Server.ApiKey,
                ["HOME"] = folder.Path,
            },
            folder: folder.Path);

    private static async Task AssertComesBackAsync(V1Client client, string link, TempFolder folder)
    {
        var info = await client.InfoAsync(link);
        var bytes = await client.DownloadAsync(link);
        Assert.Equal(info.GetProperty("size").GetInt64(), bytes.LongLength);
        Assert.Equal(info.GetProperty("checksum").GetString(), await Openssl.WhirlpoolAsync(bytes));

        // A recipe may stream what it sends; when it sent a file, the file is still there to compare with.
        var original = folder[info.GetProperty("filename").GetString()!];
        if (File.Exists(original))
        {
            Assert.Equal(await File.ReadAllBytesAsync(original), bytes);
        }
    }
}
