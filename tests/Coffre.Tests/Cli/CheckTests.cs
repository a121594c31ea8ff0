using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary><c>check</c>: what is the same and what is not, and manifests that stand for a tree.</summary>
public sealed class CheckTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
        _cli.Write("t/same", "same");
        _cli.Write("t/sub/content", "abc");
        _cli.Write("t/size", "12345");
        (await RunAsync("sync", _cli.Local("t"), ":/t")).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task DifferAsync()
    {
        _cli.Write("t/sub/content", "xyz");
        _cli.Write("t/size", "123456");
        _cli.Write("t/mine", "mine");
        (await RunAsync("put", _cli.Write("theirs", "theirs"), ":/t/")).Ok();
    }

    [Fact]
    public async Task Equal_trees_are_equal_at_every_depth()
    {
        foreach (var depth in new[] { "--size-only-is-default", "--checksum", "--download" })
        {
            var outcome = (await RunAsync(["check", _cli.Local("t"), ":/t", .. depth.StartsWith("--size", StringComparison.Ordinal) ? Array.Empty<string>() : [depth]])).Ok();
            Assert.Equal(["= same", "= size", "= sub/content"], outcome.Lines);
        }

        Assert.Contains("3 the same, 0 different", (await RunAsync("check", ":/t", _cli.Local("t"))).Ok().Error, StringComparison.Ordinal);
        (await RunAsync("check", ":/t", ":/t", "--checksum")).Ok();
    }

    [Fact]
    public async Task Differences_are_rclones_symbols_and_exit_code_11()
    {
        await DifferAsync();

        Assert.Equal(["+ mine", "= same", "* size", "= sub/content", "- theirs"], (await RunAsync("check", _cli.Local("t"), ":/t")).Is(ExitCode.Integrity).Lines);
        Assert.Equal(["+ mine", "= same", "* size", "* sub/content", "- theirs"], (await RunAsync("check", _cli.Local("t"), ":/t", "--checksum")).Is(ExitCode.Integrity).Lines);
        Assert.Equal(["+ mine", "= same", "* size", "* sub/content"], (await RunAsync("check", _cli.Local("t"), ":/t", "--download", "--one-way")).Is(ExitCode.Integrity).Lines);
        var json = (await RunAsync("check", ":/t", _cli.Local("t"), "--json")).Is(ExitCode.Integrity);
        Assert.Equal("missing_in_source", json.Results.Single(line => line.GetProperty("path").GetString() is "mine").GetProperty("state").GetString());
        Assert.Equal("different", json.Json.GetProperty("error").GetProperty("code").GetString());
        (await RunAsync("check", _cli.Local("t"), ":/t", "--include", "/same")).Ok();
    }

    [Fact]
    public async Task A_manifest_stands_for_the_folder_when_that_is_gone()
    {
        var manifest = _cli.Local("t.manifest");
        (await RunAsync("check", _cli.Local("t"), ":/t", "--manifest", manifest)).Ok();
        Directory.Delete(_cli.Local("t"), recursive: true);

        Assert.Equal(["= same", "= size", "= sub/content"], (await RunAsync("check", manifest, ":/t", "--download")).Ok().Lines);
        Assert.DoesNotContain(_server.Key, await File.ReadAllTextAsync(manifest), StringComparison.Ordinal);

        (await RunAsync("rm", "-y", ":/t/same")).Ok();
        (await RunAsync("put", _cli.Write("content", "xyz"), ":/t/sub/")).Ok();
        Assert.Equal(["+ same", "= size", "* sub/content"], (await RunAsync("check", manifest, ":/t", "-c")).Is(ExitCode.Integrity).Lines);

        // One of the service serves as well.
        (await RunAsync("check", ":/t", manifest, "--manifest", _cli.Local("now.manifest"))).Is(ExitCode.Integrity);
        (await RunAsync("check", _cli.Local("now.manifest"), ":/t", "-c")).Ok();
    }

    [Fact]
    public async Task A_torn_or_foreign_manifest_is_refused()
    {
        var manifest = _cli.Local("t.manifest");
        (await RunAsync("check", _cli.Local("t"), ":/t", "--manifest", manifest)).Ok();
        var lines = await File.ReadAllLinesAsync(manifest);

        await File.WriteAllLinesAsync(manifest, lines[..^1]);
        Assert.Contains("not written to its end", (await RunAsync("check", manifest, ":/t")).Is(ExitCode.Failure).Error, StringComparison.Ordinal);
        await File.WriteAllLinesAsync(manifest, [.. lines[..2], .. lines[3..]]);
        Assert.Contains("names 3 files and holds 2", (await RunAsync("check", manifest, ":/t")).Is(ExitCode.Failure).Error, StringComparison.Ordinal);
        (await RunAsync("check", _cli.Local("t/same"), ":/t")).Is(ExitCode.Failure);
        (await RunAsync("check", _cli.Local("gone"), ":/t")).Is(ExitCode.NotFound);
        (await RunAsync("check", _cli.Local("t"), ":/gone")).Is(ExitCode.NotFound);
        (await RunAsync("check", "-", ":/t")).Is(ExitCode.Usage);
    }

    [Fact]
    public async Task What_cannot_be_read_is_an_error_and_exit_code_8()
    {
        Directory.CreateDirectory(_cli.Local("t/bad"));
        File.CreateSymbolicLink(_cli.Local("t/bad/loop"), "loop");

        var outcome = (await RunAsync("check", _cli.Local("t"), ":/t", "-L")).Is(ExitCode.Partial);

        Assert.Contains("! bad", outcome.Lines);
    }
}
