using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Jobs;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Cli.Schedules;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre job</c>: commands that run at times of their own, and transfers as they are kept on disk, to look at and to go on with.</summary>
internal static class JobCommand
{
    public static Command Make(CommandKit kit, RootCommand root)
    {
        var command = new DescribedCommand("job", "Schedule commands; look at transfers and go on with them", ["coffre job add nightly --cron '0 3 * * *' -- put ./photos/ :/photos", "coffre job resume 20310102-0304"])
        {
            Notes = """
                Scheduled jobs have names. Transfers (runs of put and get) have ids; one that stopped goes on: files that are there already
                are skipped, downloads continue at the byte on disk.
                """,
        };
        command.Aliases.Add("jobs");
        command.Add(JobAddCommand.Make(kit, root));
        command.Add(MakeList(kit));
        command.Add(MakeShow(kit));
        command.Add(MakeResume(kit));
        command.Add(MakeRemove(kit));
        command.Add(ScheduleCommands.MakeRun(kit));
        command.Add(ScheduleCommands.MakeHistory(kit));
        command.Add(ScheduleCommands.MakeEnable(kit, isEnabled: true));
        command.Add(ScheduleCommands.MakeEnable(kit, isEnabled: false));
        command.Add(ScheduleCommands.MakeInstall(kit));
        return command;
    }

    private static DescribedCommand MakeList(CommandKit kit)
    {
        var all = kit.Flags.Switch("--all", "Transfers that are done, too; they are kept for a week", "-a");
        var command = new DescribedCommand("list", "List scheduled jobs, and transfers that are not done", ["coffre job list", "coffre job list --all --json"]) { all };
        kit.Does(command, (run, parse, _) =>
        {
            var book = new ScheduleBook(run);
            foreach (var job in book.List())
            {
                try
                {
                    run.Report.Add(ScheduleCommands.Describe(run, book, job));
                }
                catch (Exception trouble) when (ScheduleBook.IsTroubleOfOne(trouble))
                {
                    run.Report.Warn($"job {job.Name}: {trouble.Message}");
                }
            }

            foreach (var job in run.Jobs.List().Where(job => parse.GetValue(all) || job.State is not Job.Done))
            {
                run.Report.Add(new JobResult(job));
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static DescribedCommand MakeShow(CommandKit kit)
    {
        var id = new Argument<string>("id") { Description = "Name of a scheduled job; id of a transfer, or its beginning" };
        var command = new DescribedCommand("show", "Tell everything about a job", ["coffre job show nightly", "coffre job show 20310102-030405-1a2b --json"]) { id };
        kit.Does(command, (run, parse, _) =>
        {
            var book = new ScheduleBook(run);
            run.Report.Add(book.Find(parse.GetRequiredValue(id)) is { } scheduled
                ? ScheduleCommands.Describe(run, book, scheduled) with { IsWhole = true }
                : new JobResult(Get(run, parse.GetRequiredValue(id))) { IsWhole = true });
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static DescribedCommand MakeResume(CommandKit kit)
    {
        var id = new Argument<string>("id") { Description = "Id of the job, or its beginning" };
        var command = new DescribedCommand("resume", "Go on with a job", ["coffre job resume 20310102-030405-1a2b", "coffre job resume 2031 --explain-requests"]) { id };
        command.SetAction(async (parse, _) => (int)await kit.RunInsteadAsync(parse, run =>
        {
            var job = Get(run, parse.GetRequiredValue(id));
            return (run.World with { ResumedJob = job.Id }, [.. kit.FlagsOf(parse, job.Words), .. job.Words]);
        }));
        return command;
    }

    private static DescribedCommand MakeRemove(CommandKit kit)
    {
        var ids = new Argument<string[]>("id") { Description = "Names of scheduled jobs, ids of transfers or their beginnings", Arity = ArgumentArity.OneOrMore };
        var command = new DescribedCommand("rm", "Forget jobs; files stay what they are", ["coffre job rm nightly", "coffre job rm 20310102-030405-1a2b 2032"]) { ids };
        kit.Does(command, (run, parse, _) =>
        {
            var book = new ScheduleBook(run);
            var given = parse.GetRequiredValue(ids).Select(id => (Id: id, Scheduled: book.Find(id))).ToArray();
            var transfers = given.Where(pair => pair.Scheduled is null).Select(pair => Get(run, pair.Id)).ToArray();
            foreach (var scheduled in given.Select(pair => pair.Scheduled).OfType<ScheduledJob>())
            {
                ScheduleCommands.Remove(run, book, scheduled);
                run.Report.Add(new ChangeResult { Action = "removed", Type = "job", Path = scheduled.Name });
            }

            foreach (var job in transfers)
            {
                if (job.State is Job.Running)
                {
                    throw CliException.Conflict($"Job {job.Id} is under way.", "stop it first");
                }

                run.Jobs.Remove(job);
                run.Report.Add(new ChangeResult { Action = "removed", Type = "job", Path = job.Id });
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static Job Get(Run run, string id) => run.Jobs.Find(id)
        ?? throw new CliException(ExitCode.NotFound, "not_found", $"There is no job '{id}'.", "coffre job list --all shows them");

    /// <summary>A job as a result.</summary>
    private sealed record JobResult(Job Job) : Result
    {
        public bool IsWhole { get; init; }

        public override string? Line(TextStyle style)
        {
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{Job.Id}  {Job.State,-11}  {Job.MovedFiles} moved ({TextStyle.Human(Job.Bytes)}), {Job.SkippedFiles} were there, {Job.FailedFiles} failed  coffre {TextStyle.Shown(string.Join(' ', Job.Words.Select(Quoted)))}");
            return IsWhole
                ? string.Join('\n', Job.Failures.Select(failure => $"  {TextStyle.Shown(failure.Item)}: {TextStyle.Shown(failure.Message)}").Prepend(line))
                : line;
        }

        public override void Write(System.Text.Json.Utf8JsonWriter writer) => System.Text.Json.JsonSerializer.Serialize(writer, Job, JobJson.Default.Job);

        private static string Quoted(string word) => word.Contains(' ', StringComparison.Ordinal) ? $"'{word}'" : word;
    }
}
