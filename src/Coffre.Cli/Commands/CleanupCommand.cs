using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Cleaning;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client.Sync;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre cleanup</c>: removes what rules of age, size, pattern, count and room let go; says what and why first.</summary>
internal static class CleanupCommand
{
    public static Command Make(CommandKit kit)
    {
        var path = new Argument<string>("path") { Description = "Folder to clean, with all below" };
        var rules = kit.Flags.Text("--rules", "A file with one rule a line, in the words below; a file belongs to the first rule that takes it");
        var permanent = kit.Flags.Switch("--permanent", "Remove for good, instead of moving into the trash folder");
        var prune = kit.Flags.Switch("--prune-folders", "Remove folders that this empties");
        var dryRun = kit.Flags.Switch("--dry-run", "Say what would happen, and why; change nothing", "-n");
        var yes = kit.Flags.Switch("--yes", "Do not ask", "-y");
        var words = new CleanupFlags(kit);
        var command = new DescribedCommand(
            "cleanup",
            "Remove old files by age, size, pattern, count or room",
            [
                "coffre cleanup :/backup --include 'db-*.gz' --keep-daily 7 --keep-weekly 4 --keep-monthly 12 --dry-run",
                "coffre cleanup :/cctv --max-total 500G --permanent -y",
            ])
        {
            Notes = """
                Files of the folder that the flags take are in question; without counts (--keep-...) and room (--max-...) they all go. Counts keep the
                newest of each period that has one, in each series; what they keep, no --max-... removes. The last of a series stays without
                --allow-last; names with dates always make a series. Everything is listed with its reason first.
                Files move into :/.coffre-trash/DATE, where they still take room; cleanup that folder with --permanent.
                """ + Environment.NewLine + FilterFlags.Notes,
        };
        command.Add(path);
        foreach (var option in new Option[] { rules, permanent, prune, dryRun, yes })
        {
            command.Add(option);
        }

        words.AddTo(command);
        kit.Does(command, (run, parse, cancellationToken) =>
        {
            var file = parse.GetValue(rules);
            if (file is not null && words.AnyIn(parse))
            {
                throw CliException.Usage("With --rules, the words of a rule stand in the file.", "move them into a line of the file");
            }

            if (file is null && !words.AnyIn(parse))
            {
                // Words of the environment are meant for other commands as well: they alone must not make anything go.
                throw CliException.Usage("No rule is given, so all files would go.", "say which files (--include, --min-age, ...), what is kept (--keep-last, ...), or how much may stay (--max-total)");
            }

            var all = file is null ? [words.Read(run, parse, "the command line")] : words.ReadFile(run, file);
            var how = new How(parse.GetValue(permanent), parse.GetValue(prune), parse.GetValue(dryRun), parse.GetValue(yes));
            return CleanAsync(run, Place.ParsePath(parse.GetRequiredValue(path)), all, how, cancellationToken);
        });
        return command;
    }

    private static async Task<ExitCode> CleanAsync(Run run, RemotePlace place, IReadOnlyList<CleanupRule> rules, How how, CancellationToken cancellationToken)
    {
        if (!how.Permanent && place.Names is [TrashPlace.FolderName, ..])
        {
            throw CliException.Usage("What lies in the trash folder cannot move there.", "add --permanent");
        }

        if (!how.Permanent && rules.Any(rule => rule.MaxUsed is not null))
        {
            throw CliException.Usage("Files in the trash folder take as much room as before: --max-used would gain nothing.", "add --permanent");
        }

        var top = await Finder.GetFolderAsync(run, place, cancellationToken);
        var plan = new CleanupPlan(run, top.Account, rules);
        await plan.MakeAsync(top, cancellationToken);
        foreach (var (rule, item) in plan.Items)
        {
            run.Report.Add(item.Result(rule.Name));
        }

        var doomed = plan.Items.Where(pair => pair.Item.Goes).Select(pair => pair.Item).ToArray();
        var what = string.Create(
            CultureInfo.InvariantCulture, $"{doomed.Length} of {plan.Items.Count} files ({TextStyle.Human(doomed.Sum(item => item.File.Size))})");
        run.Report.Note($"{what} {(how.DryRun ? "would go" : "are to go")}; days are those of {string.Join(", ", rules.Select(rule => rule.Keep.Zone.Id).Distinct(StringComparer.Ordinal))}.");
        if (doomed.Length == 0 || how.DryRun)
        {
            return ExitCode.Success;
        }

        var stamp = how.Permanent ? null : TrashPlace.Stamp(run.World.Time.GetUtcNow());
        await Question.AskAsync(
            run,
            how.Yes,
            stamp is null ? $"Remove {what} for good?" : $"Move {what} into {place.Profile}:/{TrashPlace.FolderName}/{stamp}?",
            "Nothing was removed.",
            cancellationToken);
        return await WorkAsync(run, top, doomed, stamp, how.Prune, cancellationToken);
    }

    private static async Task<ExitCode> WorkAsync(
        Run run, FoundFolder top, CleanupItem[] doomed, string? stamp, bool prunes, CancellationToken cancellationToken)
    {
        var work = new CleanupWork(run, top.Account, stamp);
        await work.RemoveAsync(doomed, cancellationToken);
        if (prunes)
        {
            await work.PruneAsync(doomed, cancellationToken);
        }

        run.Report.Note(string.Create(CultureInfo.InvariantCulture, $"{work.Done} files {(stamp is null ? "removed" : "moved into the trash")}, {work.Failed} failed."));
        if (work.Failed == 0)
        {
            return ExitCode.Success;
        }

        run.Report.SetError(new ErrorReport(
            "partial", string.Create(CultureInfo.InvariantCulture, $"{work.Failed} of {doomed.Length} files could not go."), "run the same command again", (int)ExitCode.Partial));
        return ExitCode.Partial;
    }

    /// <param name="Permanent">Whether files are removed for good.</param>
    /// <param name="Prune">Whether emptied folders go.</param>
    /// <param name="DryRun">Whether nothing is changed.</param>
    /// <param name="Yes">Whether nobody is asked.</param>
    private sealed record How(bool Permanent, bool Prune, bool DryRun, bool Yes);
}
