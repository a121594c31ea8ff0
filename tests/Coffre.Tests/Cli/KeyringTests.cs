using System.Diagnostics;
using Coffre.Cli.Keyrings;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;

namespace Coffre.Tests.Cli;

/// <summary>Where keys are kept when there is a keyring, when there is none, and when there is one that does not answer.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class KeyringTests : IDisposable
{
    private static readonly KeyringItem Item = new("https://files.example.org/", "default");

    private readonly CliRunner _cli = new();
    private readonly FakeService _service = new FakeService().OnCurrentKey().On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");
    private readonly string _key = ApiKey.New();

    public KeyringTests()
    {
        _cli.Handler = _service;
        _cli.Time = _service.Clock;
    }

    public void Dispose() => _cli.Dispose();

    private Task<CliOutcome> LogInAsync(params string[] more) => _cli.PipeAsync(_key, ["auth", "login", "--url", "files.example.org", .. more]);

    [Fact]
    public async Task Without_a_keyring_nothing_is_stored_and_the_cure_is_named()
    {
        _cli.Keyring.IsMissing = true;

        var outcome = (await LogInAsync()).Is(ExitCode.NotLoggedIn);

        Assert.Contains("No keyring can be used here", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("--insecure-storage", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("COFFRE_API_KEY_FILE", outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_cli.ConfigFile));
    }

    [Fact]
    public async Task With_insecure_storage_the_key_lies_in_a_file_of_its_owner_alone_and_each_use_warns()
    {
        _cli.Keyring.IsMissing = true;
        Assert.Contains("lies in clear", (await LogInAsync("--insecure-storage")).Ok().Error, StringComparison.Ordinal);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_cli.ConfigFile));
        foreach (var command in new[] { "ls", "ls", "auth status" })
        {
            Assert.Single((await _cli.RunAsync(command.Split(' '))).Ok().Error.Split('\n'), line => line.Contains("lies in clear", StringComparison.Ordinal));
        }

        Assert.Equal("Bearer " + _key, _service.Asked[^1].Authorization);
        Assert.Contains("lies in clear", (await _cli.RunAsync("ls", "--json")).Ok().Json.GetProperty("warnings")[0].GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_keyring_insecure_storage_changes_nothing()
    {
        (await LogInAsync("--insecure-storage")).Ok();

        Assert.Equal(_key, _cli.Keyring.Items[Item]);
        Assert.DoesNotContain("key", await File.ReadAllTextAsync(_cli.ConfigFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_others_can_read_is_closed_to_them_and_that_is_said()
    {
        _cli.Keyring.IsMissing = true;
        (await LogInAsync("--insecure-storage")).Ok();
        File.SetUnixFileMode(_cli.ConfigFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Contains("could be read by others", (await _cli.RunAsync("ls")).Ok().Error, StringComparison.Ordinal);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_cli.ConfigFile));
        Assert.DoesNotContain("could be read by others", (await _cli.RunAsync("ls")).Ok().Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_in_a_file_from_before_is_read_with_a_warning_and_moved_when_asked()
    {
        _cli.Write("config/coffre/profiles.json", $$"""{"version":1,"default":"old","profiles":{"old":{"url":"https://files.example.org/","key":"{{_key}}"} } }""");

        Assert.Contains("coffre auth migrate", (await _cli.RunAsync("ls")).Ok().Error, StringComparison.Ordinal);
        Assert.Equal("Bearer " + _key, _service.Asked[^1].Authorization);
        (await _cli.RunAsync("auth", "migrate")).Ok();

        Assert.Equal(_key, _cli.Keyring.Items[Item with { Account = "old" }]);
        Assert.DoesNotContain(_key, await File.ReadAllTextAsync(_cli.ConfigFile), StringComparison.Ordinal);
        Assert.Empty((await _cli.RunAsync("ls")).Ok().Error);
        Assert.Contains("already there", (await _cli.RunAsync("auth", "migrate")).Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_not_taken_out_of_the_file_where_the_keyring_does_not_take_it()
    {
        _cli.Keyring.IsMissing = true;
        (await LogInAsync("--insecure-storage")).Ok();

        (await _cli.RunAsync("auth", "migrate")).Is(ExitCode.NotLoggedIn);

        Assert.Contains(_key, await File.ReadAllTextAsync(_cli.ConfigFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_somebody_took_out_of_the_keyring_is_said_to_be_missing()
    {
        (await LogInAsync()).Ok();
        _cli.Keyring.Items.Clear();

        Assert.Contains("coffre auth login --profile default", (await _cli.RunAsync("ls")).Is(ExitCode.NotLoggedIn).Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_call_into_the_system_that_never_returns_is_left_behind()
    {
        using var never = new ManualResetEvent(false);
        var keyring = new LimitedKeyring(new HangingKeyring(never), TimeSpan.FromMilliseconds(20));

        var trouble = Assert.Throws<KeyringException>(() => keyring.Find(Item, CancellationToken.None));

        Assert.Contains("did not answer within 0.02 s", trouble.Message, StringComparison.Ordinal);
        Assert.Contains("unlock it", trouble.Cure, StringComparison.Ordinal);
        never.Set();
    }

    [Theory]
    [InlineData("exec sleep 1000")]
    [InlineData("sleep 1000; true")]
    [InlineData("trap '' TERM; while :; do sleep 1000; done")]
    public async Task A_secret_tool_that_hangs_is_ended_with_all_it_started(string script)
    {
        var pid = _cli.Local("pid");
        var keyring = new LimitedKeyring(new SecretService(Program($"echo $$ > {pid}\n{script}")), TimeSpan.FromSeconds(1));

        foreach (Action call in new Action[] { () => keyring.Find(Item, default), () => keyring.Store(Item, _key, default), () => keyring.Delete(Item, default) })
        {
            File.Delete(pid);
            var trouble = Assert.Throws<KeyringException>(call);

            Assert.Contains("did not answer within 1 s", trouble.Message, StringComparison.Ordinal);
            await GoneAsync(pid);
        }
    }

    [Fact]
    public void The_secret_is_no_argument_and_what_the_tool_says_is_told()
    {
        var log = _cli.Local("log");
        var keyring = new SecretService(Program($"echo \"$@\" >> {log}; cat >> {log}; [ $1 = lookup ] && echo 'Cannot autolaunch D-Bus' >&2 && exit 1; exit 0"));

        keyring.Store(Item, _key, CancellationToken.None);
        var trouble = Assert.Throws<KeyringException>(() => keyring.Find(Item, CancellationToken.None));

        var lines = File.ReadAllLines(log);
        Assert.Equal("store --label=coffre: default at https://files.example.org/ application coffre service https://files.example.org/ account default", lines[0]);
        Assert.StartsWith(_key, lines[1], StringComparison.Ordinal);
        Assert.Contains("Cannot autolaunch D-Bus", trouble.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_secret_tool_names_the_package() =>
        Assert.Contains("libsecret-tools", Assert.Throws<KeyringException>(() => new SecretService(_cli.Local("none")).Find(Item, default)).Cure, StringComparison.Ordinal);

    [Fact]
    public void The_credential_of_Windows_has_the_size_that_Windows_expects() =>
        Assert.Equal(80, System.Runtime.CompilerServices.Unsafe.SizeOf<WindowsCredentials.Credential>());

    private static async Task GoneAsync(string pidFile)
    {
        // It may have been killed before it wrote its number.
        if (!File.Exists(pidFile) || !int.TryParse(await File.ReadAllTextAsync(pidFile), out var id))
        {
            return;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // Gone already.
        }
    }

    private string Program(string script)
    {
        var path = _cli.Write("bin/secret-tool", "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private sealed class HangingKeyring(WaitHandle never) : IKeyring
    {
        public string Name => "The keyring";

        public string? Find(KeyringItem item, CancellationToken cancellationToken) => 
            never.WaitOne() ? null : "never";

        public void Store(KeyringItem item, string secret, CancellationToken cancellationToken) => never.WaitOne();

        public bool Delete(KeyringItem item, CancellationToken cancellationToken) => never.WaitOne();
    }
}
