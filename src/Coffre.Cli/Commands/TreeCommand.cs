using System.CommandLine;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre tree</c>: a folder and everything below, drawn.</summary>
internal static class TreeCommand
{
    private const int Deepest = 1000;

    public static Command Make(CommandKit kit)
    {
        var path = new Argument<string>("path") { Description = "Folder; the root of the default profile if none is named", DefaultValueFactory = _ => ":/" };
        var depth = kit.Flags.Number("--depth", "Levels to show", Deepest, 1, Deepest);
        var all = kit.Flags.Switch("--all", LsCommand.AllHelp, "-a");
        var index = new IndexFlags(kit, IndexUse.Fresh);
        var command = new DescribedCommand("tree", "Draw a folder and everything below", ["coffre tree :/Photos", "coffre tree home:/ --depth 2"]) { path, depth, all };
        index.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var place = Place.ParsePath(parse.GetRequiredValue(path));
            var account = index.Open(run, parse, place);
            var folder = await Finder.GetFolderAsync(run, place, cancellationToken);
            run.Report.Add(Entries.Of(folder.Folder, place, place.Name) with { Drawn = TextStyle.Shown(place.ToString()) });
            await DrawAsync(run, new FolderWalk(run, folder.Account) { WithNotes = parse.GetValue(all), Depth = parse.GetValue(depth) }, folder, cancellationToken);
            IndexFlags.TellAge(run, account);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task DrawAsync(Run run, FolderWalk walk, FoundFolder top, CancellationToken cancellationToken)
    {
        await foreach (var (step, folder) in walk.StepsAsync(top, cancellationToken))
        {
            switch (step)
            {
                case WalkStep.Seen:
                    run.Report.Add(Entries.Of(folder.Folder, folder.Place, folder.Place.Name) with { Drawn = $"{BranchTo(folder.Above!, folder.IsLast)}{TextStyle.Shown(folder.Place.Name)}/" });
                    break;
                case WalkStep.Done:
                    DrawFiles(run, folder);
                    break;
            }
        }
    }

    private static void DrawFiles(Run run, WalkedFolder folder)
    {
        for (var i = 0; i < folder.Files.Count; i++)
        {
            var (name, file) = folder.Files[i];
            run.Report.Add(Entries.Of(file, folder.Place.Below(name).ToString(), name) with { Drawn = BranchTo(folder, i == folder.Files.Count - 1) + TextStyle.Shown(name) });
        }
    }

    /// <summary>The lines before a name in that folder.</summary>
    private static string BranchTo(WalkedFolder folder, bool isLast) => Indent(folder) + (isLast ? "└── " : "├── ");

    private static string Indent(WalkedFolder folder) => folder.Above is { } above ? Indent(above) + (folder.IsLast ? "    " : "│   ") : "";
}
