using System.Runtime.CompilerServices;
using Coffre.Cli.Commands;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Transfers;

/// <summary>Walks the sources of an upload, makes the remote folders, and hands out what goes into them.</summary>
/// <remarks>
/// As <c>cp -r</c>: a source goes into the destination if that is a folder already, is written with a slash, or there are several
/// sources; otherwise it becomes the destination. A source folder written with a slash means what it holds.
/// </remarks>
internal sealed class PutPlan(Run run, Account account, RemotePlace destination, LocalTree tree, PathFilter filter, Tally tally)
{
    private readonly FolderSender _sender = new(account.Client);

    /// <summary>How many batches are on their way at the same time.</summary>
    public int Transfers { get; init; } = 1;

    public async IAsyncEnumerable<PutJob> WalkAsync(IReadOnlyList<string> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var into = sources.Count > 1 || destination.EndsWithSlash || destination.IsRoot
            ? await account.Index.EnsurePathAsync(destination.Names, cancellationToken)
            : await account.Index.FindFolderAsync(destination.Names, cancellationToken);
        foreach (var source in sources)
        {
            if (Directory.Exists(source))
            {
                var folder = new DirectoryInfo(source);
                var isContents = Path.EndsInDirectorySeparator(source) || Path.GetFileName(source) is "." or "..";
                var (place, node) = into is null ? (destination, await account.Index.EnsurePathAsync(destination.Names, cancellationToken))
                    : isContents ? (destination, into)
                    : (destination.Below(folder.Name), await account.Index.EnsureFolderAsync(into, folder.Name, cancellationToken));
                await foreach (var job in WalkFolderAsync(folder, "", place, () => Task.FromResult<RemoteNode?>(node), cancellationToken))
                {
                    yield return job;
                }
            }
            else if (FindFile(source) is { } file && filter.Judge(new FilterItem(Path.GetFileName(source), IsFolder: false, file.Length, new DateTimeOffset(file.LastWriteTimeUtc))).Included)
            {
                yield return into is null
                    ? new PutJob(Parent(destination), await account.Index.EnsurePathAsync(destination.ParentNames, cancellationToken), [new PutFile(source, destination.Name, file.Length)])
                    : new PutJob(destination, into, [new PutFile(source, Path.GetFileName(source), file.Length)]);
            }
        }
    }

    private FileInfo? FindFile(string source)
    {
        // A link that is named is followed, as cp does.
        var file = new FileInfo(source);
        file = file.Exists ? file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file : file;
        if (file.Exists && !SpecialFiles.IsSpecial(file))
        {
            return file;
        }

        tally.Failed(source, file.Exists
            ? CliException.Usage("This is a pipe, a socket or a device.", "pour it into: coffre put - PATH")
            : new CliException(ExitCode.NotFound, "not_found", "There is no such file or folder here.", "check the spelling"));
        return null;
    }

    /// <param name="folder">Local.</param>
    /// <param name="path">The same as the filter sees it: empty at the top, else with a slash at its end.</param>
    /// <param name="place">Where it goes.</param>
    /// <param name="reach">Gives the remote folder, made when it is first needed; null if it cannot be made.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async IAsyncEnumerable<PutJob> WalkFolderAsync(
        DirectoryInfo folder, string path, RemotePlace place, Func<Task<RemoteNode?>> reach, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!tree.TryEnter(folder))
        {
            yield break;
        }

        var (allFiles, folders) = tree.Look(folder);
        if (filter.MarkerAmong(allFiles.Select(file => file.Name), folders.Select(child => child.Name)) is not null)
        {
            tree.Leave(folder);
            yield break;
        }

        var files = allFiles.Where(file => filter.Judge(new FilterItem(path + file.Name, IsFolder: false, file.Length, file.Modified)).Included).ToArray();
        if (files.Length > 0 || path.Length == 0 || filter.Judge(new FilterItem(path, IsFolder: true)).Included)
        {
            if (await reach() is not { } node)
            {
                tree.Leave(folder);
                yield break;
            }

            Entries.WarnOfUnlisted(run, node, place);
            foreach (var batch in _sender.Batches(files, file => file.Length, Transfers))
            {
                yield return new PutJob(place, node, batch);
            }
        }

        foreach (var child in folders.Where(child => filter.MayHold(path + child.Name)))
        {
            await foreach (var job in WalkFolderAsync(child, path + child.Name + "/", place.Below(child.Name), Once(reach, child, place, cancellationToken), cancellationToken))
            {
                yield return job;
            }
        }

        tree.Leave(folder);
    }

    /// <summary>Makes a remote folder, and those above it, when something goes into it: what a filter empties is not made.</summary>
    private Func<Task<RemoteNode?>> Once(Func<Task<RemoteNode?>> reachParent, DirectoryInfo child, RemotePlace place, CancellationToken cancellationToken)
    {
        Task<RemoteNode?>? made = null;
        return () => made ??= MakeAsync();

        async Task<RemoteNode?> MakeAsync() => await reachParent() is { } parent ? await TryMakeAsync(parent, child, place, cancellationToken) : null;
    }

    private async Task<RemoteNode?> TryMakeAsync(RemoteNode parent, DirectoryInfo child, RemotePlace place, CancellationToken cancellationToken)
    {
        try
        {
            return await account.Index.EnsureFolderAsync(parent, child.Name, cancellationToken);
        }
        catch (CoffreException trouble)
        {
            tally.Failed(place.Below(child.Name).ToString(), trouble);
            return null;
        }
    }

    private static RemotePlace Parent(RemotePlace place) => place with { Names = [.. place.ParentNames], EndsWithSlash = true };
}
