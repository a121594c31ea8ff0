using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Jobs;
using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre job</c>: runs of <c>put</c> and <c>get</c> as they are kept on disk, to look at and to go on with.</summary>
internal static class JobCommand
{
    public static Command Make(CommandKit kit)
    {
        var command = new DescribedCommand("job", "Look at earlier runs of put and get, and go on with them", ["coffre job list", "coffre job resume 20310102-0304"])
        {
            Notes = "A job goes on where it stopped: files that are there already are skipped, downloads continue at the byte on disk.",
        };
        command.Aliases.Add("jobs");
        command.Add(MakeList(kit));
        command.Add(MakeShow(kit));
        command.Add(MakeResume(kit));
        command.Add(MakeRemove(kit));
        return command;
    }

    private static DescribedCommand MakeList(CommandKit kit)
    {
        var all = kit.Flags.Switch("--all", "Those that are done, too; they are kept for a week", "-a");
        var command = new DescribedCommand("list", "List jobs that are not done", ["coffre job list", "coffre job list --all --json"]) { all };
        kit.Does(command, (run, parse, _) =>
        {
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
        var id = new Argument<string>("id") { Description = "Id of the job, or its beginning" };
        var command = new DescribedCommand("show", "Tell everything about a job", ["coffre job show 20310102-030405-1a2b", "coffre job show 2031 --json"]) { id };
        kit.Does(command, (run, parse, _) =>
        {
            var job = Get(run, parse.GetRequiredValue(id));
            run.Report.Add(new JobResult(job) { IsWhole = true });
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
        var ids = new Argument<string[]>("id") { Description = "Ids of the jobs, or their beginnings", Arity = ArgumentArity.OneOrMore };
        var command = new DescribedCommand("rm", "Forget jobs; files stay what they are", ["coffre job rm 20310102-030405-1a2b", "coffre job rm 2031 2032"]) { ids };
        kit.Does(command, (run, parse, _) =>
        {
            foreach (var job in parse.GetRequiredValue(ids).Select(id => Get(run, id)).ToArray())
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
