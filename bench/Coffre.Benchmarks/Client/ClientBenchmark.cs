using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Coffre.Benchmarks.Peers;

namespace Coffre.Benchmarks.Client;

/// <summary>The command beside rclone: small files and a large one on the house's limits, small files and a tree on 1fichier's.</summary>
internal static class ClientBenchmark
{
    private const int Rounds = 3;

    // A turn writes and reads gigabytes on both sides.
    private const int LargeRounds = 1;

    // A lock stops rclone for half a minute, again and again: it gets a minute a turn, and what it copied in it counts.
    private const int StrictRounds = 1;
    private const int StrictSeconds = 60;
    private const int TreeSeconds = 120;
    private const int Small = 1000;

    // rclone needs seconds for each file: a part of them tells its pace.
    private const int PeerSmall = 12;
    private const int SmallBytes = 1024;
    private const int Transfers = 4;
    private const long Large = 2_000_000_000;
    private const double SmallGoal = 100;
    private const double StrictGoal = 50;
    private const double LargeGoal = 2;
    private const int TreeFolders = 200;
    private const int TreeFiles = 50;
    private const int PeerFolders = 5;

    private static readonly string[] Strict = ["--set", "Limits:Profile=1fichier"];

    public static void Run()
    {
        using var shop = new Workshop();
        var certificates = new Certificates(shop);
        var small = Files(shop, "small", Small);
        var part = Files(shop, "part", PeerSmall);
        var text = new StringBuilder("# The command beside rclone, on loopback, over TLS\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine.Description}; {Child.Run("rclone", "version").Split('\n')[0]}; native `coffre`. Medians of {Rounds} alternating turns (2 GB and the last: of {LargeRounds}),\n");
        text.Append(CultureInfo.InvariantCulture, $"`--transfers {Transfers}` on both sides, each on a server of its own; the machine had other work beside. rclone's address is fixed, so that it\n");
        text.Append(CultureInfo.InvariantCulture, $"goes through a proxy that passes bytes on; ours goes directly. Of {Small} files of {SmallBytes} bytes rclone moves {PeerSmall} in a turn: it takes\n");
        text.Append("seconds for each. CPU is the server's. Written by `bench/run client`.\n\n");
        text.Append(Duel.Header("rclone"));
        if (Selection.Has("1 KiB files up") || Selection.Has("1 KiB files down"))
        {
            using var rclone = new Rclone(shop, "rclone-house", certificates);
            using var own = new Command(shop, "coffre-house", certificates);
            var turn = 0;
            text.AppendLine(Duel.Hold(
                "house: 1 KiB files up", "files", SmallGoal, Rounds,
                () => Measure(PeerSmall, () => rclone.Cpu, () => rclone.Run("copy", part, $"F:up{turn++}", Transfer)),
                () => Measure(Small, () => own.Cpu, () => own.Run("put", small + "/", $":/up{turn++}", Transfer)))?.ToRow());
            rclone.Run("copy", part, "F:down", Transfer);
            own.Run("put", small + "/", ":/down", Transfer);
            text.AppendLine(Duel.Hold(
                "house: 1 KiB files down", "files", SmallGoal, Rounds,
                () => Measure(PeerSmall, () => rclone.Cpu, () => rclone.Run("copy", "F:down", Fresh(shop), Transfer)),
                () => Measure(Small, () => own.Cpu, () => own.Run("get", ":/down/", Fresh(shop), Transfer)))?.ToRow());
        }

        if (Selection.Has("2 GB up") || Selection.Has("2 GB down"))
        {
            using var rclone = new Rclone(shop, "rclone-large", certificates);
            using var own = new Command(shop, "coffre-large", certificates);
            var turn = 0;
            var large = shop.File("large", Large);
            const double mega = 1e6;
            text.AppendLine(Duel.Hold(
                "house: 2 GB up", "MB", LargeGoal, LargeRounds,
                () => Measure(Large / mega, () => rclone.Cpu, () => rclone.Run("copy", large, $"F:big{turn++}", Transfer)),
                () => Measure(Large / mega, () => own.Cpu, () => own.Run("put", large, $":/big{turn++}/", Transfer)))?.ToRow());
            if (Selection.Has("2 GB down"))
            {
                rclone.Run("copy", large, "F:bigdown", Transfer);
                own.Run("put", large, ":/bigdown/", Transfer);
            }

            text.AppendLine(Duel.Hold(
                "house: 2 GB down", "MB", LargeGoal, LargeRounds,
                () => Measure(Large / mega, () => rclone.Cpu, () => Discard(folder => rclone.Run("copy", "F:bigdown", folder, Transfer), shop)),
                () => Measure(Large / mega, () => own.Cpu, () => Discard(folder => own.Run("get", ":/bigdown/large", folder, Transfer), shop)))?.ToRow());
            File.Delete(large);
        }

        if (Selection.Has("1fichier's limits"))
        {
            using var rclone = new Rclone(shop, "rclone-strict", certificates, Strict);
            using var own = new Command(shop, "coffre-strict", certificates, Strict);
            var turn = 0;
            text.AppendLine(Duel.Hold(
                "1fichier's limits: 1 KiB files up", "files", StrictGoal, StrictRounds,
                () => Bounded(rclone, part, $"F:s{turn++}"),
                () => Measure(Small, () => own.Cpu, () => own.Run("put", small + "/", $":/s{turn++}", Transfer)))?.ToRow());
        }

        if (Selection.Has("tree"))
        {
            text.Append(Tree(shop, certificates));
        }

        Machine.WriteResult("client", text.ToString());
    }

    private static string Transfer => string.Create(CultureInfo.InvariantCulture, $"--transfers={Transfers}");

    private static Turn Measure(double units, Func<double> cpu, Action work)
    {
        var (clock, before) = (Stopwatch.StartNew(), cpu());
        work();
        return new Turn(units / clock.Elapsed.TotalSeconds, (cpu() - before) / units);
    }

    private static Turn Bounded(Rclone rclone, string from, string to)
    {
        var (clock, before) = (Stopwatch.StartNew(), rclone.Cpu);
        var (_, log) = rclone.TryRun("copy", from, to, Transfer, string.Create(CultureInfo.InvariantCulture, $"--max-duration={StrictSeconds}s"));
        var copied = Math.Max(1, Copied(log));
        return new Turn(copied / clock.Elapsed.TotalSeconds, (rclone.Cpu - before) / copied);
    }

    private static int Copied(string log) => log.Split('\n').Count(static line => line.Contains(": Copied (new)", StringComparison.Ordinal));

    private static string Files(Workshop shop, string name, int count)
    {
        var folder = shop.Folder(name);
        var random = new Random(count);
        var bytes = new byte[SmallBytes];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            File.WriteAllBytes(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"f{i:D4}.bin")), bytes);
        }

        return folder;
    }

    private static string Fresh(Workshop shop) => Path.Combine(shop.Folder("back"), Path.GetRandomFileName());

    private static void Discard(Action<string> work, Workshop shop)
    {
        var folder = Directory.CreateDirectory(Fresh(shop)).FullName;
        work(folder);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>10,000 files in 200 folders on 1fichier's limits, twice; rclone takes a part of the same tree.</summary>
    private static string Tree(Workshop shop, Certificates certificates)
    {
        var (whole, part) = (shop.Folder("tree"), shop.Folder("branch"));
        for (var i = 0; i < TreeFolders * TreeFiles; i++)
        {
            var folder = string.Create(CultureInfo.InvariantCulture, $"d{i / TreeFiles:D3}");
            foreach (var root in i / TreeFiles < PeerFolders ? [whole, part] : new[] { whole })
            {
                Directory.CreateDirectory(Path.Combine(root, folder));
                File.WriteAllText(Path.Combine(root, folder, string.Create(CultureInfo.InvariantCulture, $"f{i}")), string.Create(CultureInfo.InvariantCulture, $"file {i}"));
            }
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"\n## {TreeFolders * TreeFiles} files in {TreeFolders} folders on 1fichier's limits\n\n| run | seconds | calls | refused | calls per endpoint |\n|---|---|---|---|---|\n");
        using (var own = new Command(shop, "coffre-tree", certificates, Strict))
        {
            foreach (var run in new[] { "first", "again, nothing changed" })
            {
                var clock = Stopwatch.StartNew();
                var said = own.Run("put", whole + "/", ":/tree", Transfer, "--json", "--explain-requests");
                var counts = JsonElement.Parse(said).GetProperty("requests").EnumerateArray()
                    .Select(count => (Name: count.GetProperty("endpoint").GetString(), Calls: count.GetProperty("calls").GetInt32(), Refused: count.GetProperty("refused").GetInt32())).ToList();
                text.Append(CultureInfo.InvariantCulture, $"| coffre, {run} | {clock.Elapsed.TotalSeconds:F0} | {counts.Sum(static count => count.Calls)} | {counts.Sum(static count => count.Refused)} | {string.Join(", ", counts.Select(static count => $"{count.Name}: {count.Calls}"))} |\n");
            }
        }

        using var rclone = new Rclone(shop, "rclone-tree", certificates, Strict);
        var peer = Stopwatch.StartNew();
        var (isWell, log) = rclone.TryRun("copy", part, "F:tree", Transfer, string.Create(CultureInfo.InvariantCulture, $"--max-duration={TreeSeconds}s"));
        var copied = Copied(log);
        var floods = log.Split('\n').Count(static line => line.Contains("Flood detected", StringComparison.OrdinalIgnoreCase) || line.Contains("Locked", StringComparison.Ordinal));
        text.Append(CultureInfo.InvariantCulture, $"\nrclone, given {PeerFolders * TreeFiles} of these files and {TreeSeconds} s: {copied} copied in {peer.Elapsed.TotalSeconds:F0} s, {floods} lines of its log name a lock; it {(isWell ? "ended well" : "failed")}.\n");
        return text.ToString();
    }
}
