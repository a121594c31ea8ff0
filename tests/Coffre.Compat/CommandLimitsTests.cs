using System.Globalization;
using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>The command on a server with 1fichier's published limits: not one lock, and few calls.</summary>
[Collection(nameof(Alone))]
public sealed class CommandLimitsTests
{
    private const int Folders = 12;
    private const int FilesEach = 40;

    [Fact]
    public async Task A_tree_goes_up_and_a_second_run_changes_nothing_without_one_lock()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Settings = ["Limits:Profile=1fichier"] });
        using var folder = new TempFolder();
        for (var i = 0; i < Folders * FilesEach; i++)
        {
            folder.Write(string.Create(CultureInfo.InvariantCulture, $"tree/d{i % Folders}/f{i}"), string.Create(CultureInfo.InvariantCulture, $"file {i}"));
        }

        var first = await RunAsync(server, folder, "put", folder["tree"], ":/");
        var second = await RunAsync(server, folder, "put", folder["tree"], ":/");

        Assert.Equal(Folders + 1, first["POST v1/folder/mkdir.cgi"].Calls);
        Assert.Equal(Folders, first["POST upload.cgi"].Calls);
        Assert.InRange(first["POST v1/folder/ls.cgi"].Calls, 1, 2);
        Assert.InRange(second.Values.Sum(count => count.Calls), 0, Folders + 2);
        Assert.All(first.Values.Concat(second.Values), count => Assert.Equal(0, count.Refused));
        Assert.DoesNotContain("Flood", server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_that_start_together_share_one_budget()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Settings = ["Limits:Profile=1fichier"] });
        using var folder = new TempFolder();
        var names = Enumerable.Range(0, 6).Select(i => string.Create(CultureInfo.InvariantCulture, $"n{i}")).ToArray();

        var counts = await Task.WhenAll(
            RunAsync(server, folder, ["mkdir", .. names.Select(name => ":/a/" + name)]),
            RunAsync(server, folder, ["mkdir", .. names.Select(name => ":/b/" + name)]));

        Assert.All(counts.SelectMany(count => count.Values), count => Assert.Equal(0, count.Refused));
    }

    private static async Task<Dictionary<string, (int Calls, int Refused)>> RunAsync(ServerProcess server, TempFolder folder, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = folder.Path,
            ["COFFRE_URL"] = server.Address.ToString(),
            ["COFFRE_API_KEY"] = server.ApiKey,
        };
        var run = await Tool.RunAsync(
            Repository.Command[0],
            [.. Repository.Command.Skip(1), .. arguments, "--json", "--explain-requests"],
            environment: environment,
            timeout: TimeSpan.FromMinutes(5));
        return JsonElement.Parse(run.Ok().Output).GetProperty("requests").EnumerateArray().ToDictionary(
            count => count.GetProperty("endpoint").GetString()!,
            count => (count.GetProperty("calls").GetInt32(), count.GetProperty("refused").GetInt32()));
    }
}
