using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>A download manager that opens several connections on one download address.</summary>
public sealed class Aria2Tests
{
    [Fact]
    public async Task Two_hundred_megabytes_come_over_four_ranged_connections_on_one_token()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = V1Client.For(server);
        using var folder = new TempFolder();
        var content = Bytes.Random(200_000_000);
        var address = await client.TokenAsync(await client.UploadAsync("big.bin", content));

        // aria2 splits only into pieces of --min-split-size or more, and its connections to one server are limited unless told otherwise.
        var said = (await Tool.RunAsync(
            "aria2c",
            ["--split=4", "--max-connection-per-server=4", "--min-split-size=20M", "--file-allocation=none", "--no-conf", "--log=-", "--log-level=debug",
             "--dir", folder.Path, "--out", "big.bin", address.ToString()],
            timeout: TimeSpan.FromMinutes(5))).Ok();

        Assert.Equal(content, await File.ReadAllBytesAsync(folder["big.bin"]));
        var ranges = said.Lines.Count(line => line.StartsWith("Range: bytes=", StringComparison.Ordinal));
        Assert.True(ranges >= 3, $"Only {ranges} ranged requests: {said.Describe()}");
        server.AssertNoFault();
        TestContext.Current.TestOutputHelper?.WriteLine($"{said.Took.TotalSeconds:0.0} s, {ranges} ranged requests");
    }
}
