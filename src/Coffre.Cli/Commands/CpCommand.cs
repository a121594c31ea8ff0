using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre cp</c>: copies on the service, without moving a byte through this machine.</summary>
internal static class CpCommand
{
    private const int LinksPerCall = 100;

    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("source... destination") { Description = "Remote files, folders or links, then where to", Arity = new ArgumentArity(2, 100_000) };
        var recursive = kit.Flags.Switch("--recursive", "Copy folders, with everything in them", "-r");
        var ifExists = IfExistsFlag.Make(kit, "fail", withUpdate: false);
        var command = new DescribedCommand("cp", "Copy on the service", ["coffre cp :/report.pdf :/Archive/", "coffre cp 'https://1fichier.com/?abcdefghij0123456789' :/Imported/"])
        {
            Notes = "If the destination is a folder, or is written with a slash at its end, sources go into it; otherwise the one source gets that name.",
        };
        command.Add(paths);
        command.Add(recursive);
        command.Add(ifExists);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var given = parse.GetRequiredValue(paths);
            var policy = IfExistsFlag.Read(parse.GetRequiredValue(ifExists));
            var destination = Place.ParsePath(given[^1]);
            var sources = await Finder.GetAllAsync(run, given[..^1].Select(Place.ParseRemote), cancellationToken);
            if (!parse.GetValue(recursive) && sources.OfType<FoundFolder>().FirstOrDefault() is { } refused)
            {
                throw CliException.Usage($"{refused.Place} is a folder.", "add -r to copy it with everything in it");
            }

            var target = await RemoteTarget.OfAsync(run, destination, sources.Count, cancellationToken);
            foreach (var source in sources)
            {
                target.MustBeSameAccount(source);
                await CopyAsync(run, source, target, policy, cancellationToken);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static async Task CopyAsync(Run run, Found source, RemoteTarget target, IfExists policy, CancellationToken cancellationToken)
    {
        if (source is FoundFile file)
        {
            await CopyFileAsync(run, source.Where.ToString()!, file.File, target.NewName ?? file.Name, target, target.Node, policy, cancellationToken);
            return;
        }

        var folder = (FoundFolder)source;
        target.MustNotBeInside(folder);
        var name = target.NewName ?? folder.Place.Name;
        var made = await target.Account.Index.EnsureFolderAsync(target.Node, name, cancellationToken);
        await CopyFolderAsync(run, folder.Account, folder.Place, folder.Folder.Id, target with { Place = target.Place.Below(name), Node = made, NewName = null }, policy, cancellationToken);
    }

    private static async Task CopyFolderAsync(
        Run run, Account account, RemotePlace place, long folderId, RemoteTarget target, IfExists policy, CancellationToken cancellationToken)
    {
        var node = await account.Index.GetAsync(folderId, cancellationToken);
        var free = node.Files.Where(file => target.Node.FindFiles(file.Key).Count == 0 && target.Node.FindFolder(file.Key) is null).ToArray();
        foreach (var batch in free.Chunk(LinksPerCall))
        {
            await account.Client.CopyFilesAsync([.. batch.Select(file => file.Value.Link)], target.Node.Id, cancellationToken: cancellationToken);
            // Which copy is whose, the service does not say: the next run lists the folder again.
            target.Account.Index.Doubt(target.Node.Id);
            foreach (var (name, _) in batch)
            {
                run.Report.Add(new ChangeResult { Action = "copied", Type = "file", Path = place.Below(name).ToString(), To = target.Place.Below(name).ToString() });
            }
        }

        foreach (var (name, file) in node.Files.Except(free))
        {
            await CopyFileAsync(run, place.Below(name).ToString(), file, name, target, target.Node, policy, cancellationToken);
        }

        foreach (var (name, folder) in node.Folders)
        {
            var made = await account.Index.EnsureFolderAsync(target.Node, name, cancellationToken);
            await CopyFolderAsync(run, account, place.Below(name), folder.Id, target with { Place = target.Place.Below(name), Node = made }, policy, cancellationToken);
        }
    }

    private static async Task CopyFileAsync(
        Run run, string from, RemoteFile file, string name, RemoteTarget target, RemoteNode node, IfExists policy, CancellationToken cancellationToken)
    {
        var (newName, old, skip) = target.Decide(node, name, policy);
        var to = target.Place.Below(newName).ToString();
        if (skip || old.Any(same => string.Equals(same.Link, file.Link, StringComparison.Ordinal)))
        {
            run.Report.Add(new ChangeResult { Action = "skipped", Type = "file", Path = from, To = to, Link = old[0].Link });
            return;
        }

        var encoded = NameEncoding.Encode(newName);
        var rename = string.Equals(encoded, file.Name, StringComparison.Ordinal) ? null : encoded;
        var links = await target.Account.Client.CopyFilesAsync([file.Link], node.Id, rename, cancellationToken: cancellationToken);
        var copy = links.Count > 0 ? links[0] : null;
        if (old.Count > 0)
        {
            await target.Account.Client.DeleteFilesAsync([.. old.Select(same => same.Link)], CancellationToken.None);
        }

        foreach (var same in old)
        {
            node.Remove(same);
        }

        node.Add(file with { Name = encoded, Link = copy ?? file.Link });
        run.Report.Add(new ChangeResult { Action = "copied", Type = "file", Path = from, To = to, Link = copy });
    }
}
