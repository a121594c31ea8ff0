using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coffre.Benchmarks.Client;
using Coffre.Benchmarks.Peers;
using Coffre.Compat.Fixture;
using Coffre.Hashing;

namespace Coffre.Benchmarks.Command;

/// <summary>The command as native code: how fast it starts, many small files, one large file up and down beside curl.</summary>
internal static class CommandBenchmark
{
    private const int Starts = 100;
    private const int Rounds = 3;
    private const int SmallFiles = 1000;
    private const int Transfers = 8;
    private const long Large = 4L << 30;
    private const double Giga = 1e9;
    private const double Goal = 0.9;

    public static void Run()
    {
        using var shop = new Workshop();
        using var server = new CoffreServer(shop.Folder("coffre"));
        Environment.SetEnvironmentVariable("COFFRE_API_KEY", server.Key);
        var program = Path.Combine(Machine.Repository, "artifacts", "bench", "coffre", "coffre");
        string[] at = ["--url", server.Address, "--quiet", "--no-progress"];

        var text = new StringBuilder("# The command\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians; the machine had other work beside. Written by `bench/run command`.\n\n");
        if (Selection.Has("start"))
        {
            text.Append(Start(program));
        }

        if (Selection.Has("small files"))
        {
            text.Append(Small(shop, server, program));
        }

        if (Selection.Has("profile") || Selection.Has("4 GiB up") || Selection.Has("4 GiB down"))
        {
            text.Append(LargeFile(shop, server, program, at));
        }

        Machine.WriteResult("command", text.ToString());
    }

    private static string Start(string program)
    {
        var start = Duel.Median(Enumerable.Range(0, Starts).Select(_ => Time(() => Child.Run(program, "version"))));
        var bare = Duel.Median(Enumerable.Range(0, Starts).Select(_ => Time(() => Child.Run("true"))));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"`coffre version`, native: {start * 1000:F1} ms from start to end, the median of {Starts}; a program that does nothing (`true`), started the same way: {bare * 1000:F1} ms (goal 20 ms: {(start <= 0.020 ? "met" : "missed")}).\n\n");
    }

    private static string Small(Workshop shop, CoffreServer server, string program)
    {
        var folder = shop.Folder("small");
        for (var i = 0; i < SmallFiles; i++)
        {
            shop.File(string.Create(CultureInfo.InvariantCulture, $"small/{i}"), 4096 + i);
        }

        using var meter = new Line(server.Port);
        string[] through = ["--url", meter.Address, "--quiet", "--no-progress", "--transfers", Transfers.ToString(CultureInfo.InvariantCulture)];
        return meter.Tell($"`put` of {SmallFiles} files of 4 KiB", SmallFiles, Transfers, () => Child.Run(program, ["put", folder + "/", ":/small/", .. through]))
            + meter.Tell("`get` of the same", SmallFiles, Transfers, () => Child.Run(program, ["get", ":/small/", Path.Combine(shop.Root, "small-back"), .. through]));
    }

    private static string LargeFile(Workshop shop, CoffreServer server, string program, string[] at)
    {
        var text = new StringBuilder();
        var large = shop.File("large", Large);
        var link = server.Upload(large);
        if (Selection.Has("profile"))
        {
            text.Append(Profile("4 GiB up", program, server, ["put", large, ":/profile/", .. at]));
            File.Delete(Path.Combine(shop.Root, "down-coffre"));
            text.Append(Profile("4 GiB down, as many ranges as it chooses", program, server, ["get", link, Path.Combine(shop.Root, "down-coffre"), .. at]));
            File.Delete(Path.Combine(shop.Root, "down-coffre"));
            text.Append(Profile("4 GiB down, one range", program, server, ["get", link, Path.Combine(shop.Root, "down-coffre"), "--ranges", "1", .. at]));
            text.Append(CultureInfo.InvariantCulture, $"Whirlpool of 4 GiB alone, one thread of this program: {Time(() => Hash(large)):F1} s.\n\n");
        }

        List<Duel> duels =
        [
            .. new[]
            {
                Duel.Hold(
                    "4 GiB up", "GB", Goal, Rounds, () => Move(() => server.Upload(large)),
                    () => Move(() => Child.Run(program, ["put", large, ":/up/", "--if-exists", "overwrite", .. at]))),
                Duel.Hold(
                    "4 GiB down", "GB", Goal, Rounds,
                    () => Move(() => Child.Run("curl", "-sS", "--fail", "-o", Path.Combine(shop.Root, "down-curl"), server.Address + server.TokenPath(link))),
                    () => Move(() =>
                    {
                        File.Delete(Path.Combine(shop.Root, "down-coffre"));
                        Child.Run(program, ["get", link, Path.Combine(shop.Root, "down-coffre"), .. at]);
                    })),
            }.OfType<Duel>(),
        ];
        text.Append(Duel.Header("curl"));
        duels.ForEach(duel => text.AppendLine(duel.ToRow()));
        text.Append("\nThe processor time is not told here: it would be the server's on both sides.\n");
        return text.ToString();
    }

    private static string Profile(string name, string program, CoffreServer server, string[] arguments)
    {
        var before = server.Cpu;
        var profile = ThreadProfile.Of(program, new Dictionary<string, string>(StringComparer.Ordinal) { ["COFFRE_API_KEY"] = server.Key }, arguments);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {profile.Seconds:F1} s, {Large / 1e6 / profile.Seconds:F0} MB/s. Processor time of the command: {profile.User:F1} s user, {profile.System:F1} s system; of the server: {server.Cpu - before:F1} s. Busiest threads of the command (user + system): {profile.Busiest}.\n\n");
    }

    private static void Hash(string path)
    {
        using var file = File.OpenRead(path);
        Whirlpool.HashData(file);
    }

    private static Turn Move(Action move)
    {
        Child.Run("sync");
        return new Turn(Large / Giga / Time(move), 0);
    }

    private static double Time(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>The line between command and server, to see how many connections were at work.</summary>
    private sealed class Line(int port) : IDisposable
    {
        private readonly Meter _meter = new(port);

        public string Address => _meter.Address.ToString();

        public string Tell(string name, int files, int connections, Action work)
        {
            var before = _meter.Busy;
            var seconds = Time(work);
            var busy = (_meter.Busy - before).TotalSeconds / seconds;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{name}, {connections} at a time: {seconds:F2} s, {files / seconds:F0} files a second; on average {busy:F1} of {connections} connections had a request under way that the server had not answered yet.\n\n");
        }

        public void Dispose() => _meter.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
