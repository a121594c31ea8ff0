using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Syncing;
using Coffre.Client.Sync;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre plan</c>: what a sync would do, to look at and to apply later.</summary>
internal static class PlanCommand
{
    public static Command Make(CommandKit kit)
    {
        var command = new DescribedCommand("plan", "Print or keep what sync or copy would do", ["coffre plan sync ./photos :/photos --delete --out p.json", "coffre plan copy :/photos ./photos"]);
        command.Add(Make(kit, "sync", "Plan a sync", ["coffre plan sync ./photos :/photos --delete --out p.json && coffre apply p.json", "coffre plan sync :/photos ./photos --json"], mayDelete: true));
        command.Add(Make(kit, "copy", "Plan a copy", ["coffre plan copy ./photos :/photos --out p.json", "coffre plan copy :/photos ./photos --checksum"], mayDelete: false));
        return command;
    }

    private static DescribedCommand Make(CommandKit kit, string verb, string description, string[] examples, bool mayDelete)
    {
        var flags = new SyncFlags(kit, mayDelete);
        var output = kit.Flags.Text("--out", "Keep the plan in this file, for coffre apply", "-o");
        var command = new DescribedCommand(verb, description, examples) { Notes = "Nothing is changed. The file holds paths, sizes and reasons, no secret." };
        flags.AddTo(command);
        command.Add(output);
        kit.Does(command, (run, parse, cancellationToken) => ShowAsync(run, parse, flags, Words(run, parse, flags, output), parse.GetValue(output), cancellationToken));
        return command;
    }

    /// <summary>Makes a plan and prints it, or keeps it in a file.</summary>
    /// <param name="run">The run.</param>
    /// <param name="parse">The command line.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="words">The command line that the plan is for; null if it is not kept.</param>
    /// <param name="output">The file that keeps it; null prints it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<ExitCode> ShowAsync(Run run, ParseResult parse, SyncFlags flags, IReadOnlyList<string>? words, string? output, CancellationToken cancellationToken)
    {
        var places = flags.Places(parse);
        var options = flags.Read(run, parse, new Warnings(run));
        var plan = await places.Open(run, options).PlanAsync(cancellationToken);
        SyncResult[] steps = [.. plan.Actions.Select(action => SyncResult.Of(action, places.IsUp, options.DeletesForGood))];
        if (output is null)
        {
            Array.ForEach(steps, run.Report.Add);
        }

        foreach (var (path, trouble) in plan.Problems)
        {
            run.Report.Add(new SyncResult { Action = "failed", Path = path, State = "failed", Error = run.Report.ItemFailed(path.Length == 0 ? places.Source : path, trouble) });
        }

        run.Report.Note(Summary(plan));
        SyncCommand.MustNotStop(plan);
        if (output is not null)
        {
            PlanFile.Of(words!, places, plan, steps, run.World.Time.GetUtcNow()).Write(output);
            run.Report.Note($"The plan is in {output}; coffre apply {output} does it.");
        }

        return plan.Problems.Count > 0 ? ExitCode.Partial : ExitCode.Success;
    }

    private static string Summary(SyncPlan plan)
    {
        var transfers = plan.Actions.Where(action => action.Kind is SyncActionKind.Transfer).ToArray();
        var moves = plan.Actions.Count(action => action.Kind is SyncActionKind.Move or SyncActionKind.Copy);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{transfers.Length} files to transfer ({TextStyle.Human(transfers.Sum(action => action.Size))}), {moves} to move, {plan.Deletions} to delete, {plan.Same} are the same. Nothing was changed.");
    }

    /// <summary>The command line without <c>plan</c> and <c>--out</c>, its verb first: what makes the same plan.</summary>
    private static List<string> Words(Run run, ParseResult parse, SyncFlags flags, Option<string?> output)
    {
        var all = run.Words(parse, flags.LocalWords(parse));
        List<string> words = [parse.CommandResult.Command.Name];
        for (var i = 0; i < all.Length; i++)
        {
            var token = parse.Tokens[i];
            if (token.Type is TokenType.Option && (token.Value == output.Name || output.Aliases.Contains(token.Value)))
            {
                i++;
            }
            else if (token.Type is not TokenType.Command)
            {
                words.Add(all[i]);
            }
        }

        return words;
    }
}
