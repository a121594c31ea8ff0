using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coffre.Hashing;

namespace Coffre.Benchmarks.Hashing;

/// <summary>Each way to compute Whirlpool beside OpenSSL, one thread, in alternation.</summary>
/// <remarks>
/// Both sides count the user time of their own process and not the clock on the wall, as <c>openssl speed</c> does by
/// default: on a busy machine only that compares the code. Both hash 16 KiB messages.
/// </remarks>
internal static class HashingBenchmark
{
    private const int RoundCount = 9;

    private const int MessageSize = 16 * 1024;

    private const string Peer = "OpenSSL";

    private const double Mebi = 1024 * 1024;

    private static readonly TimeSpan TurnTime = TimeSpan.FromSeconds(1);

    public static void Run()
    {
        var paths = Enum.GetValues<WhirlpoolPath>().Where(WhirlpoolCompression.IsSupported).ToList();
        var names = paths.Select(static path => path.ToString()).Prepend(Peer).ToList();
        var speeds = names.ToDictionary(static name => name, static _ => new List<double>(), StringComparer.Ordinal);

        // The first second of each way belongs to the compiler.
        foreach (var path in paths)
        {
            Measure(path);
        }

        for (var round = 0; round < RoundCount; round++)
        {
            speeds[Peer].Add(MeasureOpenSsl());
            foreach (var path in paths)
            {
                speeds[path.ToString()].Add(Measure(path));
            }
        }

        var text = Describe(names, speeds);
        Machine.WriteResult("hashing", text);
    }

    /// <summary>MiB per second of user time.</summary>
    private static double Measure(WhirlpoolPath path)
    {
        var whirlpool = new Whirlpool(path);
        var message = new byte[MessageSize];
        new Random(1).NextBytes(message);
        Span<byte> hash = stackalloc byte[Whirlpool.HashSizeInBytes];

        var clock = Stopwatch.StartNew();
        var start = Environment.CpuUsage.UserTime;
        long total = 0;
        while (clock.Elapsed < TurnTime)
        {
            whirlpool.Append(message);
            whirlpool.GetHashAndReset(hash);
            total += message.Length;
        }

        return total / Mebi / (Environment.CpuUsage.UserTime - start).TotalSeconds;
    }

    /// <summary>MiB per second of user time, as OpenSSL prints it (in thousands of bytes).</summary>
    private static double MeasureOpenSsl()
    {
        var start = new ProcessStartInfo(
            "openssl",
            // The providers come first: the algorithm is looked up while the arguments are read.
            ["speed", "-provider", "legacy", "-provider", "default", "-seconds", "1", "-bytes", $"{MessageSize}", "-evp", "whirlpool"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("openssl did not start.");
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        var line = output.Split('\n').LastOrDefault(static text => text.StartsWith("whirlpool", StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidOperationException($"openssl speed printed no figure for whirlpool: {output}{errors}");
        var figure = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1].TrimEnd('k');
        return double.Parse(figure, CultureInfo.InvariantCulture) * 1000 / Mebi;
    }

    private static string Describe(List<string> names, Dictionary<string, List<double>> speeds)
    {
        var text = new StringBuilder();
        text.Append("# Whirlpool, one thread\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians of {RoundCount} alternating turns of one second on 16 KiB\n");
        text.Append("messages, per second of user time on both sides. Written by `bench/run hashing`.\n\n");
        text.Append("| way | MiB/s | lowest to highest | ratio to OpenSSL in the same turn | lowest to highest |\n|---|---|---|---|---|\n");
        foreach (var name in names)
        {
            var list = speeds[name];
            var ratios = Ratios(name, speeds);
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {Median(list):F0} | {list.Min():F0} to {list.Max():F0} | {Median(ratios):F2} | {ratios.Min():F2} to {ratios.Max():F2} |\n");
        }

        var best = names[^1];
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nOn this machine the way that Coffre chooses ({best}) hashes {Median(Ratios(best, speeds)):F1} times as fast as OpenSSL's legacy provider, and the portable tables {Median(Ratios(nameof(WhirlpoolPath.Portable), speeds)):F2} times as fast.\n");
        return text.ToString();
    }

    private static List<double> Ratios(string name, Dictionary<string, List<double>> speeds) =>
        [.. speeds[name].Zip(speeds[Peer], static (own, peer) => own / peer)];

    private static double Median(List<double> values) => Duel.Median(values);
}
