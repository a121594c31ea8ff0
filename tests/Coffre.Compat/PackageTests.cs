using System.IO.Compression;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>The packages of the SDK come out with what belongs into them.</summary>
[Collection(nameof(Alone))]
public sealed class PackageTests
{
    [Fact]
    public async Task Packages_have_their_assembly_its_documentation_a_readme_and_a_licence()
    {
        using var folder = new TempFolder();
        foreach (var project in new[] { "Coffre.Hashing", "Coffre.Protocol", "Coffre.Client", "Coffre.Client.Testing" })
        {
            // What ./test has built is packed: nothing is compiled again.
            (await Tool.RunAsync(
                "dotnet",
                ["pack", Path.Combine(Repository.Root, "src", project, project + ".csproj"), "-c", "Release", "--no-build", "--no-restore", "-v:quiet", "-o", folder.Path],
                environment: new Dictionary<string, string> { ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0", ["MSBUILDDISABLENODEREUSE"] = "1" })).Ok();

            using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(folder.Path, $"{project}.0*.nupkg")));
            var names = package.Entries.Select(entry => entry.FullName).ToList();
            Assert.Contains("README.md", names);
            Assert.Contains($"lib/net10.0/{project}.dll", names);
            Assert.Contains($"lib/net10.0/{project}.xml", names);
            using var reader = new StreamReader(await package.GetEntry(project + ".nuspec")!.OpenAsync());
            var nuspec = await reader.ReadToEndAsync();
            Assert.Contains("""<license type="expression">MIT</license>""", nuspec, StringComparison.Ordinal);
            Assert.Contains("<readme>README.md</readme>", nuspec, StringComparison.Ordinal);
            Assert.DoesNotContain("Package Description", nuspec, StringComparison.Ordinal);
        }
    }
}
