using System.CommandLine;
using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre rm</c>: removes files, and folders with all they hold.</summary>
internal static class RmCommand
{
    private const int LinksPerCall = 100;

    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("path") { Description = "Files or folders to remove", Arity = ArgumentArity.OneOrMore };
        var recursive = kit.Flags.Switch("--recursive", "Remove folders, with everything in them", "-r");
        var yes = kit.Flags.Switch("--yes", "Do not ask", "-y");
        var command = new DescribedCommand("rm", "Remove files and folders", ["coffre rm :/old.zip", "coffre rm -r -y home:/Tmp"])
        {
            Notes = "Asks on a terminal; elsewhere -y is needed. If a name is there more than once, all files of that name go.",
        };
        command.Add(paths);
        command.Add(recursive);
        command.Add(yes);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            // Everything is looked at before anything goes: a wrong path must not leave half of the work done.
            List<Found> doomed = [];
            foreach (var path in parse.GetRequiredValue(paths))
            {
                doomed.Add(await Finder.GetAsync(run, Place.ParseRemote(path), cancellationToken) switch
                {
                    FoundFolder { Place.IsRoot: true } => throw CliException.Usage("The root cannot be removed.", "name what it holds"),
                    FoundFolder folder when !parse.GetValue(recursive) => throw CliException.Usage($"{folder.Place} is a folder.", "add -r to remove it with everything in it"),
                    var found => found,
                });
            }

            await AskAsync(run, Describe(doomed), parse.GetValue(yes), cancellationToken);
            foreach (var found in doomed)
            {
                await RemoveAsync(run, found, cancellationToken);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static string Describe(List<Found> doomed) => doomed.Count == 1
        ? $"{doomed[0].Where}{(doomed[0] is FoundFolder ? " with everything in it" : "")}"
        : string.Create(CultureInfo.InvariantCulture, $"{doomed.Count(found => found is FoundFile)} files and {doomed.Count(found => found is FoundFolder)} folders with everything in them");

    /// <summary>Goes on only if somebody wants it.</summary>
    public static Task AskAsync(Run run, string what, bool yes, CancellationToken cancellationToken) =>
        Question.AskAsync(run, yes, $"Remove {what}?", "Nothing was removed.", cancellationToken);

    private static async Task RemoveAsync(Run run, Found found, CancellationToken cancellationToken)
    {
        switch (found)
        {
            case FoundFile file:
                await file.Account.Client.DeleteFilesAsync([.. file.Same.Select(same => same.Link)], cancellationToken);
                foreach (var same in file.Same)
                {
                    file.Parent?.Remove(same);
                }

                run.Report.Add(new ChangeResult { Action = "removed", Type = "file", Path = file.Place.ToString()!, Link = file.File.Link });
                break;
            case FoundFolder folder:
                await RemoveFolderAsync(folder.Account, folder.Folder, folder.Parent!, cancellationToken);
                run.Report.Add(new ChangeResult { Action = "removed", Type = "folder", Path = folder.Place.ToString(), FolderId = folder.Folder.Id });
                break;
        }
    }

    private static async Task RemoveFolderAsync(Account account, RemoteFolder doomed, RemoteNode parent, CancellationToken cancellationToken)
    {
        var node = await account.Index.GetAsync(doomed.Id, cancellationToken);
        foreach (var (_, folder) in node.Folders)
        {
            await RemoveFolderAsync(account, folder, node, cancellationToken);
        }

        foreach (var links in node.Files.Select(file => file.Value.Link).Chunk(LinksPerCall))
        {
            await account.Client.DeleteFilesAsync(links, cancellationToken);
        }

        await account.Client.DeleteFolderAsync(doomed.Id, cancellationToken);
        parent.Remove(doomed);
    }
}
