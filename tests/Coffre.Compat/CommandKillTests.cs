using System.Security.Cryptography;
using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>
/// The command is killed again and again, at moments that chance chooses, while a file goes up and while it comes down. Whenever that
/// happens: never a second file, never a wrong byte; and what was sent again is counted on the line.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CommandKillTests
{
    private const int Kills = 20;
    private const int Length = 96 * 1024 * 1024;

    // What a killed download may have in the buffers of its sockets, and the bytes since the last note of what came.
    private const long Underway = 24 * 1024 * 1024;

    private readonly Random _random = new(20);

    [Fact]
    public async Task Twenty_kills_of_an_upload_leave_one_file_with_the_right_bytes()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var meter = new Meter(server.Port);
        using var folder = new TempFolder();
        var (path, bytes) = Write(folder);
        var environment = Environment(server, meter, folder);
        var (target, killed) = (0, 0);
        while (killed < Kills)
        {
            // Every fifth kill comes when the last bytes go out, or just after: the file may be there, and nobody was told.
            var after = killed % 5 == 4 ? Length + _random.Next(-2000, 2000) : _random.NextInt64(Length);
            var moment = meter.WhenPassed(up: true, after);
            using var process = Start(environment, "put", path, $":/k{target}/");
            if (await Killing.RunAsync(process, moment))
            {
                killed++;
            }
            else
            {
                // It got through: the next ones go elsewhere.
                target++;
            }
        }

        // Once more for each, to the end.
        for (var i = 0; i <= target; i++)
        {
            (await RunAsync(environment, "put", path, $":/k{i}/")).Ok();
        }

        using var client = V1Client.For(server);
        var files = await client.ListAsync(-1);
        Assert.Equal(target + 1, files.Count);
        var checksum = Convert.ToHexStringLower(Coffre.Hashing.Whirlpool.HashData(bytes));
        Assert.All(JsonElement.Parse((await RunAsync(environment, "find", "big.bin", "--refresh", "--json")).Ok().Output).GetProperty("results").EnumerateArray(), file =>
            Assert.Equal(checksum, file.GetProperty("checksum").GetString()));
        Tell("sent", meter.Up, (target + 1L) * Length, killed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Twenty_kills_of_a_download_fetch_little_again_and_no_byte_is_wrong(int ranges)
    {
        await using var server = await ServerProcess.StartAsync();
        await using var meter = new Meter(server.Port);
        using var folder = new TempFolder();
        var (path, bytes) = Write(folder);
        var environment = Environment(server, meter, folder);
        (await RunAsync(environment, "put", path, ":/k/")).Ok();
        var back = folder["back.bin"];
        string[] get = ["get", ":/k/big.bin", back, "--ranges", ranges.ToString(System.Globalization.CultureInfo.InvariantCulture)];

        var before = meter.Down;
        var killed = 0;
        while (killed < Kills && !File.Exists(back))
        {
            var moment = meter.WhenPassed(up: false, _random.NextInt64(Length / 8));
            using var process = Start(environment, get);
            killed += await Killing.RunAsync(process, moment) ? 1 : 0;
        }

        (await RunAsync(environment, get)).Ok();

        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await File.ReadAllBytesAsync(back)));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.part"));
        Assert.DoesNotContain("running", (await RunAsync(environment, "job", "list")).Ok().Output, StringComparison.Ordinal);
        Assert.InRange(killed, 5, Kills);
        Assert.InRange(meter.Down - before, Length, Length + (killed * Underway));
        Tell($"fetched by {ranges} ranges", meter.Down - before, Length, killed);
    }

    private (string Path, byte[] Bytes) Write(TempFolder folder)
    {
        var bytes = new byte[Length];
        _random.NextBytes(bytes);
        return (folder.Write("big.bin", bytes), bytes);
    }

    private static void Tell(string what, long passed, long needed, int kills) => TestContext.Current.TestOutputHelper?.WriteLine(
        $"{kills} kills: {passed / 1e6:0} MB {what} for {needed / 1e6:0} MB of files, {(passed - needed) / 1e6:0} MB again");

    private static Dictionary<string, string> Environment(ServerProcess server, Meter meter, TempFolder folder) => new()
    {
        ["HOME"] = folder.Path,
        ["COFFRE_URL"] = meter.Address.ToString(),
        ["COFFRE_API_KEY"] = server.ApiKey,
    };

    private static System.Diagnostics.Process Start(Dictionary<string, string> environment, params string[] arguments)
    {
        var process = Tool.Start(Repository.Command[0], [.. Repository.Command.Skip(1), .. arguments], environment);
        process.StandardInput.Close();
        return process;
    }

    private static Task<ToolResult> RunAsync(Dictionary<string, string> environment, params string[] arguments) =>
        Tool.RunAsync(Repository.Command[0], [.. Repository.Command.Skip(1), .. arguments], environment: environment);
}
