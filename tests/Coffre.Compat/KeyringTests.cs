using System.Text;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>The command keeps its key in a real GNOME Keyring, headless, on a D-Bus of the test's own.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class KeyringTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    // The daemon ends with the bus. Its keyring is unlocked by a password on standard input, as at a login.
    private const string Unlocked = "printf master | gnome-keyring-daemon --daemonize --unlock --components=secrets > /dev/null\n";

    [Fact]
    public async Task A_real_keyring_stores_and_returns_the_key_and_rotation_replaces_it_there()
    {
        using var folder = new TempFolder();

        // The old key lives on for an hour: the fixture still has use for it.
        var key = fixture.Server.ApiKey;

        var said = (await OnBusAsync(folder, key, Unlocked + """
            printf '%s' "$KEY" | coffre auth login --url "$URL"
            coffre auth status --json
            coffre mkdir :/Kept && coffre ls :/
            coffre keys rotate --grace 1h
            coffre ls :/
            kept=$(secret-tool lookup application coffre service "$URL/" account default)
            [ "$kept" != "$KEY" ] && [ ${#kept} = 32 ] && echo "another key is kept"
            coffre auth logout
            secret-tool lookup application coffre service "$URL/" account default || echo "nothing is left"
            coffre ls :/ || echo "exit code $?"
            """)).Ok();

        Assert.Contains("The keyring (Secret Service)", said.Output, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"works\"", said.Output, StringComparison.Ordinal);
        Assert.Equal(2, said.Output.Split('\n').Count(line => line == "Kept/"));
        Assert.Contains("another key is kept", said.Output, StringComparison.Ordinal);
        Assert.Contains("nothing is left\nexit code 3", said.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("in clear", said.Errors, StringComparison.Ordinal);
        AssertNowhere(key, folder, said);
    }

    [Fact]
    public async Task A_locked_keyring_and_none_at_all_end_with_the_cure_and_insecure_storage_does_without()
    {
        using var folder = new TempFolder();
        var key = await fixture.Server.AddAccountAsync("locked@example.org", "1G");

        // First with the bus alone and a keyring that nobody unlocks, then without a bus.
        var said = (await OnBusAsync(folder, key, """
            printf '%s' "$KEY" | coffre auth login --url "$URL" || echo "exit code $?"
            unset DBUS_SESSION_BUS_ADDRESS
            printf '%s' "$KEY" | coffre auth login --url "$URL" || echo "exit code $?"
            printf '%s' "$KEY" | coffre auth login --url "$URL" --insecure-storage
            coffre ls :/ && echo listed
            stat -c %a "$XDG_CONFIG_HOME/coffre/profiles.json"
            """)).Ok();

        Assert.StartsWith("exit code 3\nexit code 3\n", said.Output, StringComparison.Ordinal);
        Assert.EndsWith("listed\n600\n", said.Output, StringComparison.Ordinal);
        Assert.Equal(2, Count(said.Errors, "COFFRE_API_KEY_FILE"));
        Assert.Equal(2, Count(said.Errors, "lies in clear"));
        Assert.DoesNotContain(key, said.Output + said.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keyring_that_hangs_ends_after_three_seconds_by_itself()
    {
        using var folder = new TempFolder();
        var key = await fixture.Server.AddAccountAsync("hangs@example.org", "1G");
        File.SetUnixFileMode(folder.Write("bin/secret-tool", "#!/bin/sh\nexec sleep 1000\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var said = (await OnBusAsync(folder, key, """
            export PATH="$HOME/bin:$PATH"
            printf '%s' "$KEY" | coffre auth login --url "$URL" || echo "exit code $?"
            """)).Ok();

        Assert.Equal("exit code 3\n", said.Output);
        Assert.Contains("did not answer within 3 s", said.Errors, StringComparison.Ordinal);
        Assert.Contains("Unlock it, or set COFFRE_API_KEY_FILE", said.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(key, said.Errors, StringComparison.Ordinal);
    }

    private Task<ToolResult> OnBusAsync(TempFolder folder, string key, string script)
    {
        Tool.Require("secret-tool");
        Tool.Require("gnome-keyring-daemon");
        var command = string.Join(' ', Repository.Command.Select(word => $"'{word}'"));
        File.SetUnixFileMode(folder.Folder("run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Tool.RunAsync(
            "dbus-run-session",
            ["--", "bash", "-euo", "pipefail", "-c", $"coffre() {{ {command} \"$@\"; }}\n" + script],
            timeout: Limit,
            environment: new Dictionary<string, string>
            {
                ["KEY"] = key,
                ["URL"] = fixture.Server.Address.ToString().TrimEnd('/'),
                ["HOME"] = folder.Path,
                ["XDG_RUNTIME_DIR"] = folder["run"],
                ["XDG_CONFIG_HOME"] = folder["config"],
                ["XDG_DATA_HOME"] = folder["data"],
                ["XDG_CACHE_HOME"] = folder["cache"],
                ["DBUS_SESSION_BUS_ADDRESS"] = "",
                ["DISPLAY"] = "",
                ["WAYLAND_DISPLAY"] = "",
            },
            folder: folder.Path);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static void AssertNowhere(string key, TempFolder folder, ToolResult said)
    {
        Assert.DoesNotContain(key, said.Output + said.Errors, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Where(file => !file.StartsWith(folder["run"], StringComparison.Ordinal)))
        {
            Assert.False(Encoding.Latin1.GetString(File.ReadAllBytes(file)).Contains(key, StringComparison.Ordinal), $"{file} holds the key.");
        }
    }
}
