using System.CommandLine;
using Coffre.Cli.Filters;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre ls</c>: what a folder holds.</summary>
internal static class LsCommand
{
    /// <summary>The help of <c>--all</c>, wherever it is.</summary>
    public const string AllHelp = "With the notes that sync keeps in folders (.coffre-sidecar)";

    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "Folders or files to list; the root of the default profile if none is named",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var isLong = kit.Flags.Switch("--long", "With size and date", "-l");
        var recursive = kit.Flags.Switch("--recursive", "With everything below", "-R");
        var all = kit.Flags.Switch("--all", AllHelp, "-a");
        var index = new IndexFlags(kit, IndexUse.Fresh);
        var command = new DescribedCommand("ls", "List a folder", ["coffre ls :/Photos", "coffre ls -l -R --json home:/"]) { paths, isLong, recursive, all };
        index.AddTo(command);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            run.Report.Style = run.Report.Style with { IsLong = parse.GetValue(isLong) };
            foreach (var path in parse.GetValue(paths) is { Length: > 0 } given ? given : [":/"])
            {
                var place = Place.ParseRemote(path);
                var account = index.Open(run, parse, place);
                switch (await Finder.GetAsync(run, place, cancellationToken))
                {
                    case FoundFile file:
                        run.Report.Add(Entries.Of(file.File, place.ToString() ?? path, file.Name));
                        break;
                    case FoundFolder folder:
                        var walk = new FolderWalk(run, folder.Account) { WithNotes = parse.GetValue(all), Depth = parse.GetValue(recursive) ? int.MaxValue : 1 };
                        await ListAsync(run, walk, folder, cancellationToken);
                        break;
                }

                IndexFlags.TellAge(run, account);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static async Task ListAsync(Run run, FolderWalk walk, FoundFolder top, CancellationToken cancellationToken)
    {
        await foreach (var (step, folder) in walk.StepsAsync(top, cancellationToken))
        {
            switch (step)
            {
                case WalkStep.Seen:
                    run.Report.Add(Entries.Of(folder.Folder, folder.Place, folder.Place.Name) with { Drawn = TextStyle.Shown(folder.Path) });
                    break;
                case WalkStep.Done:
                    foreach (var (name, file) in folder.Files)
                    {
                        run.Report.Add(Entries.Of(file, folder.Place.Below(name).ToString(), name) with { Drawn = TextStyle.Shown(folder.Path + name) });
                    }

                    break;
            }
        }
    }
}

/// <summary>Remote files and folders as results.</summary>
internal static class Entries
{
    public static EntryResult Of(RemoteFile file, string path, string name) => new()
    {
        Type = "file",
        Path = path,
        Name = name,
        Size = file.Size,
        Date = file.Arrived,
        Link = file.Link,
        Checksum = file.Checksum,
        ContentType = file.ContentType,
        HasPassword = file.HasPassword ? true : null,
    };

    public static EntryResult Of(IndexHit hit, RemotePlace place)
    {
        var path = place.Below(hit.Path);
        var entry = hit.File is { } file ? Of(file, path.ToString(), hit.Path[^1]) : Of(hit.Folder!, path, hit.Path[^1]);
        return entry with { Drawn = TextStyle.Shown(entry.Path) + (hit.File is null ? "/" : "") };
    }

    public static EntryResult Of(RemoteFolder folder, RemotePlace place, string name) => new()
    {
        Type = "folder",
        Path = place.ToString(),
        Name = name,
        Date = folder.Created,
        FolderId = folder.Id,
    };

    public static void WarnOfUnlisted(Run run, RemoteNode node, RemotePlace place)
    {
        if (node.Unlisted > 0)
        {
            run.Report.Warn($"{place} holds {node.Unlisted} more files that the service does not list.");
        }
    }
}
