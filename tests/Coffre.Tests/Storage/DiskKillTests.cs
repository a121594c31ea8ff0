using System.Diagnostics;
using Coffre.Storage;
using Coffre.Storage.Local;

namespace Coffre.Tests.Storage;

public sealed class DiskKillTests : IDisposable
{
    private const int Kills = 20;

    private readonly TestFolder _folder = new();
    private readonly List<string> _receipts = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_acknowledged_survives_kill_9()
    {
        var random = new Random(9);
        for (var kill = 0; kill < Kills; kill++)
        {
            // Not a time but a number of receipts, so that a slow machine does the same work; where in a commit it hits is chance.
            await KillAfterAsync(receipts: random.Next(1, 25));
        }

        using var store = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = _folder.Path }, TimeProvider.System);
        Assert.InRange(_receipts.Count, Kills, int.MaxValue);
        var purged = _receipts.Where(line => line.StartsWith(KillTarget.PurgeMark, StringComparison.Ordinal)).Select(line => line.Split(' ')[1]).ToHashSet();
        foreach (var receipt in _receipts.Select(line => line.Split(' ')).Where(words => words.Length == 3 && !purged.Contains(words[0])))
        {
            var verdict = await BlobScrub.VerifyAsync(
                store, BlobId.Parse(receipt[0]), long.Parse(receipt[1]), Convert.FromHexString(receipt[2]), default);
            Assert.Equal(ScrubVerdict.Ok, verdict);
        }

        // Those whose receipt was cut off are whole as well.
        foreach (var blob in await store.ListAllAsync())
        {
            Assert.True(KillTarget.IsWhole(await store.ReadAllAsync(blob.Id)));
        }

        await store.PurgeStagingAsync(DateTimeOffset.MaxValue, default);
        Assert.Empty(_folder.StagedFiles());
    }

    private async Task KillAfterAsync(int receipts)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Coffre.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        using var process = Process.Start(new ProcessStartInfo(program, [KillTarget.Command, _folder.Path]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var printed = "";
        for (var seen = 0; seen < receipts; seen++)
        {
            printed += await process.StandardOutput.ReadLineAsync() + "\n";
        }

        process.Kill();
        printed += await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        // A receipt without its end of line was cut off by the kill: nobody was told.
        _receipts.AddRange(printed.Split('\n')[..^1]);
    }
}
