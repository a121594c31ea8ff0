using System.CommandLine;
using Coffre.Cli.Running;
using Coffre.Cli.Syncing;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre apply</c>: does what a plan says, if both sides are still what they were.</summary>
internal static class ApplyCommand
{
    public static Command Make(CommandKit kit)
    {
        var file = new Argument<string>("plan") { Description = "The file that coffre plan made" };
        var command = new DescribedCommand("apply", "Do what a plan says, and nothing else", ["coffre apply p.json", "coffre apply p.json --json"])
        {
            Notes = "If either side has changed since the plan was made, nothing is done and the exit code is 6. A run that was cut goes on with: coffre job resume ID.",
        };
        command.Add(file);
        command.SetAction(async (parse, _) => (int)await kit.RunInsteadAsync(parse, run =>
        {
            var plan = PlanFile.Read(parse.GetRequiredValue(file));
            return (run.World with { ExpectedPlan = plan }, [.. plan.Command, .. kit.FlagsOf(parse, plan.Command)]);
        }));
        return command;
    }
}
