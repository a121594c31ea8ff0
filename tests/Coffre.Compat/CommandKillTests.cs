using System.Security.Cryptography;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>
/// The command is killed again and again, at moments that chance chooses, while a file goes up and while it comes down. Whenever that
/// happens: never a second file, never a wrong byte.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CommandKillTests
{
    private const int Kills = 20;
    private const int Length = 96 * 1024 * 1024;

    [Fact]
    public async Task Twenty_kills_of_an_upload_and_of_a_download_leave_one_file_with_the_right_bytes()
    {
        await using var server = await ServerProcess.StartAsync();
        using var folder = new TempFolder();
        var bytes = new byte[Length];
        new Random(20).NextBytes(bytes);
        var path = folder.Write("big.bin", bytes);
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = folder.Path,
            ["COFFRE_URL"] = server.Address.ToString(),
            ["COFFRE_API_KEY"] = server.ApiKey,
        };

        // How long it takes unhindered: the kills are spread over that time, from before the first byte to after the last.
        var whole = (await RunAsync(environment, "put", path, ":/first/")).Ok().Took;
        (await RunAsync(environment, "rm", "-r", "-y", ":/first")).Ok();

        await RunKilledAsync(environment, whole, "put", path, ":/k/");
        (await RunAsync(environment, "put", path, ":/k/")).Ok();

        using var client = V1Client.For(server);
        Assert.Single(await client.ListAsync(-1));
        Assert.Equal(Length, await client.UsageAsync());

        var back = folder["back.bin"];
        var came = await RunKilledAsync(environment, whole, "get", ":/k/big.bin", back);
        (await RunAsync(environment, "get", ":/k/big.bin", back)).Ok();

        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await File.ReadAllBytesAsync(back)));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.part"));
        Assert.DoesNotContain("running", (await RunAsync(environment, "job", "list")).Ok().Output, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"{came} of {Kills} downloads were killed before their end");
    }

    /// <summary>Runs the command and kills it after a while that is shorter or longer than it takes.</summary>
    /// <returns>How often the kill came before its end.</returns>
    private static async Task<int> RunKilledAsync(Dictionary<string, string> environment, TimeSpan whole, params string[] arguments)
    {
        var killed = 0;
        var random = new Random(arguments[0].Length);
        for (var i = 0; i < Kills; i++)
        {
            using var process = Tool.Start(Repository.Command[0], [.. Repository.Command.Skip(1), .. arguments], environment);
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(whole * random.NextDouble());
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
                killed++;
            }
        }

        return killed;
    }

    private static Task<ToolResult> RunAsync(Dictionary<string, string> environment, params string[] arguments) =>
        Tool.RunAsync(Repository.Command[0], [.. Repository.Command.Skip(1), .. arguments], environment: environment);
}
