using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coffre.Benchmarks.Peers;
using Coffre.Hashing;

namespace Coffre.Benchmarks.Uploads;

/// <summary>A large file by curl to disk: ours as a form, with checksum, durable; nginx's WebDAV PUT with none of these.</summary>
internal static class UploadBenchmark
{
    private const int Rounds = 5;
    private const long Large = 2L << 30;
    private const int Parallel = 64;
    private const long ParallelLength = 64L << 20;
    private const double Giga = 1e9;
    private const double Goal = 1.0;

    public static void Run()
    {
        using var shop = new Workshop();
        using var nginx = new Nginx(shop);
        using var own = new CoffreServer(shop.Folder("coffre"));
        var large = shop.File("large", Large);
        var duel = Duel.Hold("2 GiB, 1 upload", "GB", Goal, Rounds, () => Put(nginx, large), () => Form(own, large));
        if (duel is null)
        {
            return;
        }

        var peak = Peak(shop);
        var text = Describe(duel, peak, HashCost());
        Machine.WriteResult("uploads", text);
    }

    private static Turn Put(Nginx nginx, string file)
    {
        Child.Run("sync");
        var (clock, cpu) = (Stopwatch.StartNew(), nginx.Cpu);
        Curl.Put(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{nginx.Port}/up/large"), file);
        var turn = ToTurn(clock, nginx.Cpu - cpu);
        File.Delete(Path.Combine(nginx.Root, "up", "large"));
        return turn;
    }

    private static Turn Form(CoffreServer own, string file)
    {
        Child.Run("sync");
        var (clock, cpu) = (Stopwatch.StartNew(), own.Cpu);
        var link = own.Upload(file);
        var turn = ToTurn(clock, own.Cpu - cpu);
        own.Remove(link);
        return turn;
    }

    private static Turn ToTurn(Stopwatch clock, double cpu) => new(Large / Giga / clock.Elapsed.TotalSeconds, cpu / (Large / Giga));

    /// <summary>Most memory of a fresh server that takes 64 uploads at once, in bytes.</summary>
    private static long Peak(Workshop shop)
    {
        using var own = new CoffreServer(shop.Folder("coffre-parallel"));
        var file = shop.File("parallel", ParallelLength);
        var urls = Enumerable.Range(0, Parallel).Select(_ => own.OpenUpload()).ToList();
        var threads = urls.ConvertAll(url => new Thread(() => Curl.Form(url, own.Key, file)));
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        return own.PeakMemory;
    }

    /// <summary>Seconds of one processor for a GB of Whirlpool: what no upload that reports it can go below.</summary>
    private static double HashCost()
    {
        const int rounds = 5;
        const int turns = 1024;
        var bytes = new byte[256 * 1024];
        return Duel.Median(Enumerable.Range(0, rounds).Select(_ =>
        {
            var (whirlpool, clock) = (new Whirlpool(), Stopwatch.StartNew());
            for (var i = 0; i < turns; i++)
            {
                whirlpool.Append(bytes);
            }

            return clock.Elapsed.TotalSeconds * Giga / ((double)bytes.Length * turns);
        }));
    }

    private static string Describe(Duel duel, long peak, double hash)
    {
        const double mega = 1e6;
        var text = new StringBuilder("# Uploads by curl, plain HTTP on loopback\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians of {Rounds} alternating turns, `sync` before each; curl and server share\n");
        text.Append("the processors, and the machine had other work beside. Ours: form, key, Whirlpool, fsync of file and folder, catalog\n");
        text.Append("row, report read. nginx: plain body, nothing synced. Written by `bench/run uploads`.\n\n");
        text.Append(Duel.Header("nginx"));
        text.AppendLine(duel.ToRow());
        text.Append(CultureInfo.InvariantCulture, $"\nOne large upload has {duel.Ratio:F2} of the speed of nginx's PUT (goal {Goal:F1}: {(duel.IsMet ? "met" : "missed")}).\n");
        text.Append(CultureInfo.InvariantCulture, $"\nWhirlpool alone takes {hash:F2} s of one processor for each GB here: an upload that reports it cannot be faster than {1 / hash:F2} GB/s.\n");
        text.Append(CultureInfo.InvariantCulture, $"\n{Parallel} uploads of 64 MiB at once: at most {peak / mega:F0} MB of memory (`VmHWM`; goal 256 MB: {(peak <= 256 * mega ? "met" : "missed")}).\n");
        return text.ToString();
    }
}
