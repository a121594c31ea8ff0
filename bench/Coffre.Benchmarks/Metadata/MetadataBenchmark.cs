using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coffre.Benchmarks.Peers;
using Coffre.Protocol.V1;

namespace Coffre.Benchmarks.Metadata;

/// <summary>What a call costs by itself, and what it costs where there is much.</summary>
internal static class MetadataBenchmark
{
    private const int Rounds = 5;
    private const long Few = 10_000;
    private const long Many = 10_000_000;
    private const int LongListing = 100_000;
    private const double CallGoal = 0.7;

    // "Within 1.5 times of the time."
    private const double ManyGoal = 1 / 1.5;

    public static void Run()
    {
        using var shop = new Workshop();
        var calls = Calls(shop);
        var grown = Grown(shop);
        var text = new StringBuilder("# Metadata\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians of {Rounds} alternating turns; the machine had other work beside.\n");
        text.Append("Written by `bench/run metadata`.\n\n");
        Add(text, "## A call beside an endpoint of bare Kestrel\n\n`wrk` with 64 connections; the bare endpoint reads nothing and answers a constant.\n\n", "bare", calls);
        Add(text, "## Ten million files in an account beside ten thousand\n\nOne call after the other, at random files; both servers are ours.\n\n", "10,000", grown);
        if (Selection.Has("listing"))
        {
            var (rows, peak) = List(shop);
            text.Append(CultureInfo.InvariantCulture, $"\nListing a folder of {LongListing} files: {rows:F0} rows a second into JSON over HTTP (goal 1000000), server at {peak / 1e6:F0} MB at most.\n");
        }

        if (Selection.Has("keys"))
        {
            var (median, p99) = KeyLookup.Measure(shop);
            text.Append(CultureInfo.InvariantCulture, $"\nFinding a key among {KeyLookup.Keys}: {median:F0} µs by median, {p99:F0} µs for 99 of 100 (goal 50).\n");
        }

        Machine.WriteResult("metadata", text.ToString());
    }

    private static List<Duel> Calls(Workshop shop)
    {
        const string info = "info of a file";
        const string door = "key, limits, dispatch alone";
        if (!Selection.Has(info) && !Selection.Has(door))
        {
            return [];
        }

        var port = Child.FreePort();
        using var bare = Child.Start("dotnet", typeof(MetadataBenchmark).Assembly.Location, "bare", port.ToString(CultureInfo.InvariantCulture));
        Child.AwaitPort(port);
        using var own = new CoffreServer(shop.Folder("calls"));
        var link = own.Upload(shop.File("small", 4096));
        return Held(
            Against(door, V1Paths.VoucherLs, "{}"),
            Against(info, V1Paths.FileInfo, $$"""{"url":"{{link}}"}"""));

        Duel? Against(string name, string path, string body) => Duel.Hold(
            name, "calls", CallGoal, Rounds,
            () => Wrk.Run($"http://127.0.0.1:{port}", Wrk.Post("/bare", body, null), shop.Root, () => bare.Cpu),
            () => Wrk.Run(own.Address, Wrk.Post(path, body, own.Key), shop.Root, () => own.Cpu));
    }

    private static List<Duel> Grown(Workshop shop)
    {
        string[] names = ["info, many files", "token, many files", "folder of 1,000, many files", "upload of 4 KiB, many files"];
        if (!names.Any(Selection.Has))
        {
            return [];
        }

        var (few, many) = (FilledCatalog.Make(shop, "few", Few), FilledCatalog.Make(shop, "many", Many));
        using var small = new CoffreServer(few.Data, few.Key);
        using var large = new CoffreServer(many.Data, many.Key);
        var file = shop.File("upload", 4096);
        var random = new Random(1);
        return Held(
            Beside(names[0], 2000, (server, catalog) => server.Call(V1Paths.FileInfo, $$"""{"url":"{{catalog.Link(server, random)}}"}""")),
            Beside(names[1], 2000, (server, catalog) => server.Call(V1Paths.DownloadToken, $$"""{"url":"{{catalog.Link(server, random)}}"}""")),
            Beside(names[2], 100, (server, catalog) => server.Call(V1Paths.FileLs, catalog.ListBody)),
            Beside(names[3], 40, (server, _) => server.Upload(file)));

        Duel? Beside(string name, int times, Action<CoffreServer, FilledCatalog> call) => Duel.Hold(
            name, "calls", ManyGoal, Rounds, () => Repeat(small, few, times, call), () => Repeat(large, many, times, call));
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

    /// <summary>Rows a second of the fastest of some listings, as other work only slows them; and the server's memory.</summary>
    private static (double Rows, long Peak) List(Workshop shop)
    {
        var catalog = FilledCatalog.Make(shop, "listing", LongListing);
        using var server = new CoffreServer(catalog.Data, catalog.Key);
        var best = double.MaxValue;
        for (var i = 0; i < 2 * Rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            Child.Run("curl", "-sS", "--fail", "-o", "/dev/null", "-H", $"Authorization: Bearer {server.Key}", "-H", "Content-Type: application/json", "-d", """{"folder_id":-1}""", server.Address + V1Paths.FileLs);
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        return (LongListing / best, server.PeakMemory);
    }

    private static void Add(StringBuilder text, string head, string peer, List<Duel> duels)
    {
        if (duels.Count == 0)
        {
            return;
        }

        text.Append(head).Append(Duel.Header(peer));
        duels.ForEach(duel => text.AppendLine(duel.ToRow()));
        text.Append(CultureInfo.InvariantCulture, $"\n{duels.Count(static duel => duel.IsMet)} of {duels.Count} reach their goal; the lowest is {duels.MinBy(static duel => duel.Ratio / duel.Goal)!.Name}, at {duels.Min(static duel => duel.Ratio):F2}.\n\n");
    }

    private static List<Duel> Held(params Duel?[] duels) => [.. duels.OfType<Duel>()];
}
