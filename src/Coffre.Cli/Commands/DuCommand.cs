using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre du</c>: how much lies in a folder and below, from the index.</summary>
internal static class DuCommand
{
    private const int Deepest = 1000;

    public static Command Make(CommandKit kit)
    {
        var path = new Argument<string>("path") { Description = "Folder; the root of the default profile if none is named", DefaultValueFactory = _ => ":/" };
        var depth = kit.Flags.Number("--depth", "Levels of folders that get a line of their own", 1, 0, Deepest);
        var index = new IndexFlags(kit, IndexUse.Known);
        var command = new DescribedCommand("du", "Sum up what folders hold", ["coffre du :/Photos", "coffre du home:/ --depth 3 --bytes"]) { Notes = IndexFlags.Notes };
        command.Add(path);
        command.Add(depth);
        index.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var place = Place.ParsePath(parse.GetRequiredValue(path));
            var account = index.Open(run, parse, place);
            var folder = await Finder.GetFolderAsync(run, place, cancellationToken);
            await account.Index.CoverAsync(folder.Folder.Id, cancellationToken);
            foreach (var usage in account.Index.Measure(folder.Folder.Id, parse.GetValue(depth)))
            {
                run.Report.Add(new UsageResult
                {
                    Path = place.Below(usage.Path).ToString(),
                    FolderId = usage.FolderId,
                    Files = usage.Files,
                    Size = usage.Bytes,
                });
            }

            IndexFlags.TellAge(run, account);
            return ExitCode.Success;
        });
        return command;
    }
}
