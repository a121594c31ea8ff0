using System.Globalization;
using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>Our filters beside rclone's: the same flags over the same random trees choose the same files.</summary>
/// <remarks>
/// Left out is where rclone leaves its own documentation, which docs/filters.md names: an include that begins anywhere and has folders in it,
/// and classes that match a slash.
/// </remarks>
public sealed class RcloneFilterTests
{
    private const int Trials = 60;
    private static readonly string[] Names = ["a", "b", "ab", "A", "c.txt", "b.jpg", "x y", "é"];
    private static readonly string[] Parts = ["a", "b", "*", "?", ".txt", ".*", "{a,b}", "{a*,c}", "[a-b]", "[ab]*", "x y", "é", @"\.", "*b*"];

    [Fact]
    public Task Debians_rclone_chooses_the_same_files() => CompareAsync("rclone", seed: 20_261_127);

    [Fact]
    public Task The_newest_rclone_chooses_the_same_files()
    {
        Assert.SkipUnless(RcloneRemote.HasNewest, "The newest rclone could not be had.");
        return CompareAsync(Repository.Artifact("tools", "rclone-newest", "usr", "bin", "rclone"), seed: 7);
    }

    private static async Task CompareAsync(string rclone, int seed)
    {
        var lot = new Random(seed);
        using var folder = new TempFolder();
        var files = MakeTree(folder, lot);
        var chosen = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var flags = Flags(folder, lot, trial, files);
            var theirs = await Tool.RunAsync(rclone, ["lsf", "-R", "--files-only", .. flags, folder["tree"]], environment: new Dictionary<string, string> { ["RCLONE_CONFIG"] = "/dev/null" });
            var ours = await Tool.RunAsync(Repository.Command[0], [.. Repository.Command.Skip(1), "filters", "test", .. files, "--in", folder["tree"], "--json", .. flags]);

            var included = JsonElement.Parse(ours.Ok().Output).GetProperty("results").EnumerateArray()
                .Where(result => result.GetProperty("included").GetBoolean()).Select(result => result.GetProperty("path").GetString()!).ToArray();
            var expected = theirs.Ok().Lines.Order(StringComparer.Ordinal).ToArray();
            Assert.True(
                expected.SequenceEqual(included.Order(StringComparer.Ordinal), StringComparer.Ordinal),
                $"{string.Join(' ', flags)}\nrclone: {string.Join(' ', expected)}\ncoffre: {string.Join(' ', included)}");
            chosen += expected.Length > 0 && expected.Length < files.Length ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Trials} sets of flags over {files.Length} files; {chosen} chose some and left some"));
        Assert.InRange(chosen, Trials / 3, Trials);
    }

    private static string[] MakeTree(TempFolder folder, Random lot)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 150; i++)
        {
            var names = Enumerable.Range(0, lot.Next(1, 5)).Select(_ => Names[lot.Next(Names.Length)]).ToArray();
            var path = string.Join('/', names[..^1].Select(name => "d" + name).Append(names[^1]));
            if (!files.Add(path))
            {
                continue;
            }

            var made = folder.Write("tree/" + path, new byte[lot.Next(0, 4000)]);
            File.SetLastWriteTimeUtc(made, DateTime.UtcNow.AddDays(-lot.Next(0, 20)).AddHours(-6));
        }

        foreach (var marked in files.Where(file => file.Contains('/', StringComparison.Ordinal)).Where((_, index) => index % 11 == 0).ToArray())
        {
            var marker = marked[..marked.LastIndexOf('/')] + "/.skip";
            folder.Write("tree/" + marker, "");
            files.Add(marker);
        }

        return [.. files];
    }

    private static List<string> Flags(TempFolder folder, Random lot, int trial, string[] files)
    {
        if (trial % 15 == 14)
        {
            var raw = trial % 2 == 0;
            var listed = files.Where(_ => lot.Next(4) == 0).Append("not there");
            return [raw ? "--files-from-raw" : "--files-from", folder.Write("list", string.Join('\n', listed))];
        }

        List<string> flags = [];
        for (var count = lot.Next(0, 3); count > 0; count--)
        {
            flags.AddRange(lot.Next(3) switch
            {
                0 => ["--include", Pattern(lot, includes: true)],
                1 => ["--exclude", Pattern(lot, includes: false)],
                _ => ["--exclude-from", folder.Write("from" + flags.Count, $"# note\n{Pattern(lot, includes: false)}\n; note\n\n {Pattern(lot, includes: false)} \n")],
            });
        }

        for (var count = lot.Next(0, 4); count > 0; count--)
        {
            var includes = lot.Next(2) == 0;
            flags.AddRange(["--filter", (includes ? "+ " : "- ") + Pattern(lot, includes)]);
        }

        string[][] more =
        [
            ["--filter", "- *"], ["--ignore-case"], ["--min-size", "1k"], ["--min-size", "500B"], ["--max-size", "3k"], ["--max-age", "10d"],
            ["--min-age", "84h"], ["--exclude-if-present", ".skip"], ["--max-age", "2020-01-01"],
        ];
        return [.. flags, .. more.Where(_ => lot.Next(5) == 0).DistinctBy(words => words[0] == "--filter" ? "" : words[0]).SelectMany(words => words)];
    }

    private static string Pattern(Random lot, bool includes)
    {
        string Name() => string.Concat(Enumerable.Range(0, lot.Next(1, 3)).Select(_ => Parts[lot.Next(Parts.Length)])).Replace("**", "*", StringComparison.Ordinal);
        var folders = Enumerable.Range(0, lot.Next(0, 3)).Select(_ => lot.Next(4) == 0 ? "**" : "d" + Name()).ToArray();
        if (includes && folders.Length > 0)
        {
            return "/" + string.Join('/', [.. folders, Name()]);
        }

        var name = lot.Next(4) switch { 0 when folders.Length > 0 => "**", 1 => Name() + "/", _ => Name() };
        return (lot.Next(2) == 0 ? "/" : "") + string.Join('/', [.. folders, includes ? name.TrimEnd('/') : name]);
    }
}
