using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre dedupe</c>: files whose content is there more than once; shown, and on demand removed.</summary>
internal static class DedupeCommand
{
    private const int LinksPerCall = 100;

    public static Command Make(CommandKit kit)
    {
        var path = new Argument<string>("path") { Description = "Folder; the root of the default profile if none is named", DefaultValueFactory = _ => ":/" };
        var sameFolder = kit.Flags.Switch("--same-folder", "Only files of one name in one folder, as broken uploads leave them");
        var remove = kit.Flags.Choice("--keep", "Remove the others of each group; all: none", "all", "all", "newest", "oldest");
        var yes = kit.Flags.Switch("--yes", "Do not ask", "-y");
        var index = new IndexFlags(kit, IndexUse.Known);
        var command = new DescribedCommand("dedupe", "Show files whose content is there more than once", ["coffre dedupe :/Photos", "coffre dedupe --same-folder --keep newest"])
        {
            Notes = IndexFlags.Notes + Environment.NewLine + "Equal are files of one size and checksum; the notes of sync (.coffre-sidecar) do not count. Nothing is removed without --keep; before that, every folder concerned is listed again.",
        };
        command.Add(path);
        command.Add(sameFolder);
        command.Add(remove);
        command.Add(yes);
        index.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var place = Place.ParsePath(parse.GetRequiredValue(path));
            var account = index.Open(run, parse, place);
            var folder = await Finder.GetFolderAsync(run, place, cancellationToken);
            await account.Index.CoverAsync(folder.Folder.Id, cancellationToken);
            var groups = Groups(account.Index.FindDuplicates(folder.Folder.Id), parse.GetValue(sameFolder)).ToArray();
            foreach (var hit in groups.SelectMany(group => group))
            {
                run.Report.Add(Entries.Of(hit, place));
            }

            IndexFlags.TellAge(run, account);
            var spare = groups.Sum(group => group[0].File!.Size * (group.Count - 1));
            run.Report.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{groups.Length} contents are there more than once; {groups.Sum(group => group.Count - 1)} files with {TextStyle.Human(spare)} could go."));
            if (parse.GetValue(remove) is not "all" and var keep && groups.Length > 0)
            {
                await RmCommand.AskAsync(run, string.Create(CultureInfo.InvariantCulture, $"{groups.Sum(group => group.Count - 1)} files"), parse.GetValue(yes), cancellationToken);
                await RemoveAsync(run, account, place, groups, keep, cancellationToken);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static IEnumerable<IReadOnlyList<IndexHit>> Groups(IReadOnlyList<IndexHit> hits, bool sameFolder) => hits
        .Where(hit => !hit.File!.IsSidecar)
        .GroupBy(hit => (hit.File!.Checksum, hit.File.Size, Folder: sameFolder ? hit.ParentId : 0, Name: sameFolder ? hit.File.Name : ""))
        .Select(group => (IReadOnlyList<IndexHit>)[.. group.OrderBy(hit => hit.File!.Arrived)])
        .Where(group => group.Count > 1);

    private static async Task RemoveAsync(
        Run run, Account account, RemotePlace place, IReadOnlyList<IndexHit>[] groups, string? keep, CancellationToken cancellationToken)
    {
        // What the index says may have gone meanwhile: only what is there now counts as a copy.
        account.Index.Use = IndexUse.Refresh;
        List<(RemoteNode Node, IndexHit Hit)> doomed = [];
        foreach (var group in groups)
        {
            List<(RemoteNode Node, IndexHit Hit)> there = [];
            foreach (var hit in group)
            {
                var node = await account.Index.GetAgainAsync(hit.ParentId, cancellationToken);
                if (node.FindFiles(hit.Path[^1]).Any(file => file.Link == hit.File!.Link && file.Checksum == hit.File.Checksum))
                {
                    there.Add((node, hit));
                }
            }

            doomed.AddRange(keep is "oldest" ? there.Skip(1) : there.SkipLast(1));
        }

        foreach (var batch in doomed.Chunk(LinksPerCall))
        {
            await account.Client.DeleteFilesAsync([.. batch.Select(file => file.Hit.File!.Link)], cancellationToken);
            foreach (var (node, hit) in batch)
            {
                node.Remove(hit.File!);
                run.Report.Add(new ChangeResult
                {
                    Action = "removed",
                    Type = "file",
                    Path = place.Below(hit.Path).ToString(),
                    Link = hit.File!.Link,
                });
            }
        }
    }
}
