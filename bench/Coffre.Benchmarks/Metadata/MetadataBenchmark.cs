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
    private const int LongListing = 100_000;

    // The first dozen are the just-in-time compiler's.
    private const int Listings = 30;
    private const double CallGoal = 0.7;

    public static void Run()
    {
        using var shop = new Workshop();
        var calls = Calls(shop);
        var text = new StringBuilder("# Metadata\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians of {Rounds} alternating turns; the machine had other work beside.\n");
        text.Append("Written by `bench/run metadata`.\n\n");
        Add(text, "## A call beside an endpoint of bare Kestrel\n\n`wrk` with 64 connections; the bare endpoint reads nothing and answers a constant.\n\n", "bare", calls);
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

    /// <summary>Rows a second of the fastest of some listings, as other work only slows them; and the server's memory.</summary>
    private static (double Rows, long Peak) List(Workshop shop)
    {
        var catalog = FilledCatalog.Make(shop, "listing", LongListing);
        using var server = new CoffreServer(catalog.Data, catalog.Key);
        var best = double.MaxValue;
        for (var i = 0; i < Listings; i++)
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
