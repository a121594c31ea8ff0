using System.Text;
using System.Text.Json;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

public sealed class OldRcloneHttp1Tests(OldRcloneHttp1 fixture) : RcloneTests(fixture), IClassFixture<OldRcloneHttp1>;

public sealed class OldRcloneHttp2Tests(OldRcloneHttp2 fixture) : RcloneTests(fixture), IClassFixture<OldRcloneHttp2>;

public sealed class NewestRcloneHttp1Tests(NewestRcloneHttp1 fixture) : RcloneTests(fixture), IClassFixture<NewestRcloneHttp1>;

public sealed class NewestRcloneHttp2Tests(NewestRcloneHttp2 fixture) : RcloneTests(fixture), IClassFixture<NewestRcloneHttp2>;

/// <summary>
/// rclone's 1fichier backend, unmodified, for daily work. It waits 400 ms between calls, whatever the server does: so the trees are small,
/// the four combinations of version and HTTP run beside each other, and each test has a folder of its own on its class's server.
/// </summary>
public abstract class RcloneTests(RcloneFixture fixture) : IDisposable
{
    private readonly TempFolder _local = new();

    /// <summary>This rclone; a test that needs one that could not be had is skipped, and says so.</summary>
    private RcloneRemote Rclone
    {
        get
        {
            Assert.SkipWhen(fixture.Remote is null, "The newest rclone could not be had on this machine; ./test says why.");
            return fixture.Remote;
        }
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _local.Dispose();
    }

    [Fact]
    public async Task The_wanted_http_version_is_spoken()
    {
        var said = await RunAsync("lsd", "F:", "-vv", "--dump", "headers");

        Assert.Contains(fixture.Http2 ? "HTTP/2.0 200" : "HTTP/1.1 200", said.Errors, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"rclone {Rclone.Version}, {Rclone.Proxy.Tunnels} tunnels so far");
    }

    [Fact]
    public async Task A_tree_with_odd_names_goes_up_checks_clean_and_comes_back_identical()
    {
        OddTree.WriteInto(_local, "tree");

        await RunAsync("copy", _local["tree"], "F:odd");
        await RunAsync("check", _local["tree"], "F:odd");
        await RunAsync("copy", "F:odd", _local["back"]);

        await OddTree.AssertSameAsync(_local["tree"], _local["back"]);
        Rclone.Server.AssertNoFault();
    }

    [Fact]
    public async Task A_second_copy_finds_nothing_to_do()
    {
        _local.Write("tree/a.txt", "a");
        _local.Write("tree/b/c.txt", "c");
        await RunAsync("copy", _local["tree"], "F:again");

        var second = await RunAsync("copy", _local["tree"], "F:again", "-v");

        Assert.Contains("nothing to transfer", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_is_found_by_check()
    {
        _local.Write("tree/a.txt", "one");
        await RunAsync("copy", _local["tree"], "F:differs");
        _local.Write("tree/a.txt", "two");

        var check = (await Rclone.RunAsync("check", _local["tree"], "F:differs")).Failed();

        Assert.Contains("1 differences found", check.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_makes_the_remote_equal()
    {
        _local.Write("tree/changes.txt", "before");
        _local.Write("tree/goes.txt", "goes");
        _local.Write("tree/stays.txt", "stays");
        await RunAsync("sync", _local["tree"], "F:synced");

        _local.Write("tree/changes.txt", "after");
        _local.Write("tree/new/comes.txt", "comes");
        File.Delete(_local["tree/goes.txt"]);
        await RunAsync("sync", _local["tree"], "F:synced");

        Assert.Equal(["changes.txt", "new/comes.txt", "stays.txt"], await FilesAsync("F:synced"));
        await RunAsync("check", _local["tree"], "F:synced");
    }

    [Fact]
    public async Task A_file_is_renamed_where_it_lies()
    {
        await PutAsync("F:rename/old name.txt", "content");

        await RunAsync("moveto", "F:rename/old name.txt", "F:rename/new name é.txt");

        Assert.Equal(["new name é.txt"], await FilesAsync("F:rename"));
        Assert.Equal("content", (await RunAsync("cat", "F:rename/new name é.txt")).Output);
    }

    [Fact]
    public async Task A_file_moves_to_another_folder()
    {
        await PutAsync("F:moves/from/a.txt", "content");
        await RunAsync("mkdir", "F:moves/to");

        var moved = await Rclone.RunAsync("moveto", "F:moves/from/a.txt", "F:moves/to/b.txt");

        // 1.60 renames the file and leaves it where it was, and believes that it moved.
        Assert.Equal(Rclone.CannotMove ? ["from/b.txt"] : ["to/b.txt"], await FilesAsync("F:moves"));
        Assert.True(moved.ExitCode == 0, moved.Describe());
    }

    [Fact]
    public async Task A_folder_moves_with_all_that_is_in_it()
    {
        await PutAsync("F:tree moves/before/a.txt", "a");
        await PutAsync("F:tree moves/before/deep/b.txt", "b");

        if (Rclone.CannotMove)
        {
            // It tries file by file and fails. Nothing may get lost over it.
            (await Rclone.RunAsync("move", "F:tree moves/before", "F:tree moves/after", "--retries", "1")).Failed();
            Assert.Equal(["before/a.txt", "before/deep/b.txt"], await FilesAsync("F:tree moves"));
            return;
        }

        await RunAsync("move", "F:tree moves/before", "F:tree moves/after/inside");
        Assert.Equal(["after/inside/a.txt", "after/inside/deep/b.txt"], await FilesAsync("F:tree moves"));
        await RunAsync("move", "F:tree moves/after/inside", "F:tree moves to the top");
        Assert.Equal(["a.txt", "deep/b.txt"], await FilesAsync("F:tree moves to the top"));
    }

    [Fact]
    public async Task A_file_is_copied_on_the_server()
    {
        await PutAsync("F:copies/a.txt", "content");

        var said = await RunAsync("copyto", "F:copies/a.txt", "F:copies/b.txt", "-v");

        Assert.Contains("server-side", said.Errors, StringComparison.Ordinal);
        Assert.Equal(["a.txt", "b.txt"], await FilesAsync("F:copies"));
        Assert.Equal("content", (await RunAsync("cat", "F:copies/b.txt")).Output);
    }

    [Fact]
    public async Task Folders_are_made_and_only_empty_ones_are_removed()
    {
        await RunAsync("mkdir", "F:folders/one/two");
        await PutAsync("F:folders/one/file.txt", "x");

        (await Rclone.RunAsync("rmdir", "F:folders/one", "--retries", "1", "--low-level-retries", "1")).Failed();
        await RunAsync("rmdir", "F:folders/one/two");

        Assert.Equal(["one/", "one/file.txt"], (await RunAsync("lsf", "-R", "F:folders")).Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Files_are_deleted_one_by_one_and_a_tree_at_once()
    {
        _local.Write("tree/a.txt", "a");
        _local.Write("tree/b.txt", "b");
        _local.Write("tree/c/d.txt", "d");
        await RunAsync("copy", _local["tree"], "F:goes");

        await RunAsync("deletefile", "F:goes/a.txt");
        Assert.Equal(["b.txt", "c/d.txt"], await FilesAsync("F:goes"));

        await RunAsync("purge", "F:goes");
        Assert.DoesNotContain("goes/", (await RunAsync("lsf", "F:")).Lines);
    }

    [Fact]
    public async Task A_link_is_given_and_opens_a_page_for_people()
    {
        await PutAsync("F:links/for you.txt", "content");

        var link = (await RunAsync("link", "F:links/for you.txt")).Output.Trim();

        Assert.Matches("^https://1fichier\\.com/\\?[a-z0-9]{20}$", link);
        var authority = await CertificateAuthority.GetAsync();
        var page = (await Tool.RunAsync("curl", ["-sS", "--fail", "--proxy", Rclone.Proxy.Address.ToString(), "--cacert", authority.Authority, link])).Ok();
        Assert.Contains("for you.txt", page.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task About_tells_what_is_used_and_what_is_free()
    {
        await PutAsync("F:about/a.bin", new string('a', 1000));

        var about = JsonDocument.Parse((await RunAsync("about", "--json", "F:")).Output).RootElement;

        Assert.True(about.GetProperty("used").GetInt64() >= 1000, about.ToString());
        Assert.Equal(about.GetProperty("total").GetInt64() - about.GetProperty("used").GetInt64(), about.GetProperty("free").GetInt64());
    }

    [Fact]
    public async Task Cat_reads_from_an_offset_and_only_so_many_bytes()
    {
        var content = Bytes.Random(300_000);
        _local.Write("tree/a.bin", content);
        await RunAsync("copy", _local["tree"], "F:cat");

        var middle = await RunAsync("cat", "--offset", "100000", "--count", "50", "F:cat/a.bin");
        var tail = await RunAsync("cat", "--offset", "-7", "F:cat/a.bin");

        Assert.Equal(content[100_000..100_050], middle.OutputBytes);
        Assert.Equal(content[^7..], tail.OutputBytes);
    }

    [Fact]
    public async Task Lsjson_tells_name_size_type_checksum_and_time()
    {
        var path = _local.Write("tree/note.txt", "some text");
        await RunAsync("copy", _local["tree"], "F:listed");

        var item = JsonDocument.Parse((await RunAsync("lsjson", "--hash", "F:listed")).Output).RootElement[0];

        Assert.Equal("note.txt", item.GetProperty("Name").GetString());
        Assert.Equal(9, item.GetProperty("Size").GetInt64());
        Assert.False(item.GetProperty("IsDir").GetBoolean());
        Assert.StartsWith("text/plain", item.GetProperty("MimeType").GetString(), StringComparison.Ordinal);
        Assert.Equal(await Openssl.WhirlpoolAsync(path), item.GetProperty("Hashes").GetProperty("whirlpool").GetString());
        // The protocol's dates are Paris local time without an offset, and rclone reads them as UTC: up to two hours ahead by its own reading.
        var age = DateTimeOffset.UtcNow - item.GetProperty("ModTime").GetDateTimeOffset();
        Assert.InRange(age, TimeSpan.FromHours(-2.1), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task A_stream_of_unknown_size_is_kept()
    {
        (await Rclone.RunAsync(null, ["rcat", "F:stream/from stdin.txt"], Encoding.UTF8.GetBytes("out of a pipe"))).Ok();

        Assert.Equal("out of a pipe", (await RunAsync("cat", "F:stream/from stdin.txt")).Output);
    }

    [Fact]
    public async Task An_upload_past_the_quota_fails_and_does_not_hang()
    {
        var key = await Rclone.Server.AddAccountAsync("small@example.org", "1MB");
        _local.Write("big.bin", Bytes.Random(6_000_000));

        var refused = (await Rclone.RunAsync(key, ["copyto", _local["big.bin"], "F:big.bin", "--retries", "1"], timeout: TimeSpan.FromSeconds(60))).Failed();

        Assert.Contains("507", refused.Errors, StringComparison.Ordinal);
        Assert.Empty((await Rclone.RunAsync(key, ["lsf", "F:"])).Ok().Lines);
        Rclone.Server.AssertNoFault();
    }

    [Fact]
    public async Task A_wrong_key_fails_at_once()
    {
        var logged = Rclone.Server.Log.Length;

        var refused = (await Rclone.RunAsync("cof_0000000000000000000000000000", ["lsf", "F:"], timeout: TimeSpan.FromSeconds(30))).Failed();

        Assert.Contains("401", refused.Errors, StringComparison.Ordinal);

        // Told apart by how often it asks, not by how long it takes: what it tries again, it tries ten times.
        await Until.HoldsAsync(() => Refusals() > 0, "the server has told of the refusal");
        Assert.Equal(1, Refusals());

        int Refusals() => Rclone.Server.Log[logged..].Split('\n').Count(line => line.Contains(" 401 in ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_reported()
    {
        var missing = (await Rclone.RunAsync("lsf", "F:there is no such folder", "--retries", "1")).Failed();

        Assert.Contains("directory not found", missing.Errors, StringComparison.Ordinal);
    }

    private async Task<ToolResult> RunAsync(params string[] arguments) => (await Rclone.RunAsync(arguments)).Ok();

    private async Task PutAsync(string to, string content) => await RunAsync("copyto", _local.Write("put.tmp", content), to);

    private async Task<IEnumerable<string>> FilesAsync(string remote) =>
        (await RunAsync("lsf", "-R", "--files-only", remote)).Lines.Order(StringComparer.Ordinal);
}
