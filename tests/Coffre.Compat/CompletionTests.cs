using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>The completions in the shells themselves: bash's function, a terminal with zsh in it, and fish's own question.</summary>
public sealed class CompletionTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private const string AskBash = """
        source <(coffre completion bash)
        ask() {
            COMP_LINE=$1 COMP_POINT=${#1}
            shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _coffre
            printf '<%s>' "${COMPREPLY[@]}"; echo
        }
        ask 'coffre errors ex' coffre errors ex
        ask 'coffre put --if-exists ov' coffre put --if-exists ov
        ask 'coffre ls :/Sh' coffre ls : /Sh
        ask 'coffre ls :/Shelf/a' coffre ls : /Shelf/a
        ask 'coffre ls :/Shelf/a\ ' coffre ls : '/Shelf/a\ '
        ask 'coffre ls ho' coffre ls ho
        ask 'coffre ' coffre ''
        """;

    private const string AskZsh = """
        zmodload zsh/zpty
        zpty z env -u PS1 zsh -f -i
        zpty -w z "PS1=; autoload -U compinit; compinit -u -d $PWD/dump; source <(coffre completion zsh); echo re''ady"
        zpty -r z line '*ready*'
        zpty -w -n z $'coffre errors expl\t conflict\n'
        zpty -r z line '*exit code: 6*' && echo "zsh: commands"
        zpty -w -n z $'coffre cat :/She\ta\t\n'
        zpty -r z line '*in the shelf*' && echo "zsh: paths"
        zpty -d z
        """;

    private const string AskFish = """
        coffre completion fish | source
        for line in 'coffre errors ex' 'coffre put --if-exists ov' 'coffre ls :/Sh' 'coffre ls :/Shelf/a' 'coffre ls ho'
            echo '<'(complete -C $line | string replace -r '\t.*' '')'>'
        end
        """;

    [Fact]
    public async Task Bash_completes_commands_values_profiles_and_remote_paths_from_the_index()
    {
        var said = (await AskAsync("bash", AskBash)).Output.Split('\n');

        Assert.Equal(["<explain>", "<overwrite>", "</Shelf/>", "</Shelf/a\\ b.txt>", "</Shelf/a\\ b.txt>", "<home:/>"], said[..6]);
        Assert.Contains("<put>", said[6], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zsh_completes_at_the_tabulator()
    {
        Assert.Equal("zsh: commands\nzsh: paths\n", (await AskAsync("zsh", AskZsh)).Output);
    }

    [Fact]
    public async Task Fish_completes_commands_values_profiles_and_remote_paths()
    {
        Assert.Equal("<explain>\n<overwrite>\n<:/Shelf/>\n<:/Shelf/a b.txt>\n<home:/>\n", (await AskAsync("fish", AskFish)).Output);
    }

    private async Task<ToolResult> AskAsync(string shell, string script)
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["bin"]);
        await File.WriteAllTextAsync(folder["bin/coffre"], $"#!/bin/sh\nexec {string.Join(' ', Repository.Command)} \"$@\"\n");
        await File.WriteAllTextAsync(folder["a b.txt"], "in the shelf\n");
        await Tool.RunAsync("chmod", ["+x", folder["bin/coffre"]]);
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = folder["bin"] + ":" + Environment.GetEnvironmentVariable("PATH"),
            ["HOME"] = folder.Path,
            ["XDG_CONFIG_HOME"] = folder["config"],
            ["XDG_STATE_HOME"] = folder["state"],
            ["XDG_DATA_HOME"] = folder["data"],
            ["TERM"] = "xterm",
        };
        (await Tool.RunAsync(
            folder["bin/coffre"], ["auth", "login", "--insecure-storage", "--profile", "home", "--url", fixture.Server.Address.ToString()],
            System.Text.Encoding.ASCII.GetBytes(fixture.Server.ApiKey), environment: environment, folder: folder.Path)).Ok();
        (await Tool.RunAsync(folder["bin/coffre"], ["put", "a b.txt", ":/Shelf/"], environment: environment, folder: folder.Path)).Ok();
        return (await Tool.RunAsync(shell, shell is "fish" ? ["-N", "-c", script] : shell is "zsh" ? ["-f", "-c", script] : ["-c", script], timeout: Limit, environment: environment, folder: folder.Path)).Ok();
    }
}
