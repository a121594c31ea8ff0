using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Cli.Watching;
using Coffre.Client.Filters;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre watch</c>: uploads what appears in a folder, once it is complete.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostPause = TimeSpan.FromMinutes(10);

    public static Command Make(CommandKit kit)
    {
        var folder = new Argument<string>("folder") { Description = "Local folder to watch, with all below" };
        var destination = new Argument<string>("destination") { Description = "Remote folder that takes what it holds; made if it is missing" };
        var settle = kit.Flags.Text("--settle", "How long size and date of a file must stand still before it is sent: 10s (if none is named), 2m");
        var rescan = kit.Flags.Text("--rescan", "How often to look through the folder where the system tells of no change: 1m (if none is named)");
        var after = kit.Flags.Choice("--after", "What to do with a local file that was sent and proved", "keep", "keep", "delete", "move");
        var moveTo = kit.Flags.Text("--move-to", "Local folder for --after move; outside of the watched one");
        var once = kit.Flags.Switch("--once", "Send what is there once it is complete, and end");
        var ifExists = kit.Flags.Choice("--if-exists", "Where the name is taken by another content: update and overwrite replace it", "update", "update", "overwrite", "rename");
        var transfers = kit.Flags.Number("--transfers", "Uploads at the same time", 4, 1, PutCommand.MostTransfers);
        var filters = new FilterFlags(kit);
        var command = new DescribedCommand(
            "watch", "Upload what appears in a folder, once it is complete", ["coffre watch ~/Downloads/done :/seedbox --after delete", "coffre watch /srv/scans nas:/scans --include '*.pdf' --once"])
        {
            Notes = """
                A file is complete when it has stood still for --settle, nobody has it open for writing (where the system tells), and its name is
                not one of unfinished files (.part, .crdownload, .!qB, .tmp, ...). What was sent is remembered over restarts. --after acts only if
                the service names size and checksum of the file, both agree, and the file has not changed since. One folder has one watch (exit code 14).
                """ + Environment.NewLine + FilterFlags.Notes,
        };
        command.Add(folder);
        command.Add(destination);
        foreach (var option in new Option[] { settle, rescan, after, moveTo, once, ifExists, transfers })
        {
            command.Add(option);
        }

        filters.AddTo(command);
        kit.Does(command, (run, parse, cancellationToken) =>
        {
            var settings = new WatchSettings
            {
                Folder = ReadFolder(parse.GetRequiredValue(folder)),
                Destination = Place.ParsePath(parse.GetRequiredValue(destination)),
                Filter = filters.Read(run, parse),
                Settle = ReadSpan(settle.Name, parse.GetValue(settle) ?? "10s", TimeSpan.Zero),
                Rescan = ReadSpan(rescan.Name, parse.GetValue(rescan) ?? "1m", LeastPause),
                After = parse.GetValue(after) switch { "delete" => After.Delete, "move" => After.Move, _ => After.Keep },
                MoveTo = parse.GetValue(moveTo) is { } target ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)) : null,
                IfExists = IfExistsFlag.Read(parse.GetRequiredValue(ifExists)),
                Transfers = parse.GetValue(transfers),
            };
            Check(settings, run, parse.GetValue(once));
            return WatchAsync(run, settings, parse.GetValue(once), cancellationToken);
        });
        return command;
    }

    private static string ReadFolder(string text)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(text));
        return Directory.Exists(full) ? full : throw CliException.NotFound($"{text} is no folder of this machine.", "make it first, or check the spelling");
    }

    private static TimeSpan ReadSpan(string flag, string text, TimeSpan least) =>
        AgeWord.TryParse(text, DateTimeOffset.UnixEpoch, out var span) && span >= least && span <= TimeSpan.FromDays(1)
            ? span
            : throw CliException.Usage(string.Create(CultureInfo.InvariantCulture, $"{flag} is '{text}'; it must be {least.TotalSeconds:0}s to 1d."), "write it like 10s or 2m");

    private static void Check(WatchSettings settings, Run run, bool isOnce)
    {
        if (settings.After is After.Move != settings.MoveTo is not null)
        {
            throw CliException.Usage("--after move and --move-to go together.", "name both or none");
        }

        if (settings.MoveTo is { } target && (target + Path.DirectorySeparatorChar).StartsWith(settings.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw CliException.Usage($"{target} lies in the watched folder: what is moved there would be sent again.", "name a folder outside of it");
        }

        if (run.Report.IsJson && !isOnce)
        {
            throw CliException.Usage("A watch has no end, and JSON is one object at the end.", "add --once, or leave --json out");
        }
    }

    private static async Task<ExitCode> WatchAsync(Run run, WatchSettings settings, bool isOnce, CancellationToken cancellationToken)
    {
        using var state = WatchState.Open(run.StateFolder, settings.Folder, settings.Destination.ToString());
        var watch = new FolderWatch(run, run.Open(settings.Destination).Client, settings, state);
        using var signal = new FolderSignal(settings.Folder, run.Report.Note);
        if (!isOnce)
        {
            run.Report.Note($"Watching {settings.Folder}; Ctrl-C ends it.");
        }

        var failures = 0;
        while (true)
        {
            var round = await watch.LookAsync(cancellationToken);
            if (isOnce ? round.Waiting == 0 || round.ExitCode != ExitCode.Success : round.IsStopped && IsHopeless(round.ExitCode))
            {
                return isOnce ? Conclude(run, round) : round.ExitCode;
            }

            failures = round.IsStopped ? failures + 1 : 0;
            await PauseAsync(run, signal, settings, round.Waiting > 0, failures, cancellationToken);
        }
    }

    private static ExitCode Conclude(Run run, WatchRound round)
    {
        if (round.ExitCode != ExitCode.Success || round.Unreadable == 0)
        {
            return round.ExitCode;
        }

        run.Report.SetError(new ErrorReport(
            "partial",
            string.Create(CultureInfo.InvariantCulture, $"{round.Unreadable} folders could not be read; what they hold was not sent."),
            "give this user the right to read them, or leave them out with --exclude",
            (int)ExitCode.Partial));
        return ExitCode.Partial;
    }

    /// <summary>What does not pass by itself: somebody has to do something.</summary>
    private static bool IsHopeless(ExitCode exitCode) => exitCode is ExitCode.NotLoggedIn or ExitCode.Forbidden or ExitCode.QuotaOrPlan or ExitCode.Usage;

    private static async Task PauseAsync(Run run, FolderSignal signal, WatchSettings settings, bool isWaiting, int failures, CancellationToken cancellationToken)
    {
        // So often while something is not complete yet; and no more often, however much changes.
        var pace = settings.Settle / 2 > LeastPause ? settings.Settle / 2 : LeastPause;
        if (failures > 0)
        {
            var patience = LeastPause * Math.Pow(2, Math.Min(failures + 3, 10));
            await Task.Delay(patience < MostPause ? patience : MostPause, run.World.Time, cancellationToken);
        }
        else if (isWaiting)
        {
            await Task.Delay(pace, run.World.Time, cancellationToken);
        }
        else
        {
            await signal.WaitAsync(settings.Rescan, run.World.Time, cancellationToken);
            await Task.Delay(LeastPause, run.World.Time, cancellationToken);
        }
    }
}
