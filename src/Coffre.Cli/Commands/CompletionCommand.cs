using System.CommandLine;
using System.Text.Json;
using Coffre.Cli.Completing;
using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre completion</c>: the script for a shell. <c>coffre complete</c> is what that script asks.</summary>
internal static class CompletionCommand
{
    public static Command Make(CommandKit kit)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or powershell" };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        var command = new DescribedCommand("completion", "Print the script that completes coffre's words in a shell", ["source <(coffre completion bash)", "coffre completion fish > ~/.config/fish/completions/coffre.fish"])
        {
            shell,
        };
        command.Notes = """
            bash        source <(coffre completion bash)                        in ~/.bashrc
            zsh         source <(coffre completion zsh)                         in ~/.zshrc, after compinit
            fish        coffre completion fish > ~/.config/fish/completions/coffre.fish
            powershell  coffre completion powershell | Out-String | Invoke-Expression      in $PROFILE
            Remote paths are completed as far as the index on this machine knows them; the service is never asked.
            """;
        kit.Does(command, (run, parse, _) =>
        {
            run.Report.Add(new ScriptResult(parse.GetRequiredValue(shell), CompletionScripts.All[parse.GetRequiredValue(shell)]));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    public static Command MakeComplete(CommandKit kit, RootCommand root)
    {
        var words = new Argument<string[]>("word") { Description = "The words after coffre, the last one as far as it is written", Arity = ArgumentArity.ZeroOrMore };
        var command = new DescribedCommand("complete", "Say which words may come next: for the scripts of coffre completion", ["coffre complete -- pu", "coffre complete -- ls :/Pho"])
        {
            words,
        };
        command.Hidden = true;
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var given = parse.GetValue(words) ?? [];
            foreach (var proposal in await new Completer(root, run).ProposeAsync([.. given.SkipLast(1)], given.LastOrDefault() ?? "", cancellationToken))
            {
                run.Report.Add(new WordResult(proposal.Text, proposal.Description));
            }

            return ExitCode.Success;
        });
        return command;
    }

}

/// <summary><c>completion</c>.</summary>
internal sealed record ScriptResult(string Shell, string Script) : Result
{
    public override string? Line(TextStyle style) => Script;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, HabitJson.Default.ScriptResult);
}

/// <summary><c>complete</c>.</summary>
internal sealed record WordResult(string Word, string Description) : Result
{
    public override string? Line(TextStyle style) => Description.Length > 0 ? $"{Word}\t{TextStyle.Shown(Description)}" : Word;

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, HabitJson.Default.WordResult);
}
