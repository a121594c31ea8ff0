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

        (await Tool.RunAsync(program, Continue(program, address), folder: folder.Path, environment: new Dictionary<string, string> { ["HOME"] = folder.Path })).Ok();

        Assert.Equal(content, await File.ReadAllBytesAsync(folder["big.bin"]));

        // aria2 asks for the whole first, reads the head of the answer and hangs up: no such answer goes out to its end, which is when the
        // server writes its line. The program has the last byte before that.
        await Until.HoldsAsync(() => Sent(server.Log).Any(), "the server has told of what it sent");
        var (start, length) = Assert.Single(Sent(server.Log));
        Assert.Equal(Length, start + length);

        // aria2 knows no state of its own for this file: it looks at whole blocks of 16 KiB, and asks again for the one that was cut.
        Assert.InRange(start, Kept - (16 << 10), Kept);
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
            "lftp", ["-c", $"set pget:min-chunk-size 1M; set net:limit-rate 3M; debug 5; pget -n 4 {address} -o big.bin"],
            folder: folder.Path, environment: new Dictionary<string, string> { ["HOME"] = folder.Path })).Ok();

        Assert.Equal(content, await File.ReadAllBytesAsync(folder["big.bin"]));
        var pieces = InsidePiece().Matches(said.Output + said.Errors).Select(match => match.Value).Distinct().Count();
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

    /// <summary>Where each answer began that went out to its end, and how many bytes it had, as the server's log tells.</summary>
    private static IReadOnlyList<(long Start, long Length)> Sent(string log) =>
        [.. SentForm().Matches(log).Select(match => (NumberOf(match, "start"), NumberOf(match, "bytes")))];

    private static long NumberOf(Match match, string group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("Sent file .* from (?<start>[0-9]+), (?<bytes>[0-9]+) bytes")]
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
