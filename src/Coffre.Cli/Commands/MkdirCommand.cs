using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre mkdir</c>: makes folders, with those above them.</summary>
internal static class MkdirCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("path") { Description = "Folders to make", Arity = ArgumentArity.OneOrMore };
        var command = new DescribedCommand("mkdir", "Make folders, and those above them where they are missing", ["coffre mkdir :/Backup/2031/March", "coffre mkdir home:/In home:/Out"]) { paths };
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            foreach (var path in parse.GetRequiredValue(paths))
            {
                var place = Place.ParsePath(path);
                var account = run.Open(place);
                var existed = await Finder.FindAsync(run, place, cancellationToken) is FoundFolder;
                var node = await account.Index.EnsurePathAsync(place.Names, cancellationToken);
                run.Report.Add(new ChangeResult { Action = existed ? "exists" : "created", Type = "folder", Path = place.ToString(), FolderId = node.Id });
            }

            return ExitCode.Success;
        });
        return command;
    }
}
