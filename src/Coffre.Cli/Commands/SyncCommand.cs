using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Syncing;
using Coffre.Cli.Transfers;
using Coffre.Client.Sync;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre sync</c> and <c>coffre copy</c>: make one folder like another, here or on the service.</summary>
internal static class SyncCommand
{
    private const string Notes = """
        What the source folder holds comes into the destination folder; either is on this machine, the other on the service. First a
        plan is made, which --dry-run prints; then it is applied. Times, permissions, true names and empty files are kept in a small
        file .coffre-sidecar in each remote folder. A file that got another path is moved on the service, not sent again.
        """;

    private const string DeleteNotes = """
        Nothing is deleted without --delete, nor if anything failed or could not be read. What is deleted goes into
        .coffre-trash/DATE at the root of the account, or beside the local destination. If the source is empty, or more than 10 % of
        the files or more than 100 would go, nothing is done and the exit code is 10.
        """;

    public static Command MakeSync(CommandKit kit) => Make(kit, new DescribedCommand("sync", "Make a folder like another, on this machine or on the service", ["coffre sync ./photos :/photos --delete --dry-run", "coffre sync :/photos ./photos --exclude '*.tmp'"])
    {
        Notes = Notes + "\n" + DeleteNotes,
    }, mayDelete: true);

    public static Command MakeCopy(CommandKit kit) => Make(kit, new DescribedCommand("copy", "The same as sync, but nothing is ever deleted", ["coffre copy ./photos :/photos", "coffre copy :/photos ./photos --checksum"])
    {
        Notes = Notes,
    }, mayDelete: false);

    private static DescribedCommand Make(CommandKit kit, DescribedCommand command, bool mayDelete)
    {
        var flags = new SyncFlags(kit, mayDelete);
        var dryRun = kit.Flags.Switch("--dry-run", "Only print what would be done", "-n");
        flags.AddTo(command);
        command.Add(dryRun);
        kit.Does(command, (run, parse, cancellationToken) => parse.GetValue(dryRun)
            ? PlanCommand.ShowAsync(run, parse, flags, words: null, output: null, cancellationToken)
            : RunAsync(run, parse, flags, cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(Run run, ParseResult parse, SyncFlags flags, CancellationToken cancellationToken)
    {
        var places = flags.Places(parse);
        var expected = run.World.ExpectedPlan;
        await using var progress = run.BeginProgress();
        var forGood = flags.Read(run, parse, null).DeletesForGood;
        var listener = new SyncListener(run, places, forGood, progress);
        var options = flags.Read(run, parse, listener);
        var session = places.Open(run, options);
        var plan = await session.PlanAsync(cancellationToken);
        expected?.MustStillHold(plan, plan.Actions.Select(action => SyncResult.Of(action, places.IsUp, forGood)), run.World.ResumedJob is not null);
        MustNotStop(plan);

        // What only looked is no job to go on with.
        using var noted = expected is null ? run.BeginJob(parse, flags.LocalWords(parse)) : run.Jobs.Begin(["apply", expected.Path], run.World.ResumedJob);
        using var tally = listener.Tally = new Tally(run, noted);
        var transfers = plan.Actions.Where(action => action.Kind is SyncActionKind.Transfer).ToArray();
        progress.Found(transfers.Length, transfers.Sum(action => action.Size));
        for (var i = 0; i < plan.Same; i++)
        {
            tally.Skipped();
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tally.Hopeless);
        try
        {
            await session.ApplyAsync(plan, either.Token);
        }
        catch (OperationCanceledException) when (tally.Hopeless.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The tally knows why.
        }

        if (listener.Renamed + listener.Deleted > 0)
        {
            run.Report.Note(string.Create(CultureInfo.InvariantCulture, $"{listener.Renamed} files got their new path without being sent, {listener.Deleted} were deleted{(listener.Deleted > 0 && !forGood ? ", into .coffre-trash" : "")}."));
        }

        var exitCode = tally.Finish(places.IsUp ? "uploaded" : "downloaded");
        if (exitCode != ExitCode.Success && options.Deletes)
        {
            run.Report.Note("Nothing is deleted while anything fails.");
        }

        return exitCode;
    }

    /// <exception cref="CliException">More would be deleted than the limits allow.</exception>
    public static void MustNotStop(SyncPlan plan)
    {
        if (plan.Stop is { } stop)
        {
            throw new CliException(ExitCode.Guard, "guard", stop.Reason + " Nothing was done.", stop.Advice);
        }
    }
}
