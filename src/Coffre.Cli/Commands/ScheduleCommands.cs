using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Running;
using Coffre.Cli.Schedules;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre job run|enable|disable|history|install</c> and <c>coffre scheduler run</c>.</summary>
internal static class ScheduleCommands
{
    public static Command MakeRun(CommandKit kit)
    {
        var name = NameArgument();
        var scheduled = kit.Flags.Switch("--scheduled", "As the timer of systemd starts it: only if it is due; late runs are caught up, told or passed over");
        var command = new DescribedCommand("run", "Run a scheduled job now, unless it is under way", ["coffre job run nightly", "coffre job run nightly --json"]) { name, scheduled };
        command.Notes = "Ends with the exit code of the command; with 14 if another run is under way, which is written into the history.";
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var book = new ScheduleBook(run);
            var job = book.Get(parse.GetRequiredValue(name));
            var runner = new JobRunner(run, book);
            var record = parse.GetValue(scheduled) ? await runner.RunDueAsync(job, cancellationToken) : await runner.RunAsync(job, due: null, missed: 0, cancellationToken);
            return Conclude(run, record);
        });
        return command;
    }

    public static Command MakeEnable(CommandKit kit, bool isEnabled)
    {
        var name = NameArgument();
        var verb = isEnabled ? "enable" : "disable";
        var command = new DescribedCommand(
            verb, isEnabled ? "Let a scheduled job run again" : "Keep a scheduled job from running by itself", [$"coffre job {verb} nightly", $"coffre job {verb} nightly --json"])
        {
            name,
        };
        kit.Does(command, (run, parse, _) =>
        {
            var book = new ScheduleBook(run);
            var job = book.Get(parse.GetRequiredValue(name));
            job = job with { Enabled = isEnabled, Since = isEnabled && !job.Enabled ? run.World.Time.GetUtcNow() : job.Since };
            book.Write(job);
            run.Report.Add(Describe(run, book, job));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    public static Command MakeHistory(CommandKit kit)
    {
        var name = new Argument<string?>("name") { Description = "Name of the job; all if none is named", Arity = ArgumentArity.ZeroOrOne };
        var limit = kit.Flags.Number("--limit", "Most runs to show of each job, the newest", 20, 1, 300);
        var command = new DescribedCommand("history", "Show what became of the runs of scheduled jobs", ["coffre job history nightly", "coffre job history --limit 1 --json"]) { name, limit };
        kit.Does(command, (run, parse, _) =>
        {
            var book = new ScheduleBook(run);
            var most = parse.GetValue(limit);
            return Task.FromResult(parse.GetValue(name) is { } given ? ShowHistory(run, book, book.Get(given), most) : ShowHistories(run, book, most));
        });
        return command;
    }

    private static ExitCode ShowHistory(Run run, ScheduleBook book, ScheduledJob job, int most)
    {
        foreach (var record in book.HistoryOf(job).List().TakeLast(most))
        {
            run.Report.Add(new HistoryResult(record));
        }

        return ExitCode.Success;
    }

    /// <summary>One history that cannot be read hides no other.</summary>
    private static ExitCode ShowHistories(Run run, ScheduleBook book, int most)
    {
        var unreadable = 0;
        foreach (var job in book.List())
        {
            try
            {
                ShowHistory(run, book, job, most);
            }
            catch (Exception exception) when (ScheduleBook.IsTroubleOfOne(exception))
            {
                run.Report.ItemFailed($"job {job.Name}", exception);
                unreadable++;
            }
        }

        return unreadable == 0 ? ExitCode.Success : run.Report.Fail(new Output.ErrorReport(
            "partial", string.Create(CultureInfo.InvariantCulture, $"Histories that could not be read: {unreadable}."), "see above what is wrong with each", (int)ExitCode.Partial));
    }

    public static Command MakeInstall(CommandKit kit)
    {
        var name = NameArgument();
        var print = kit.Flags.Switch("--print", "Show the units, and write nothing");
        var command = new DescribedCommand("install", "Write the systemd service and timer of a scheduled job, for this user", ["coffre job install nightly", "coffre job install nightly --print"]) { name, print };
        command.Notes = """
            Nothing is started. systemctl --user daemon-reload && systemctl --user enable --now coffre-NAME.timer does that; loginctl
            enable-linger lets it run while nobody is logged in. coffre job rm removes the units.
            """;
        kit.Does(command, (run, parse, _) =>
        {
            var job = new ScheduleBook(run).Get(parse.GetRequiredValue(name));
            var units = new SystemdUnits(run, job);
            foreach (var (file, content) in new[] { (units.ServiceName, units.Service()), (units.TimerName, units.Timer()) })
            {
                var path = Path.Combine(units.Folder, file);
                if (!parse.GetValue(print))
                {
                    Directory.CreateDirectory(units.Folder);
                    OwnFile.Write(path, file => file.Write(System.Text.Encoding.UTF8.GetBytes(content)));
                }

                run.Report.Add(new UnitResult(path, content) { IsPrinted = parse.GetValue(print) });
            }

            if (!parse.GetValue(print))
            {
                run.Report.Note($"systemctl --user daemon-reload && systemctl --user enable --now {units.TimerName} starts it.");
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    public static Command MakeScheduler(CommandKit kit)
    {
        var once = kit.Flags.Switch("--once", "Start what is due now, wait for it, and end");
        var command = new DescribedCommand("run", "Start scheduled jobs when they are due, until it is stopped", ["coffre scheduler run", "coffre scheduler run --output jsonl"]) { once };
        command.Notes = """
            For containers, NAS and whatever else has no systemd. One of them runs at a time; jobs may be added, changed and removed
            meanwhile. With --once it ends with exit code 8 if a job failed or could not start. A stop (Ctrl-C, SIGTERM) stops the
            commands that are under way, which save what they have done.
            """;
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var failed = await new Scheduler(run, new ScheduleBook(run)).RunAsync(parse.GetValue(once), cancellationToken);
            return failed == 0 ? ExitCode.Success : run.Report.Fail(new Output.ErrorReport(
                "partial", string.Create(CultureInfo.InvariantCulture, $"Jobs that failed or could not start: {failed}."), "coffre job history tells more", (int)ExitCode.Partial));
        });
        return new DescribedCommand("scheduler", "Start scheduled jobs without systemd", ["coffre scheduler run", "coffre scheduler run --verbose"]) { Subcommands = { command } };
    }

    public static ScheduleResult Describe(Run run, ScheduleBook book, ScheduledJob job) =>
        ScheduleResult.Of(job, book.HistoryOf(job).List(), run.World.Time.GetUtcNow(), File.Exists(Path.Combine(new SystemdUnits(run, job).Folder, new SystemdUnits(run, job).TimerName)));

    /// <summary>Forgets a job with all that it left: history, secrets in the keyring, units.</summary>
    public static void Remove(Run run, ScheduleBook book, ScheduledJob job)
    {
        if (!book.HistoryOf(job).IsFree)
        {
            throw CliException.Conflict($"Job {job.Name} is under way.", "stop it first");
        }

        SecretPlace.Forget(run, job);
        book.Remove(job);
        var units = new SystemdUnits(run, job);
        if (File.Exists(Path.Combine(units.Folder, units.TimerName)))
        {
            File.Delete(Path.Combine(units.Folder, units.TimerName));
            File.Delete(Path.Combine(units.Folder, units.ServiceName));
            run.Report.Note($"Its units are removed: systemctl --user stop {units.TimerName}; systemctl --user daemon-reload");
        }
    }

    private static Argument<string> NameArgument() => new("name") { Description = "Name of the job" };

    private static ExitCode Conclude(Run run, RunRecord? record)
    {
        if (record is null)
        {
            return ExitCode.Success;
        }

        run.Report.Add(new HistoryResult(record));
        switch (record.Outcome)
        {
            case RunRecord.Skipped:
                return run.Report.Fail(new Output.ErrorReport("busy", $"Another run of job {record.Job} is under way; this one was skipped.", "wait for its end", (int)ExitCode.Busy));
            case RunRecord.Interrupted:
                throw new OperationCanceledException();
            case RunRecord.Failed:
                var exitCode = Enum.IsDefined((ExitCode)record.ExitCode!.Value) ? record.ExitCode.Value : (int)ExitCode.Failure;
                return run.Report.Fail(new Output.ErrorReport(
                    "job_failed", string.Create(CultureInfo.InvariantCulture, $"Job {record.Job} failed with exit code {record.ExitCode}."), $"coffre job history {record.Job} tells more", exitCode));
            default:
                return ExitCode.Success;
        }
    }
}
