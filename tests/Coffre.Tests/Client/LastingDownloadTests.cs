using System.Runtime.Versioning;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Downloads;
using Coffre.Client.Local;
using Coffre.Hashing;
using Coffre.Protocol.V1;
using Coffre.Tests.Cli;
using Coffre.Tests.Client.Sync;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Client;

/// <summary>What a power cut may take of a download: never its bytes without its name, never the file that it replaces.</summary>
[SupportedOSPlatform("linux")]
public sealed class LastingDownloadTests : IDisposable
{
    private const string Link = "https://files.example.org/?abcdefghij0123456789";
    private const int Large = 2 << 20;
    private const int Small = 1000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coffre-lasting-");
    private readonly SeenDisk _disk = new();

    private string Target => Path.Combine(_folder.FullName, "a");

    public void Dispose() => _folder.Delete(recursive: true);

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private string PartPath(int length, bool hasChecksum = true) => PartFile.PathFor(Target, RemoteOf(length, hasChecksum));

    private static RemoteFile RemoteOf(int length, bool hasChecksum = true) =>
        new() { Link = Link, Name = "a", Size = length, Checksum = hasChecksum ? Convert.ToHexStringLower(Whirlpool.HashData(Content(length))) : null };

    private Task<DownloadResult> GetAsync(int length, int ranges = 1, bool hasChecksum = true) => new FakeService()
        .On(V1Paths.DownloadToken, """{"status":"OK","url":"https://files.example.org/d?t=1"}""")
        .On("/d", asked => Bytes.Serve(Content(length), asked))
        .Client(change: options => options with { Disk = _disk })
        .DownloadAsync(RemoteOf(length, hasChecksum), Target, new DownloadOptions { Ranges = ranges });

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var bytes = new byte[RandomAccess.GetLength(file)];
        Assert.Equal(bytes.Length, RandomAccess.Read(file, bytes, 0));
        return bytes;
    }

    [Theory]
    [InlineData(1, true, false)]
    [InlineData(1, false, true)]
    [InlineData(3, true, true)]
    [InlineData(3, false, false)]
    public async Task All_bytes_are_synced_before_the_file_has_its_name_and_the_name_before_anybody_is_told(int ranges, bool hasChecksum, bool replaces)
    {
        if (replaces)
        {
            await File.WriteAllTextAsync(Target, "old", TestContext.Current.CancellationToken);
        }

        byte[]? synced = null;
        _disk.Before = (call, file) =>
        {
            synced = file is null ? synced : Read(file);
            if (!call.StartsWith("sync folder", StringComparison.Ordinal))
            {
                Assert.Equal(replaces ? "old" : null, File.Exists(Target) ? File.ReadAllText(Target) : null);
                return;
            }

            Assert.Equal(Content(Large), synced);
            Assert.Equal(Content(Large), File.ReadAllBytes(Target));
        };

        var result = await GetAsync(Large, ranges, hasChecksum);

        Assert.Equal(ranges, result.Ranges);
        Assert.Equal(["sync " + Path.GetFileName(PartPath(Large, hasChecksum)), "name a", "sync folder " + _folder.Name], _disk.Take()[^3..]);
    }

    [Fact]
    public async Task A_small_file_is_synced_only_where_it_replaces_another()
    {
        await GetAsync(Small);
        Assert.Equal(["name a"], _disk.Take());

        await GetAsync(Small);
        Assert.Equal(["sync " + Path.GetFileName(PartPath(Small)), "name a", "sync folder " + _folder.Name], _disk.Take());
    }

    /// <summary>After a sync that failed the kernel may show bytes that are not on the disk, and say of the next sync that it went well.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public async Task Where_the_bytes_cannot_be_synced_there_is_no_file_and_they_come_again(int ranges, bool hasChecksum)
    {
        await File.WriteAllTextAsync(Target, "old", TestContext.Current.CancellationToken);
        _disk.Before = (_, file) => Refuse(file is not null);

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => GetAsync(Large, ranges, hasChecksum));

        Assert.Equal(CoffreError.LocalFile, trouble.Error);
        Assert.Equal("old", await File.ReadAllTextAsync(Target, TestContext.Current.CancellationToken));
        Assert.Equal(0, new FileInfo(PartPath(Large, hasChecksum)).Length);
        Assert.DoesNotContain("name a", _disk.Take());

        _disk.Before = static (_, _) => { };
        var again = await GetAsync(Large, ranges, hasChecksum);
        Assert.Equal((0, Large), (again.ResumedFrom, again.Received));
        Assert.Equal(Content(Large), await File.ReadAllBytesAsync(Target, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_name_that_cannot_be_given_or_synced_is_an_error_and_no_byte_comes_twice()
    {
        _disk.Before = (call, _) => Refuse(call == "name a");
        Assert.Equal(CoffreError.LocalFile, (await Assert.ThrowsAsync<CoffreException>(() => GetAsync(Large))).Error);
        Assert.False(File.Exists(Target));
        Assert.Equal(Large, new FileInfo(PartPath(Large)).Length);

        _disk.Before = (call, _) => Refuse(call.StartsWith("sync folder", StringComparison.Ordinal));
        Assert.Equal(CoffreError.LocalFile, (await Assert.ThrowsAsync<CoffreException>(() => GetAsync(Large))).Error);
        Assert.Equal(Content(Large), await File.ReadAllBytesAsync(Target, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_real_disk_syncs_files_and_folders_and_says_where_it_cannot()
    {
        using var file = File.OpenHandle(Target, FileMode.Create, FileAccess.Write);
        DiskCalls.Own.SyncFile(file);
        DiskCalls.Own.SyncFolder(_folder.FullName);
        Assert.Throws<IOException>(() => DiskCalls.Own.SyncFolder(Path.Combine(_folder.FullName, "none")));
    }

    [Fact]
    public async Task A_sync_down_keeps_the_same_order_up_to_the_last_name()
    {
        await using var bench = await SyncBench.StartAsync();
        bench.Disk = _disk;
        bench.Write("up/large", new string('l', Large));
        bench.Write("up/small", "1");
        await bench.UpAsync("up", "t");
        await bench.DownAsync("t", "down");
        var calls = _disk.Take();
        Assert.Equal(["sync folder down"], calls.Where(call => call.StartsWith("sync folder", StringComparison.Ordinal)));
        Assert.True(Array.FindIndex(calls, call => call.EndsWith(".part", StringComparison.Ordinal) && call.StartsWith("sync ", StringComparison.Ordinal)) is >= 0 and var synced
            && synced < Array.IndexOf(calls, "name large") && Array.IndexOf(calls, "name large") < Array.IndexOf(calls, "sync folder down"));

        bench.Write("up/small", "22", new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await bench.UpAsync("up", "t");
        _disk.Before = (_, file) => Refuse(file is not null);
        await bench.DownAsync("t", "down");
        Assert.Equal("small", Assert.Single(bench.Failures).Path);
        Assert.Equal("1", await File.ReadAllTextAsync(bench.Local("down/small"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain("name small", _disk.Take());

        _disk.Before = static (_, _) => { };
        await bench.DownAsync("t", "down");
        calls = _disk.Take();
        Assert.Equal("22", await File.ReadAllTextAsync(bench.Local("down/small"), TestContext.Current.CancellationToken));
        Assert.Equal(["name small", "sync folder down"], calls[^2..]);
        Assert.StartsWith("sync .coffre", calls[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get", ":/t/large")]
    [InlineData("copy", ":/t")]
    public async Task A_job_is_done_only_after_its_files_last_and_failed_where_they_do_not(string command, string source)
    {
        await using var server = await TestServer.StartAsync();
        using var cli = new CliRunner { ShapeClient = options => options with { Disk = _disk } };
        (await cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();
        (await cli.RunAsync("put", cli.Write("large", new string('l', Large)), ":/t/")).Ok();
        var jobs = Path.Combine(cli.Folder, "state", "coffre", "jobs");
        File.Delete(Assert.Single(Directory.GetFiles(jobs, "*.json")));
        Directory.CreateDirectory(cli.Local("here"));

        _disk.Before = (_, file) => Refuse(file is not null);
        Assert.NotEqual(ExitCode.Success, (await cli.RunAsync(command, source, cli.Local("here"))).ExitCode);
        Assert.Contains("\"failed\"", State(), StringComparison.Ordinal);
        Assert.EndsWith(".part", Assert.Single(Directory.GetFiles(cli.Local("here"))), StringComparison.Ordinal);

        string? atLast = null;
        _disk.Before = (call, _) => atLast = call.StartsWith("sync folder", StringComparison.Ordinal) ? State() : atLast;
        File.Delete(Directory.GetFiles(jobs, "*.json").Single());
        (await cli.RunAsync(command, source, cli.Local("here"))).Ok();
        Assert.Contains("\"running\"", atLast, StringComparison.Ordinal);
        Assert.Contains("\"done\"", State(), StringComparison.Ordinal);
        Assert.Equal("large", Path.GetFileName(Assert.Single(Directory.GetFiles(cli.Local("here")))));

        string State() => File.ReadAllText(Directory.GetFiles(jobs, "*.json").Single());
    }

    private static void Refuse(bool isIt)
    {
        if (isIt)
        {
            throw new IOException("refused");
        }
    }
}
