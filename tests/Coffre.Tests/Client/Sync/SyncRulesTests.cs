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
            if (bench.Failures.Count > 0)
            {
                // There is only a note of it, and the old content is here still.
                Assert.Equal(("", "a", CoffreError.Conflict), (text, bench.Failures[0].Path, ((CoffreException)Assert.Single(bench.Failures).Trouble).Error));
                File.Delete(bench.Local("back/a"));
                await bench.DownAsync("T", "back");
            }

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
    public async Task A_note_of_an_empty_file_never_takes_the_place_of_content()
    {
        await using var bench = await SyncBench.StartAsync();
        var folder = await bench.Server.MakeFolderAsync("T");
        await bench.Server.UploadAsync("b", "real"u8.ToArray(), folder);
        await bench.Server.UploadAsync(
            ".coffre-sidecar", """{"coffre":"sidecar","version":1,"files":[{"name":"a","empty":true},{"name":"b","as":"elsewhere","empty":true}]}"""u8.ToArray(), folder);
        bench.Write("back/a", "mine");

        await bench.DownAsync("T", "back");

        var (path, trouble) = Assert.Single(bench.Failures);
        Assert.Equal(("a", CoffreError.Conflict), (path, ((CoffreException)trouble).Error));
        Assert.Equal(("mine", "real"), (await File.ReadAllTextAsync(bench.Local("back/a")), await File.ReadAllTextAsync(bench.Local("back/b"))));
        Assert.Empty(bench.Warnings);
    }

    [Fact]
    public async Task The_note_of_an_empty_file_ends_with_a_real_file_of_its_name()
    {
        await using var bench = await SyncBench.StartAsync(asOneFichier: true);
        bench.Write("t/a", "");
        await bench.UpAsync("t", "T");
        var client = bench.Client();
        using var index = new RemoteIndex(client);
        await bench.Server.UploadAsync("a", "theirs"u8.ToArray(), (await index.FindFolderAsync(["T"]))!.Id);
        bench.Write("more/b", "b");
        await bench.UpAsync("more", "T");
        using var later = new RemoteIndex(client);
        await client.DeleteFilesAsync([Assert.Single((await later.FindFolderAsync(["T"]))!.FindFiles("a")).Link]);

        await bench.DownAsync("T", "back");

        Assert.Equal(["b"], Directory.GetFiles(bench.Local("back")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_goes_into_one_trash_folder_first_and_last_keeps_its_time()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Write("t/x", "file");
        bench.Write("t/y", "doomed");
        await bench.UpAsync("t", "T");
        File.Delete(bench.Local("t/x"));
        File.Delete(bench.Local("t/y"));
        bench.Write("t/x/inner", "x is a folder now");

        await bench.UpAsync("t", "T", bench.Options(deletes: true));
        await bench.DownAsync(".coffre-trash", "trash");

        Assert.Equal([2020, 2020], Directory.GetFiles(bench.Local("trash"), "*", SearchOption.AllDirectories).Select(path => File.GetLastWriteTimeUtc(path).Year));
    }

    [Fact]
    public async Task Trash_folders_and_part_files_here_are_neither_sent_nor_deleted()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Write("t/a", "1");
        await bench.UpAsync("t", "");
        string[] left = ["back/.coffre-trash/20310102T030405Z/x", "back/sub/.coffre-trash/20310102T030405Z/y", "back/a.bin.0123456789.part", "back/.coffre.0123456789.part"];
        Array.ForEach(left, name => bench.Write(name, "kept"));

        await bench.DownAsync("", "back", bench.Options(deletes: true));
        var up = await bench.UpAsync("back", "T");

        Assert.All(left, name => Assert.True(File.Exists(bench.Local(name)), name));
        Assert.Equal(["a"], up.Actions.Where(action => action.Kind is SyncActionKind.Transfer).Select(action => action.Path));
    }

    [Fact]
    public async Task Links_at_a_destination_are_never_followed()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Write("t/a", "1");
        bench.Write("t/link/new", "new");
        await bench.UpAsync("t", "T");
        bench.Write("out/kept", "kept");
        Directory.CreateDirectory(bench.Local("back"));
        Directory.CreateSymbolicLink(bench.Local("back/link"), bench.Local("out"));

        await bench.DownAsync("T", "back", bench.Options(deletes: true) with { FollowLinks = true });

        Assert.Equal(["kept"], Directory.GetFileSystemEntries(bench.Local("out")).Select(Path.GetFileName));
        Assert.True(File.Exists(bench.Local("back/a")));
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
