using System.CommandLine;
using Coffre.Cli.Links;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre link list</c>: the links of a folder and who may open them.</summary>
internal static class LinkListCommand
{
    public static Command Make(CommandKit kit)
    {
        var path = new Argument<string>("path") { Description = "Folder, file or pattern; the root of the default profile if none is named", DefaultValueFactory = _ => ":/" };
        var isLong = kit.Flags.Switch("--long", "With path, and with what guards the link", "-l");
        var which = kit.Flags.Choice("--access", "Which links: guarded by a password or rule, or open to everybody", "any", "any", "guarded", "open");
        var index = new IndexFlags(kit, IndexUse.Fresh);
        var command = new DescribedCommand("list", "List the links of a folder and of all below", ["coffre link list :/Album -l", "coffre link list --access open --json"])
        {
            Notes = "Every file has a link. Whoever has it can fetch the file, unless a password or a rule guards it.",
        };
        command.Add(path);
        command.Add(isLong);
        command.Add(which);
        index.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var place = Places.Place.ParseRemote(parse.GetRequiredValue(path));
            var account = index.Open(run, parse, place);
            run.Report.Style = run.Report.Style with { IsLong = parse.GetValue(isLong) };
            foreach (var target in await new LinkTargets(run, recursive: true) { WithNotes = true }.FindAsync([parse.GetRequiredValue(path)], cancellationToken))
            {
                var (hasPassword, isRestricted) = (target.File?.HasPassword ?? false, target.File?.IsRestricted ?? false);
                if (parse.GetValue(which) is "any" || parse.GetValue(which) is "guarded" == (hasPassword || isRestricted))
                {
                    run.Report.Add(new LinkResult(target.Path, target.Link) { HasPassword = hasPassword, IsRestricted = isRestricted });
                }
            }

            IndexFlags.TellAge(run, account);
            return ExitCode.Success;
        });
        return command;
    }
}
