using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coffre.Benchmarks.Peers;
using Coffre.Compat.Fixture;
using Coffre.Hashing;

namespace Coffre.Benchmarks.Client;

/// <summary>The command is killed twenty times while 5 GB go up, and twenty times while they come down: what was sent again, was anything wrong.</summary>
internal static class KillBenchmark
{
    private const int Kills = 20;
    private const long Length = 5_000_000_000;
    private const double Giga = 1e9;

    public static void Run()
    {
        using var shop = new Workshop();
        var path = shop.File("big.bin", Length);
        var checksum = Convert.ToHexString(Whirlpool.HashData(File.OpenRead(path)));
        var text = new StringBuilder("# Kills\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}; native `coffre`, killed (`kill -9`) {Kills} times at random places of a file of {Length / Giga:F0} GB, then run to its end.\n");
        text.Append("Bytes are counted on the line between command and server, heads of requests included. The machine had other work beside. Written by `bench/run kills`.\n\n");
        text.Append("| case | kills | seconds in all | GB on the line | GB again, beyond the file | files at the end | bytes right |\n|---|---|---|---|---|---|---|\n");
        foreach (var (name, row) in new (string, Func<string, Workshop, string, string>)[] { ("up", Up), ("down", Down) })
        {
            if (Selection.Has(name))
            {
                var line = row(path, shop, checksum);
                Console.WriteLine(line);
                text.AppendLine(line);
            }
        }

        Machine.WriteResult("kills", text.ToString());
    }

    private static string Up(string path, Workshop shop, string checksum)
    {
        using var server = new CoffreServer(shop.Folder("up"));
        var meter = new Meter(server.Port);
        var random = new Random(5);
        var (clock, killed) = (Stopwatch.StartNew(), 0);
        while (killed < Kills)
        {
            // The last one comes when all has gone out and the answer is on its way.
            var moment = meter.WhenPassed(up: true, killed == Kills - 1 ? Length + 300 : random.NextInt64(Length));
            killed += Killing.RunAsync(Start(meter, server, shop, "put", path, ":/k/"), moment).GetAwaiter().GetResult() ? 1 : 0;
        }

        using (var last = Start(meter, server, shop, "put", path, ":/k/"))
        {
            last.WaitForExit();
        }

        var files = server.Call("/v1/file/ls.cgi", """{"folder_id":-1}""").GetProperty("items");
        var isRight = files.EnumerateArray().All(file => string.Equals(file.GetProperty("checksum").GetString(), checksum, StringComparison.OrdinalIgnoreCase));
        return Row("up", killed, clock, meter.Up, files.GetArrayLength(), isRight);
    }

    private static string Down(string path, Workshop shop, string checksum)
    {
        using var server = new CoffreServer(shop.Folder("down"));
        var link = server.Upload(path);
        var meter = new Meter(server.Port);
        var back = Path.Combine(shop.Root, "back.bin");
        var random = new Random(6);
        var (clock, killed) = (Stopwatch.StartNew(), 0);
        while (killed < Kills && !File.Exists(back))
        {
            var moment = meter.WhenPassed(up: false, random.NextInt64(Length / (Kills / 2)));
            killed += Killing.RunAsync(Start(meter, server, shop, "get", link, back), moment).GetAwaiter().GetResult() ? 1 : 0;
        }

        using (var last = Start(meter, server, shop, "get", link, back, "--if-exists", "skip"))
        {
            last.WaitForExit();
        }

        var isRight = string.Equals(Convert.ToHexString(Whirlpool.HashData(File.OpenRead(back))), checksum, StringComparison.Ordinal);
        return Row("down", killed, clock, meter.Down, Directory.GetFiles(shop.Root, "back.bin*").Length, isRight);
    }

    private static Process Start(Meter meter, CoffreServer server, Workshop shop, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Machine.Repository, "artifacts", "bench", "coffre", "coffre"), [.. arguments, "--quiet", "--no-progress"]);
        start.Environment["HOME"] = shop.Root;
        start.Environment["COFFRE_URL"] = meter.Address.ToString();
        start.Environment["COFFRE_API_KEY"] = server.Key;
        return Process.Start(start) ?? throw new InvalidOperationException("The command did not start.");
    }

    private static string Row(string name, int kills, Stopwatch clock, long passed, int files, bool isRight) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {Length / Giga:F0} GB {name} | {kills} | {clock.Elapsed.TotalSeconds:F0} | {passed / Giga:F3} | {(passed - Length) / Giga:F3} | {files} | {(isRight ? "yes" : "**no**")} |");
}
