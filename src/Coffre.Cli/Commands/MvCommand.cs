using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Cli.Transfers;
using Coffre.Client;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre mv</c>: moves and renames on the service. Links stay what they are.</summary>
internal static class MvCommand
{
    public static Command Make(CommandKit kit)
    {
        var paths = new Argument<string[]>("source... destination") { Description = "Remote files or folders, then where to", Arity = new ArgumentArity(2, 100_000) };
        var ifExists = IfExistsFlag.Make(kit, "fail", withUpdate: false);
        var command = new DescribedCommand("mv", "Move and rename on the service", ["coffre mv :/report.pdf :/Archive/", "coffre mv home:/Photos home:/Pictures"])
        {
            Notes = """
                If the destination is a folder, or is written with a slash at its end, sources go into it; otherwise the one source gets
                that name. Links keep working.
                """,
        };
        command.Add(paths);
        command.Add(ifExists);
        kit.Does(command, async (run, parse, cancellationToken) =>
        {
            var given = parse.GetRequiredValue(paths);
            var policy = IfExistsFlag.Read(parse.GetRequiredValue(ifExists));
            var destination = Place.ParsePath(given[^1]);
            var sources = await Finder.GetAllAsync(run, given[..^1].Select(Place.ParsePath), cancellationToken);
            var target = await RemoteTarget.OfAsync(run, destination, sources.Count, cancellationToken);
            foreach (var source in sources)
            {
                target.MustBeSameAccount(source);
                await (source switch
                {
                    FoundFile file => MoveFileAsync(run, file, target, policy, cancellationToken),
                    FoundFolder folder => MoveFolderAsync(run, folder, target, cancellationToken),
                    _ => throw new InvalidOperationException(source.GetType().Name),
                });
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static async Task MoveFileAsync(Run run, FoundFile file, RemoteTarget target, IfExists policy, CancellationToken cancellationToken)
    {
        var wanted = target.NewName ?? file.Name;
        var staysInFolder = file.Parent!.Id == target.Node.Id;
        if (staysInFolder && string.Equals(wanted, file.Name, StringComparison.Ordinal))
        {
            throw CliException.Conflict($"{file.Place} is there already.", "choose another destination");
        }

        var (name, old, skip) = target.Decide(target.Node, wanted, policy);
        var result = new ChangeResult { Action = skip ? "skipped" : "moved", Type = "file", Path = file.Place.ToString()!, To = target.Place.Below(name).ToString(), Link = file.File.Link };
        if (!skip)
        {
            // The service refuses a taken name, so the old file has to go first.
            var client = target.Account.Client;
            if (old.Count > 0)
            {
                await client.DeleteFilesAsync([.. old.Select(same => same.Link)], cancellationToken);
            }

            var encoded = NameEncoding.Encode(name);
            var rename = string.Equals(encoded, file.File.Name, StringComparison.Ordinal) ? null : encoded;
            await (staysInFolder
                ? client.RenameFileAsync(file.File.Link, encoded, cancellationToken)
                : client.MoveFilesAsync([file.File.Link], target.Node.Id, rename, cancellationToken));
            foreach (var same in old)
            {
                target.Node.Remove(same);
            }

            file.Parent.Remove(file.File);
            target.Node.Add(file.File with { Name = encoded });
        }

        run.Report.Add(result);
    }

    private static async Task MoveFolderAsync(Run run, FoundFolder folder, RemoteTarget target, CancellationToken cancellationToken)
    {
        target.MustNotBeInside(folder);
        var name = target.NewName ?? folder.Place.Name;
        if (target.Node.FindFolder(name) is not null || target.Node.FindFiles(name).Count > 0)
        {
            throw CliException.Conflict($"{target.Place.Below(name)} is there already.", "choose another name");
        }

        var staysInParent = folder.Parent!.Id == target.Node.Id;
        var encoded = NameEncoding.Encode(name);
        var rename = string.Equals(encoded, folder.Folder.Name, StringComparison.Ordinal) ? null : encoded;
        await target.Account.Client.MoveFolderAsync(folder.Folder.Id, staysInParent ? null : target.Node.Id, rename, cancellationToken);
        folder.Parent.Leave(folder.Folder);
        target.Node.Add(folder.Folder with { Name = encoded });
        run.Report.Add(new ChangeResult
        {
            Action = "moved",
            Type = "folder",
            Path = folder.Place.ToString(),
            To = target.Place.Below(name).ToString(),
            FolderId = folder.Folder.Id,
        });
    }
}
