using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coffre.Benchmarks.Peers;
using Coffre.Protocol.V1;

namespace Coffre.Benchmarks.Metadata;

/// <summary>Ten million files in one account beside ten thousand: what is asked of one file or folder must not take longer.</summary>
internal static class ManyFilesBenchmark
{
    private const int Rounds = 5;
    private const long Few = 10_000;
    private const long Many = 10_000_000;

    // "Within 1.5 times of the time."
    private const double Goal = 1 / 1.5;

    public static void Run()
    {
        using var shop = new Workshop();
        var duels = Grown(shop);
        var text = new StringBuilder("# Ten million files in an account beside ten thousand\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians of {Rounds} alternating turns; one call after the other, at random files; both servers\n");
        text.Append("are ours. Written by `bench/run many-files`.\n\n").Append(Duel.Header("10,000"));
        duels.ForEach(duel => text.AppendLine(duel.ToRow()));
        var lowest = duels.MinBy(static duel => duel.Ratio);
        if (lowest is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{duels.Count(static duel => duel.IsMet)} of {duels.Count} stay within 1.5 times of the time; the slowest beside the small account is {lowest.Name}, at {lowest.Ratio:F2} of its speed.\n");
        }

        Machine.WriteResult("many-files", text.ToString());
    }

    private static List<Duel> Grown(Workshop shop)
    {
        string[] names = ["info, many files", "token, many files", "folder of 1,000, many files", "upload of 4 KiB, many files"];
        var clock = Stopwatch.StartNew();
        var (few, many) = (FilledCatalog.Make(shop, "few", Few), FilledCatalog.Make(shop, "many", Many));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Filled in {clock.Elapsed.TotalSeconds:F0} s."));
        using var small = new CoffreServer(few.Data, few.Key);
        using var large = new CoffreServer(many.Data, many.Key);
        var bytes = new byte[4096];
        var random = new Random(1);
        return [.. new[]
        {
            Beside(names[0], 2000, (server, catalog) => server.Call(V1Paths.FileInfo, $$"""{"url":"{{catalog.Link(server, random)}}"}""")),
            Beside(names[1], 2000, (server, catalog) => server.Call(V1Paths.DownloadToken, $$"""{"url":"{{catalog.Link(server, random)}}"}""")),
            Beside(names[2], 100, (server, catalog) => server.Call(V1Paths.FileLs, catalog.ListBody)),
            Beside(names[3], 200, (server, _) => server.Upload("upload.bin", bytes)),
        }.OfType<Duel>()];

        Duel? Beside(string name, int times, Action<CoffreServer, FilledCatalog> call) => Duel.Hold(
            name, "calls", Goal, Rounds, () => Repeat(small, few, times, call), () => Repeat(large, many, times, call));
    }

    private static Turn Repeat(CoffreServer server, FilledCatalog catalog, int times, Action<CoffreServer, FilledCatalog> call)
    {
        var (clock, cpu) = (Stopwatch.StartNew(), server.Cpu);
        for (var i = 0; i < times; i++)
        {
            call(server, catalog);
        }

        return new Turn(times / clock.Elapsed.TotalSeconds, (server.Cpu - cpu) / times);
    }
}
