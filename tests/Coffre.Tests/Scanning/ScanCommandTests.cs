using System.Diagnostics;
using System.Text;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Tests.Cli;

namespace Coffre.Tests.Scanning;

/// <summary><c>coffre keys scan</c> in files, repositories and shell histories.</summary>
public sealed class ScanCommandTests : IDisposable
{
    private readonly CliRunner _cli = new();
    private readonly string _key = ApiKey.New();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_key_is_told_with_its_place_and_never_whole()
    {
        var file = _cli.Write("src/deep/app.env", $"# first\nKEY={_key}\n");

        var outcome = (await _cli.RunAsync("keys", "scan", _cli.Local("src"))).Is(ExitCode.KeysFound);

        Assert.Equal([$"{file}:2: coffre {ApiKey.Mask(_key)}"], outcome.Lines);
        Assert.DoesNotContain(_key, outcome.Out + outcome.Error, StringComparison.Ordinal);
        Assert.Contains("coffre keys revoke --stdin", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_JSON_one_key_in_two_places_has_one_fingerprint()
    {
        _cli.Write("src/a", _key);
        _cli.Write("src/b", $"\n\n1fichier api_key={KeyCase.NewForeign()} {_key}");

        var hits = (await _cli.RunAsync("keys", "scan", _cli.Local("src"), "--json")).Is(ExitCode.KeysFound).Results;

        Assert.Equal(["coffre:1", "1fichier:3", "coffre:3"], hits.Select(hit => $"{hit.GetProperty("kind")}:{hit.GetProperty("line")}"));
        Assert.Equal(hits[0].GetProperty("fingerprint").GetString(), hits[2].GetProperty("fingerprint").GetString());
        Assert.NotEqual(hits[0].GetProperty("fingerprint").GetString(), hits[1].GetProperty("fingerprint").GetString());
    }

    [Fact]
    public async Task Nothing_found_is_success_and_nothing_there_is_not()
    {
        _cli.Write("src/a", "nothing");
        Assert.Contains("1 files read; 0 keys found", (await _cli.RunAsync("keys", "scan", _cli.Local("src"))).Ok().Error, StringComparison.Ordinal);

        (await _cli.RunAsync("keys", "scan", _cli.Local("none"))).Is(ExitCode.NotFound);

        // Its first byte cannot be read by anybody.
        (await _cli.RunAsync("keys", "scan", "/proc/self/mem")).Is(ExitCode.Partial);
    }

    [Fact]
    public async Task Links_pipes_and_git_folders_are_left_out()
    {
        _cli.Write("outside/key", _key);
        _cli.Write("src/.git/config", _key);
        _cli.Write("src/sub/.git/deep/file", _key);
        Directory.CreateSymbolicLink(_cli.Local("src/link"), _cli.Local("outside"));
        await ProgramAsync("mkfifo", _cli.Local("src/pipe"));

        (await _cli.RunAsync("keys", "scan", _cli.Local("src"))).Ok();
        (await _cli.RunAsync("keys", "scan", _cli.Local("src/link"))).Is(ExitCode.KeysFound);
    }

    [Fact]
    public async Task Standard_input_is_looked_into()
    {
        Assert.StartsWith("-:1: coffre", (await _cli.PipeAsync($"log {_key}", "keys", "scan", "-")).Is(ExitCode.KeysFound).Out, StringComparison.Ordinal);
        (await _cli.PipeAsync("nothing", "keys", "scan", "-")).Ok();
    }

    [Fact]
    public async Task Git_history_is_read_with_what_was_removed_renamed_amended_and_written_into_messages()
    {
        var repository = Directory.CreateDirectory(_cli.Local("repo")).FullName;
        var (removed, lost, inMessage, binary, inNested) = (ApiKey.New(), ApiKey.New(), ApiKey.New(), ApiKey.New(), ApiKey.New());
        await GitAsync(repository, "init", "-q", "-b", "main");
        _cli.Write("repo/conf/app.ini", $"a\nb\nkey={removed}\n");
        await CommitAsync(repository, "begin");
        _cli.Write("repo/conf/app.ini", "clean\n");
        await CommitAsync(repository, "no key here");
        _cli.Write("repo/lost.txt", lost);
        await CommitAsync(repository, "oops");
        await GitAsync(repository, "reset", "-q", "--hard", "HEAD~1");
        await File.WriteAllBytesAsync(_cli.Local("repo/data.bin"), [0, 255, 128, .. Encoding.ASCII.GetBytes(binary), 0, 255]);
        await CommitAsync(repository, $"message with {inMessage}");
        File.Delete(_cli.Local("repo/data.bin"));
        await CommitAsync(repository, "clean");
        await GitAsync(repository, "gc", "-q");
        var nested = Directory.CreateDirectory(_cli.Local("repo/vendor/lib")).FullName;
        await GitAsync(nested, "init", "-q", "-b", "main");
        _cli.Write("repo/vendor/lib/x", inNested);
        await CommitAsync(nested, "x");
        File.Delete(_cli.Local("repo/vendor/lib/x"));
        await CommitAsync(nested, "y");

        (await _cli.RunAsync("keys", "scan", repository)).Ok();
        var outcome = (await _cli.RunAsync("keys", "scan", "--git", _cli.Local("repo/conf"), repository)).Is(ExitCode.KeysFound);

        Assert.Equal(new[] { removed, lost, inMessage, binary, inNested }.Select(ApiKey.Mask).Order(StringComparer.Ordinal), outcome.Lines.Select(line => line.Split(' ')[^1]).Order(StringComparer.Ordinal));
        Assert.Contains(outcome.Lines, line => line.StartsWith(Path.Combine(repository, "conf/app.ini@"), StringComparison.Ordinal) && line.Contains(":3: ", StringComparison.Ordinal));
        Assert.Contains(outcome.Lines, line => line.StartsWith(Path.Combine(repository, "data.bin@"), StringComparison.Ordinal));
        Assert.Contains("2 repositories", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_starts_no_program_of_its_own()
    {
        var repository = _cli.Local("repo");
        Directory.CreateDirectory(repository);
        await GitAsync(repository, "init", "-q");
        _cli.Write("repo/conf", _key);
        await CommitAsync(repository, "x");
        var (marker, script) = (_cli.Local("it-ran"), _cli.Write("evil.sh", $"#!/bin/sh\necho ran >> '{_cli.Local("it-ran")}'\n"));
        await ProgramAsync("chmod", "700", script);
        await GitAsync(repository, "config", "log.showSignature", "true");
        await GitAsync(repository, "config", "gpg.program", script);
        await ProgramAsync("sh", "-c",
            $"cd '{repository}' && git update-ref HEAD $(git cat-file commit HEAD | sed '/^committer/a gpgsig -----BEGIN PGP SIGNATURE-----\\n \\n x\\n -----END PGP SIGNATURE-----' | git hash-object -t commit -w --stdin) && rm conf");
        await ProgramAsync("sh", "-c", $"cd '{repository}' && git log > /dev/null 2>&1");
        Assert.True(File.Exists(marker), "The repository would start nothing anyway.");
        File.Delete(marker);

        (await _cli.RunAsync("keys", "scan", "--git", repository)).Is(ExitCode.KeysFound);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task Git_without_a_repository_reads_the_files_alone()
    {
        _cli.Write("src/a", _key);

        Assert.Single((await _cli.RunAsync("keys", "scan", "--git", _cli.Local("src"))).Is(ExitCode.KeysFound).Lines);
    }

    [Fact]
    public async Task Shell_histories_are_read_where_shells_keep_them()
    {
        _cli.Variables["HOME"] = _cli.Local("home");
        _cli.Variables["HISTFILE"] = _cli.Write("elsewhere", _key);
        _cli.Write("home/.bash_history", $"ls\ncurl -H 'Authorization: Bearer {ApiKey.New()}' x\n");
        _cli.Write("home/.zsh_history", $": 1700000000:0;coffre --x {ApiKey.New()}\n");
        _cli.Write("home/.local/share/fish/fish_history", $"- cmd: echo {ApiKey.New()}\n  when: 1700000000\n");
        _cli.Write("home/notes.txt", ApiKey.New());

        var outcome = (await _cli.RunAsync("keys", "scan", "--history")).Is(ExitCode.KeysFound);

        Assert.Equal(4, outcome.Lines.Length);
        Assert.DoesNotContain("notes.txt", outcome.Out, StringComparison.Ordinal);
    }

    private static Task CommitAsync(string folder, string message) =>
        GitAsync(folder, ["-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "commit", "-q", "--allow-empty", "-m", message], stage: true);

    private static Task GitAsync(string folder, params string[] arguments) => GitAsync(folder, arguments, stage: false);

    private static async Task GitAsync(string folder, string[] arguments, bool stage)
    {
        if (stage)
        {
            // A nested repository would be added as a link, with a warning: only files are.
            await ProgramAsync("git", "-C", folder, "add", "-A", "--", ".", ":!vendor");
        }

        await ProgramAsync("git", ["-C", folder, .. arguments]);
    }

    private static async Task ProgramAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        using var process = Process.Start(start)!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}");
    }
}
