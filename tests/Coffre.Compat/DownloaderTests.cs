using System.Globalization;
using System.Text.RegularExpressions;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>Download programs on one download address: they go on after a break, and take a file in pieces.</summary>
public sealed partial class DownloaderTests
{
    private const int Length = 40_000_000;
    private const int Kept = 12_345_678;

    [Theory]
    [InlineData("wget")]
    [InlineData("curl")]
    [InlineData("aria2c")]
    [InlineData("lftp")]
    public async Task A_download_that_was_cut_goes_on_where_it_stopped(string program)
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = V1Client.For(server);
        using var folder = new TempFolder();
        var content = Bytes.Random(Length);
        var address = (await client.TokenAsync(await client.UploadAsync("big.bin", content))).ToString();
        await File.WriteAllBytesAsync(folder["big.bin"], content[..Kept]);
        var before = server.Log.Length;

        (await Tool.RunAsync(program, Continue(program, address), folder: folder.Path, environment: new Dictionary<string, string> { ["HOME"] = folder.Path })).Ok();

        Assert.Equal(content, await File.ReadAllBytesAsync(folder["big.bin"]));
        // aria2 goes back to the beginning of the piece of 1 MiB that it stopped in.
        Assert.InRange(Sent(server.Log[before..]).Sum(), Length - Kept, Length - Kept + (1 << 20));
        server.AssertNoFault();
    }

    [Fact]
    public async Task Lftp_takes_a_file_in_four_pieces_on_one_token()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = V1Client.For(server);
        using var folder = new TempFolder();
        var content = Bytes.Random(Length);
        var address = await client.TokenAsync(await client.UploadAsync("big.bin", content));

        // At full speed the first connection may be through with its neighbour's piece before that one was begun.
        var said = (await Tool.RunAsync(
            "lftp", ["-c", $"set pget:min-chunk-size 1M; set net:limit-rate 10M; debug 5; pget -n 4 {address} -o big.bin"],
            folder: folder.Path, environment: new Dictionary<string, string> { ["HOME"] = folder.Path })).Ok();

        Assert.Equal(content, await File.ReadAllBytesAsync(folder["big.bin"]));
        var pieces = InsidePiece().Matches(said.Describe()).Select(match => match.Value).Distinct().Count();
        Assert.True(pieces >= 3, $"Only {pieces} pieces began inside the file: {said.Describe()}");
        server.AssertNoFault();
    }

    [Fact]
    public async Task Aria2_takes_a_file_over_eight_connections_on_one_token()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = V1Client.For(server);
        using var folder = new TempFolder();
        var content = Bytes.Random(Length);
        var address = (await client.TokenAsync(await client.UploadAsync("big.bin", content))).ToString();

        (await Tool.RunAsync(
            "aria2c", ["-x8", "-s8", "--min-split-size=1M", "--file-allocation=none", "--no-conf", "--quiet", "--out=big.bin", address], folder: folder.Path)).Ok();

        Assert.Equal(content, await File.ReadAllBytesAsync(folder["big.bin"]));
        server.AssertNoFault();
    }

    /// <summary>The bytes of each answer that the server's log tells of.</summary>
    private static IEnumerable<long> Sent(string log) =>
        SentForm().Matches(log).Select(match => long.Parse(match.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex("Sent file .* (?<bytes>[0-9]+) bytes")]
    private static partial Regex SentForm();

    [GeneratedRegex("<--- Content-Range: bytes [1-9][0-9]*-")]
    private static partial Regex InsidePiece();

    private static string[] Continue(string program, string address) => program switch
    {
        "wget" => ["-q", "-c", "--no-config", "-O", "big.bin", address],
        "curl" => ["-q", "-sS", "-f", "-C", "-", "-o", "big.bin", address],
        "aria2c" => ["-c", "--quiet", "--no-conf", "--file-allocation=none", "--out=big.bin", address],
        "lftp" => ["-c", $"get -c {address} -o big.bin"],
        _ => throw new ArgumentOutOfRangeException(nameof(program)),
    };
}
