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
            await DrawAsync(run, folder.Account, place, folder.Folder.Id, indent: "", parse.GetValue(depth), parse.GetValue(all), cancellationToken);
            IndexFlags.TellAge(run, account);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task DrawAsync(
        Run run, Account account, RemotePlace place, long folderId, string indent, int depth, bool all, CancellationToken cancellationToken)
    {
        var node = await account.Index.GetAsync(folderId, cancellationToken);
        Entries.WarnOfUnlisted(run, node, place);
        var files = RemoteChoice.FilesOf(node, all);
        var left = node.Folders.Count + files.Count;
        foreach (var (name, folder) in node.Folders)
        {
            var isLast = --left == 0;
            var below = place.Below(name);
            run.Report.Add(Entries.Of(folder, below, name) with { Drawn = $"{indent}{(isLast ? "└── " : "├── ")}{TextStyle.Shown(name)}/" });
            if (depth > 1)
            {
                await DrawAsync(run, account, below, folder.Id, indent + (isLast ? "    " : "│   "), depth - 1, all, cancellationToken);
            }
        }

        foreach (var (name, file) in files)
        {
            var isLast = --left == 0;
            run.Report.Add(Entries.Of(file, place.Below(name).ToString(), name) with { Drawn = $"{indent}{(isLast ? "└── " : "├── ")}{TextStyle.Shown(name)}" });
        }
    }
}
