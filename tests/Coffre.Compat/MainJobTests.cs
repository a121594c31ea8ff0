using System.Globalization;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>
/// The main job on real input: the whole installed .NET SDK (thousands of files, hundreds of megabytes, deep folders) goes up with the
/// command, is listed, and comes back into a new folder in which <c>diff -r</c> finds nothing.
/// </summary>
[Collection(nameof(Alone))]
public sealed class MainJobTests
{
    private const long MostServerMemory = 200_000_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task The_installed_sdk_goes_up_is_listed_and_comes_back_identical_in_bounded_memory()
    {
        var sdk = await InstalledSdkAsync();
        var files = Directory.EnumerateFiles(sdk, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        var size = files.Sum(file => new FileInfo(file).Length);
        await using var server = await ServerProcess.StartAsync();
        using var client = V1Client.For(server);
        using var folder = new TempFolder();

        var up = (await CoffreAsync(server, folder, "put", sdk + "/", ":/sdk")).Ok();
        var afterUp = server.PeakMemory();
        var listed = (await CoffreAsync(server, folder, "ls", ":/sdk")).Ok();
        var again = (await CoffreAsync(server, folder, "put", sdk + "/", ":/sdk")).Ok();
        var down = (await CoffreAsync(server, folder, "get", ":/sdk/", folder["back"])).Ok();

        var same = await Tool.RunAsync("diff", ["-r", "--no-dereference", sdk, folder["back"]], timeout: Limit);
        Assert.True(same.ExitCode == 0, same.Describe());
        Assert.All(Directory.EnumerateFileSystemEntries(sdk), entry => Assert.Contains(Path.GetFileName(entry), listed.Output, StringComparison.Ordinal));
        var kept = await client.ListAsync(-1);
        Assert.Equal(files.Count, kept.Count);
        Assert.Equal(size, await client.UsageAsync());
        for (var i = 0; i < 10; i++)
        {
            var path = files[i * files.Count / 10];
            Assert.Equal(await Openssl.WhirlpoolAsync(path), await ChecksumAsync(client, "sdk/" + Path.GetRelativePath(sdk, path)));
        }

        server.AssertNoFault();
        var peak = server.PeakMemory();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{files.Count} files, {size / 1e6:0} MB, with {string.Join(' ', Repository.Command)}\n"
            + $"put {up.Took.TotalSeconds:0.0} s ({size / 1e6 / up.Took.TotalSeconds:0} MB/s, {files.Count / up.Took.TotalSeconds:0} files/s), "
            + $"put again {again.Took.TotalSeconds:0.0} s, get {down.Took.TotalSeconds:0.0} s ({size / 1e6 / down.Took.TotalSeconds:0} MB/s)\n"
            + $"server: at most {afterUp / 1e6:0} MB of memory after put, {peak / 1e6:0} MB in all"));
        Assert.InRange(peak, 1, MostServerMemory);
    }

    private static Task<ToolResult> CoffreAsync(ServerProcess server, TempFolder folder, params string[] arguments) =>
        Tool.RunAsync(
            Repository.Command[0],
            [.. Repository.Command.Skip(1), .. arguments],
            timeout: Limit,
            environment: new Dictionary<string, string>
            {
                ["COFFRE_URL"] = server.Address.ToString().TrimEnd('/'),
                ["COFFRE_API_KEY"] = server.ApiKey,
                ["HOME"] = folder.Path,
                ["XDG_CONFIG_HOME"] = folder["config"],
            },
            folder: folder.Path);

    private static async Task<string> InstalledSdkAsync()
    {
        var found = (await Tool.RunAsync("bash", ["-c", "dirname \"$(readlink -f \"$(command -v dotnet)\")\""])).Ok().Output.Trim();
        Assert.True(Directory.Exists(Path.Combine(found, "sdk")), $"No SDK in {found}.");
        return found;
    }

    /// <summary>The checksum that the server tells for a path, found by the protocol alone, folder by folder.</summary>
    private static async Task<string?> ChecksumAsync(V1Client client, string path)
    {
        var names = path.Split('/');
        var folder = 0L;
        foreach (var name in names[..^1])
        {
            folder = (await client.FoldersAsync(folder))[name];
        }

        var items = (await client.PostAsync("file/ls.cgi", new { folder_id = folder })).Json.GetProperty("items");
        return items.EnumerateArray().Single(item => item.GetProperty("filename").GetString() == names[^1]).GetProperty("checksum").GetString();
    }
}
