using System.Diagnostics;
using System.Globalization;
using System.Text;
using Coffre.Benchmarks.Peers;

namespace Coffre.Benchmarks.Command;

/// <summary>The command as native code: how fast it starts, many small files, one large file up and down beside curl.</summary>
internal static class CommandBenchmark
{
    private const int Starts = 40;
    private const int Rounds = 3;
    private const int SmallFiles = 1000;
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

        var start = Duel.Median(Enumerable.Range(0, Starts).Select(_ => Time(() => Child.Run(program, "version"))));
        var bare = Duel.Median(Enumerable.Range(0, Starts).Select(_ => Time(() => Child.Run("true"))));
        var text = new StringBuilder("# The command\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}. Medians; the machine had other work beside. Written by `bench/run command`.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"`coffre version`, native: {start * 1000:F1} ms from start to end; a program that does nothing (`true`), started the same way: {bare * 1000:F1} ms (goal 20 ms: {(start <= 0.020 ? "met" : "missed")}).\n\n");

        var folder = shop.Folder("small");
        for (var i = 0; i < SmallFiles; i++)
        {
            shop.File(string.Create(CultureInfo.InvariantCulture, $"small/{i}"), 4096 + i);
        }

        var put = Time(() => Child.Run(program, ["put", folder + "/", ":/small/", "--transfers", "8", .. at]));
        text.Append(CultureInfo.InvariantCulture, $"`put` of {SmallFiles} files of 4 KiB, 8 at a time: {put:F1} s, {SmallFiles / put:F0} files a second.\n\n");

        var large = shop.File("large", Large);
        var link = server.Upload(large);
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
        Machine.WriteResult("command", text.ToString());
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
}
