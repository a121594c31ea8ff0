using Coffre.Client;
using Coffre.Client.Filters;
using Coffre.Client.Sync;

namespace Coffre.Tests.Client.Sync;

/// <summary>Empty files where the service takes none, twins, the trash, and what a plan is.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SyncRulesTests
{
    [Fact]
    public async Task A_file_that_becomes_empty_and_full_again_is_right_at_each_step_on_1fichier()
    {
        await using var bench = await SyncBench.StartAsync(asOneFichier: true);
        foreach (var text in new[] { "full", "", "full again", "" })
        {
            bench.Write("t/a", text, new DateTimeOffset(2020, 1, 1, 0, 0, text.Length, TimeSpan.Zero));
            await bench.UpAsync("t", "T");
            Assert.Empty(bench.Failures);
            await bench.DownAsync("T", "back");

            Assert.Equal(bench.Snapshot("t"), bench.Snapshot("back"));
            Assert.Empty((await bench.UpAsync("t", "T")).Actions);
        }

        File.Delete(bench.Local("t/a"));
        bench.Write("t/b", "b");
        await bench.UpAsync("t", "T", bench.Options(deletes: true));
        await bench.DownAsync("T", "back", bench.Options(deletes: true));
        Assert.Equal(bench.Snapshot("t"), bench.Snapshot("back"));
    }

    [Fact]
    public async Task Older_files_of_one_name_go_into_the_trash_with_delete_and_stay_without()
    {
        await using var bench = await SyncBench.StartAsync();
        var folder = await bench.Server.MakeFolderAsync("T");
        await bench.Server.UploadAsync("a", "old"u8.ToArray(), folder);
        bench.Server.Clock.Advance(TimeSpan.FromMinutes(1));
        await bench.Server.UploadAsync("a", "newer"u8.ToArray(), folder);
        bench.Write("t/a", "newer");

        await bench.UpAsync("t", "T");
        Assert.Equal(2, (await bench.Server.ListNamesAsync(folder)).Count(name => name == "a"));
        await bench.UpAsync("t", "T", bench.Options(deletes: true));

        Assert.Single(await bench.Server.ListNamesAsync(folder), name => name == "a");
        await bench.DownAsync(".coffre-trash", "trash");
        Assert.Equal("old", await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(bench.Local("trash"), "a", SearchOption.AllDirectories))));
    }

    [Fact]
    public async Task A_plan_that_must_not_be_applied_or_is_of_another_session_is_not()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Write("t/a", "1");
        var plan = await bench.UpAsync("t", "T");
        Directory.CreateDirectory(bench.Local("empty"));
        var client = bench.Client();
        using var index = new RemoteIndex(client);
        var session = SyncSession.Up(client, index, bench.Local("empty"), ["T"], bench.Options(deletes: true));

        await Assert.ThrowsAsync<InvalidOperationException>(() => session.ApplyAsync(plan));
        var stopped = await session.PlanAsync();
        Assert.NotNull(stopped.Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.ApplyAsync(stopped));
    }

    [Fact]
    public async Task A_sidecar_that_names_a_way_out_leads_nowhere()
    {
        await using var bench = await SyncBench.StartAsync();
        var folder = await bench.Server.MakeFolderAsync("T");
        await bench.Server.UploadAsync("a", "evil"u8.ToArray(), folder);
        var digest = LocalChecksum.Of("evil"u8)[..32];
        await bench.Server.UploadAsync(".coffre-sidecar", System.Text.Encoding.UTF8.GetBytes(
            $$"""{"coffre":"sidecar","version":1,"files":[{"name":"../../out","as":"a","size":4,"whirlpool":"{{digest}}","mode":"04755"},{"name":"../empty","empty":true},{"name":"..","empty":true}]}"""), folder);

        await bench.DownAsync("T", "deep/back");

        Assert.Empty(bench.Warnings);
        Assert.Equal(["a"], Directory.GetFileSystemEntries(bench.Local("deep/back")).Select(Path.GetFileName));
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(bench.Local("deep/back/a")));
        Assert.Equal(["back"], Directory.GetFileSystemEntries(bench.Local("deep")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task With_a_filter_both_sides_are_equal_in_what_it_includes_and_untouched_in_the_rest()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Write("t/a.txt", "1");
        bench.Write("t/d/b.txt", "2");
        bench.Write("t/d/b.bin", "3");
        await bench.UpAsync("t", "T");
        bench.Write("back/mine.bin", "mine");
        bench.Write("back/d/old.txt", "old");
        var options = bench.Options(deletes: true) with { Filter = PathFilter.FromRules("+ *.txt", "- *") };

        await bench.DownAsync("T", "back", options);

        Assert.Equal(["a.txt", "d/b.txt", "mine.bin"], Directory.GetFiles(bench.Local("back"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(bench.Local("back"), path)).Order(StringComparer.Ordinal));
        Assert.Empty((await bench.DownAsync("T", "back", options)).Actions);
    }

    [Fact]
    public async Task Many_files_go_into_the_trash_with_few_calls()
    {
        await using var bench = await SyncBench.StartAsync();
        for (var i = 0; i < 150; i++)
        {
            bench.Write($"t/d/f{i}", $"{i}");
        }

        bench.Write("t/kept", "kept");
        await bench.UpAsync("t", "T");
        Directory.Delete(bench.Local("t/d"), recursive: true);

        await bench.UpAsync("t", "T", bench.Options(deletes: true));

        // 150 files: two moves; the trash folders; its sidecar; the folder and its sidecar away.
        Assert.Equal(2, bench.Calls.Count(path => path.EndsWith("/file/mv.cgi", StringComparison.Ordinal)));
        Assert.InRange(bench.Calls.Count, 8, 20);
    }
}
