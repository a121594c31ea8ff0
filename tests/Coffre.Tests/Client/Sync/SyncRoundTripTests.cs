using System.Text;
using Coffre.Client.Sync;
using CsCheck;

namespace Coffre.Tests.Client.Sync;

/// <summary>What goes up comes back identical, on a coffre-server and under the rules of 1fichier.com.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SyncRoundTripTests
{
    private static readonly string[] NastyNames =
    [
        "plain.txt", " leading space", "trailing space ", "trailing dot.", "...", "quote\"'`$<>\\.txt", "line\nbreak\ttab", "\u0001control\u007f", "emoji 🎉 漢字", "percent%2F%00 &?#;=+",
        "＂look-alikes＇／＼", "‛quote mark", "␠picture␠", ".hidden", "-dash", "~tilde", ".coffre-sidecar", ".coffre-trash", "name~coffre-0123456789abcdef.txt", "new.part",
        "café.txt", "cafe\u0301.txt", "Case.TXT", "case.txt", "CASE.txt", new string('n', 250), new string('n', 250) + ".txt", "x" + new string('y', 240) + ".tar.gz12345",
        string.Concat(Enumerable.Repeat("é", 120)) + "漢字", string.Concat(Enumerable.Repeat("$", 85)), "con", "nul.txt", "a:b|c*d",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_corpus_of_nasty_names_times_empty_files_and_folders_comes_back_identical(bool asOneFichier)
    {
        await using var bench = await SyncBench.StartAsync(asOneFichier);
        MakeCorpus(bench);

        await bench.UpAsync("corpus", "Backup/here");
        Assert.Empty(bench.Failures);
        var again = await bench.UpAsync("corpus", "Backup/here");
        Assert.Empty(again.Actions);
        await bench.DownAsync("Backup/here", "back");
        Assert.Empty(bench.Failures);

        Assert.Equal(bench.Snapshot("corpus"), bench.Snapshot("back"));
        Assert.Empty((await bench.DownAsync("Backup/here", "back")).Actions);
        Assert.Empty((await bench.UpAsync("back", "Backup/here")).Actions);
    }

    [Fact]
    public async Task The_root_of_the_account_comes_back_too_without_its_trash()
    {
        await using var bench = await SyncBench.StartAsync();
        MakeCorpus(bench);
        bench.Write("corpus/doomed.txt", "doomed");
        await bench.UpAsync("corpus", "");
        File.Delete(bench.Local("corpus/doomed.txt"));
        await bench.UpAsync("corpus", "", bench.Options(deletes: true));
        await bench.DownAsync("", "back");

        Assert.Equal(bench.Snapshot("corpus"), bench.Snapshot("back"));
        Assert.Empty((await bench.DownAsync("", "back", bench.Options(deletes: true))).Actions);
    }

    [Fact]
    public async Task Without_its_sidecars_the_tree_comes_back_with_its_contents()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Write("a/one.txt", "1");
        bench.Write("a/b/two.txt", "22");
        await bench.UpAsync("a", "A");
        var client = bench.Client();
        foreach (var folder in new[] { "A", "A/b" })
        {
            using var index = new Coffre.Client.RemoteIndex(client);
            var node = await index.FindFolderAsync(folder.Split('/'));
            await client.DeleteFilesAsync([Assert.Single(node!.FindFiles(".coffre-sidecar")).Link]);
        }

        var down = await bench.DownAsync("A", "back");
        var up = await bench.UpAsync("a", "A");

        Assert.Equal("22", await File.ReadAllTextAsync(bench.Local("back/b/two.txt")));
        Assert.Equal(2, down.Actions.Count(action => action.Kind is SyncActionKind.Transfer));
        Assert.All(up.Actions, action => Assert.Equal(SyncActionKind.Note, action.Kind));
        Assert.Empty((await bench.UpAsync("a", "A")).Actions);
    }

    [Fact]
    public async Task Random_trees_are_equal_after_sync_with_delete_and_a_second_run_plans_nothing()
    {
        await using var bench = await SyncBench.StartAsync();
        var round = 0;
        var tree = Gen.Select(Gen.OneOf("a", "b", "A", "é", "e\u0301", "d/a", "d/b", "d/e/f", "x'y", "d").Array[0, 7], Gen.Int[0, 3].Array[7], Gen.Int[0, 2].Array[7], Gen.OneOf("r", "d", "k/l").Array[0, 2]);
        await Gen.Select(tree, tree, Gen.Bool).SampleAsync(
            async (one, two, up) =>
            {
                var name = $"r{Interlocked.Increment(ref round)}";
                Grow(bench, name + "/one", one);
                Grow(bench, name + "/two", two);
                var options = bench.Options(deletes: true);

                // What the first tree left has to become the second.
                await bench.UpAsync(name + "/one", name, options);
                if (up)
                {
                    await SureAsync(() => bench.UpAsync(name + "/two", name, options));
                    await bench.DownAsync(name, name + "/back", options);
                    Assert.Equal(bench.Snapshot(name + "/two"), bench.Snapshot(name + "/back"));
                    Assert.Empty((await bench.UpAsync(name + "/two", name, options)).Actions);
                }
                else
                {
                    await SureAsync(() => bench.DownAsync(name, name + "/two", options));
                    Assert.Equal(bench.Snapshot(name + "/one"), bench.Snapshot(name + "/two"));
                    Assert.Empty((await bench.DownAsync(name, name + "/two", options)).Actions);
                }

                Assert.Empty(bench.Failures);

                async Task SureAsync(Func<Task<SyncPlan>> sync)
                {
                    try
                    {
                        await sync();
                    }
                    catch (InvalidOperationException)
                    {
                        // An empty source stops the run: then there is nothing to compare with.
                        Grow(bench, name + "/one", (["still"], new int[7], new int[7], []));
                        Grow(bench, name + "/two", (["still"], new int[7], new int[7], []));
                        await bench.UpAsync(name + "/one", name, options);
                        await sync();
                    }
                }
            },
            iter: 30,
            threads: 1);
    }

    private static void Grow(SyncBench bench, string root, (string[] Files, int[] Contents, int[] Days, string[] Folders) tree)
    {
        Directory.CreateDirectory(bench.Local(root));
        foreach (var folder in tree.Folders.Where(folder => !File.Exists(bench.Local($"{root}/{folder}"))))
        {
            Directory.CreateDirectory(bench.Local($"{root}/{folder}"));
        }

        for (var i = 0; i < tree.Files.Length; i++)
        {
            var path = $"{root}/{tree.Files[i]}";
            if (!Directory.Exists(bench.Local(path)) && SyncTree.Above(tree.Files[i]).All(above => !File.Exists(bench.Local($"{root}/{above}"))))
            {
                bench.Write(path, new string((char)('a' + tree.Contents[i]), tree.Contents[i] * 3), new DateTimeOffset(2021, 1, 1 + tree.Days[i], 0, 0, 0, TimeSpan.Zero));
            }
        }
    }

    private static void MakeCorpus(SyncBench bench)
    {
        var moment = new DateTimeOffset(1999, 12, 31, 23, 59, 59, 123, TimeSpan.Zero);
        foreach (var (name, i) in NastyNames.Where(name => Encoding.UTF8.GetByteCount(name) <= 255).Select((name, i) => (name, i)))
        {
            File.SetUnixFileMode(bench.Write($"corpus/{name}", i % 5 == 0 ? "" : new string('x', i), moment.AddDays(i * 97).AddMilliseconds(i)), (UnixFileMode)(i % 3 == 0 ? 0x1A4 : i % 3 == 1 ? 0x180 : 0x1ED));
            if (name is not TrashPlace.FolderName)
            {
                // A folder of that name takes no part.
                Directory.CreateDirectory(bench.Local($"corpus/folders/{name}"));
            }
        }

        bench.Write("corpus/folders/case.txt/inner", "inner", DateTimeOffset.UnixEpoch);
        bench.Write("corpus/folders/Case.TXT/inner", "other", new DateTimeOffset(2106, 2, 7, 6, 28, 16, TimeSpan.Zero));
        bench.Write("corpus/large.bin", new string('z', 3 * 1024 * 1024), moment);
        Directory.CreateDirectory(bench.Local("corpus/folders/private"));
        File.SetUnixFileMode(bench.Local("corpus/folders/private"), (UnixFileMode)0x1C0);
    }
}
