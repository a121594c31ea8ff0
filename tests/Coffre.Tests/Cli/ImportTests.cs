using Coffre.Cli.Profiles;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;

namespace Coffre.Tests.Cli;

/// <summary><c>coffre import rclone</c>.</summary>
public sealed class ImportTests : IDisposable
{
    private const string Foreign = "0123456789abcdefghijklmnopqrstuv";

    // What rclone obscure made of it.
    private const string Obscured = "S2Ve2Dm0AhyWTL6hetiT9PReZy7lufoDpuaXEL6WMi6MADI7uhBgPqQJRuZ7MKPQ";

    private readonly CliRunner _cli = new();
    private readonly FakeService _service = new FakeService().OnCurrentKey().On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");
    private readonly string _key = ApiKey.New();

    public ImportTests()
    {
        _cli.Handler = _service;
        _cli.Time = _service.Clock;
        _cli.Variables["HOME"] = _cli.Local("home");
    }

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task The_only_remote_of_the_type_becomes_a_profile_of_its_name()
    {
        var file = _cli.Write("home/.config/rclone/rclone.conf", $"# mine\n[s3]\ntype = s3\napi_key = nonsense\n\n[vendor]\nshared_folder = x\ntype = fichier\napi_key = {Foreign}\n");

        var outcome = (await _cli.RunAsync("import", "rclone")).Ok();

        Assert.Contains(file, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Foreign, outcome.Out + outcome.Error, StringComparison.Ordinal);
        Assert.Equal([Foreign], _cli.Keyring.Items.Values);
        (await _cli.RunAsync("ls", "vendor:/")).Ok();
        Assert.Equal(("Bearer " + Foreign, "api.1fichier.com"), (_service.Asked[^1].Authorization, _service.Asked[^1].Uri.Host));
    }

    [Fact]
    public async Task A_key_of_ours_wants_its_address()
    {
        _cli.Variables["RCLONE_CONFIG"] = _cli.Write("my.conf", $"[home]\r\ntype=fichier\r\napi_key={_key}\r\n");

        (await _cli.RunAsync("import", "rclone")).Is(ExitCode.Usage);
        Assert.Empty(_service.Asked);
        (await _cli.RunAsync("import", "rclone", "home:", "--url", "files.example.org", "--profile", "nas")).Ok();

        Assert.Equal("nas", Assert.Single(_cli.Keyring.Items).Key.Account);
    }

    [Fact]
    public async Task An_obscured_key_is_read_too()
    {
        Assert.Equal(Foreign, RcloneConfig.Reveal(Obscured));
        Assert.Equal(Foreign, RcloneConfig.Reveal(Foreign));
        Assert.Equal("not a key", RcloneConfig.Reveal("not a key"));
        _cli.Write("c", $"[a]\ntype = fichier\napi_key = {Obscured}\n");

        (await _cli.RunAsync("import", "rclone", "--config", _cli.Local("c"), "--profile", "obscured")).Ok();

        Assert.Equal([Foreign], _cli.Keyring.Items.Values);
    }

    [Theory]
    [InlineData("# Encrypted rclone configuration File\n\nRCLONE_ENCRYPT_V0:\nabc", 2, "is encrypted")]
    [InlineData("[a]\ntype = s3\n", 2, "no remote of type fichier")]
    [InlineData("[aa]\ntype = fichier\n[bb]\ntype = fichier\n", 2, "several remotes of type fichier: aa, bb")]
    [InlineData("[aa]\ntype = fichier\n", 2, "has no api_key")]
    [InlineData("[aa]\ntype = fichier\napi_key = short\n", 3, "has 5 characters")]
    public async Task What_cannot_be_imported_is_said(string config, int exitCode, string said)
    {
        var outcome = (await _cli.RunAsync("import", "rclone", "--config", _cli.Write("c", config))).Is((ExitCode)exitCode);

        Assert.Contains(said, outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_said()
    {
        Assert.Contains("rclone config file", (await _cli.RunAsync("import", "rclone")).Is(ExitCode.NotFound).Error, StringComparison.Ordinal);
        (await _cli.RunAsync("import", "rclone", "--config", _cli.Local("none"))).Is(ExitCode.NotFound);
        (await _cli.RunAsync("import", "rclone", "other", "--config", _cli.Write("c", "[a]\ntype = fichier\napi_key = x\n"))).Is(ExitCode.NotFound);
    }
}
