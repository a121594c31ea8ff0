using System.Globalization;
using System.Text;
using Coffre.Benchmarks.Peers;

namespace Coffre.Benchmarks.Downloads;

/// <summary>Downloads over plain HTTP on loopback beside nginx with sendfile. Files lie in the page cache.</summary>
internal static class DownloadBenchmark
{
    private const int Rounds = 5;
    private const int Connections = 64;
    private const int SmallFiles = 64;
    private const long Large = 2L << 30;
    private const long Middle = 1 << 20;
    private const long Small = 4096;
    private const double Goal = 0.9;

    public static void Run()
    {
        using var shop = new Workshop();
        using var nginx = new Nginx(shop);
        using var own = new CoffreServer(shop.Folder("coffre"));

        var large = Place(shop, nginx, own, "large", Large, 1);
        var middle = Place(shop, nginx, own, "middle", Middle, SmallFiles);
        var small = Place(shop, nginx, own, "small", Small, SmallFiles);
        List<Duel?> held =
        [
            Pull("2 GiB, 1 connection", large, null, 1),
            Pull("2 GiB, 1 connection, ranges", large, "1048577-2000000000", 1),
            Pull("2 GiB, 64 connections", large, null, Connections),
            Pull("2 GiB, 64 connections, ranges", large, "1048577-2000000000", Connections),
            Pull("1 MiB, 1 connection", middle, null, 1),
            Pull("1 MiB, 64 connections", middle, null, Connections),
            Pull("1 MiB, 64 connections, ranges", middle, "1001-1040000", Connections),
            Duel.Hold(
                "4 KiB, 64 connections", "files", Goal, Rounds,
                () => Wrk.Run($"http://127.0.0.1:{nginx.Port}", Wrk.Gets(small.Peer), shop.Root, () => nginx.Cpu),
                () => Wrk.Run(own.Address, Wrk.Gets(small.Own), shop.Root, () => own.Cpu)),
        ];

        var text = Describe([.. held.OfType<Duel>()]);
        Machine.WriteResult("downloads", text);

        Duel? Pull(string name, (List<string> Peer, List<string> Own) paths, string? range, int connections) => Duel.Hold(
            name, "GB", Goal, Rounds,
            () => new Puller(nginx.Port, paths.Peer, range, connections).Run(() => nginx.Cpu),
            () => new Puller(own.Port, paths.Own, range, connections).Run(() => own.Cpu));
    }

    /// <summary>Puts the same files on both sides; their paths on each.</summary>
    private static (List<string> Peer, List<string> Own) Place(Workshop shop, Nginx nginx, CoffreServer own, string name, long length, int count)
    {
        var paths = (Peer: new List<string>(), Own: new List<string>());
        for (var i = 0; i < count; i++)
        {
            var file = shop.File(string.Create(CultureInfo.InvariantCulture, $"{name}{i}"), length + (i & 1));
            paths.Own.Add(own.TokenPath(own.Upload(file)));
            File.Move(file, Path.Combine(nginx.Root, Path.GetFileName(file)));
            paths.Peer.Add("/" + Path.GetFileName(file));
        }

        return paths;
    }

    private static string Describe(List<Duel> duels)
    {
        var text = new StringBuilder("# Downloads, plain HTTP on loopback\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians of {Rounds} alternating turns; server and client share the processors, and\n");
        text.Append("the machine had other work beside. Written by `bench/run downloads`.\n\n");
        text.Append(Duel.Header("nginx"));
        duels.ForEach(duel => text.AppendLine(duel.ToRow()));
        var met = duels.Count(static duel => duel.IsMet);
        text.Append(CultureInfo.InvariantCulture, $"\n{met} of {duels.Count} cases reach {Goal} of nginx with sendfile; the lowest is {duels.MinBy(static duel => duel.Ratio)!.Name}, at {duels.Min(static duel => duel.Ratio):F2}.\n");
        return text.ToString();
    }
}
