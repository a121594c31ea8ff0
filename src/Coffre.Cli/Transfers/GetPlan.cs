using System.Runtime.CompilerServices;
using Coffre.Cli.Commands;
using Coffre.Cli.Filters;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Filters;

namespace Coffre.Cli.Transfers;

/// <param name="Account">Who may fetch it.</param>
/// <param name="Source">As the user would write it.</param>
/// <param name="File">What is fetched.</param>
/// <param name="LocalPath">Where to.</param>
internal sealed record GetJob(Account Account, string Source, RemoteFile File, string LocalPath);

/// <summary>Walks the sources of a download, makes the local folders, and hands out the files. The mirror of <see cref="PutPlan"/>.</summary>
internal sealed class GetPlan(Run run, string destination, PathFilter filter, Tally tally)
{
    public async IAsyncEnumerable<GetJob> WalkAsync(IReadOnlyList<Place> sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isInto = sources.Count > 1 || Path.EndsInDirectorySeparator(destination) || Directory.Exists(destination);
        foreach (var place in sources)
        {
            if (await TryFindAsync(place, cancellationToken) is not { } found)
            {
                continue;
            }

            switch (found)
            {
                case FoundFile file when !filter.Judge(new FilterItem(file.Name, IsFolder: false, file.File.Size, file.File.Arrived)).Included:
                    break;
                case FoundFile file:
                    var target = isInto ? Path.Combine(destination, LocalNames.Of(file.File.Name)) : destination;
                    MakeFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
                    yield return new GetJob(file.Account, place.ToString()!, file.File, target);
                    break;
                case FoundFolder folder:
                    var isContents = !isInto || folder.Place.EndsWithSlash || folder.Place.IsRoot;
                    var local = isContents ? destination : Path.Combine(destination, LocalNames.Of(folder.Folder.Name));
                    await foreach (var job in WalkFolderAsync(folder.Account, folder.Place, "", folder.Folder.Id, local, cancellationToken))
                    {
                        yield return job;
                    }

                    break;
            }
        }
    }

    private async Task<Found?> TryFindAsync(Place place, CancellationToken cancellationToken)
    {
        try
        {
            return await Finder.GetAsync(run, place, cancellationToken);
        }
        catch (Exception exception) when (exception is CliException { ExitCode: ExitCode.NotFound } or CoffreException)
        {
            tally.Failed(place.ToString()!, exception);
            return null;
        }
    }

    /// <param name="account">Whose.</param>
    /// <param name="place">Remote folder.</param>
    /// <param name="path">The same as the filter sees it: empty at the top, else with a slash at its end.</param>
    /// <param name="folderId">Its id.</param>
    /// <param name="local">Where it goes; made if it is wanted even if empty, or gets a file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async IAsyncEnumerable<GetJob> WalkFolderAsync(
        Account account, RemotePlace place, string path, long folderId, string local, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var node = await account.Index.GetAsync(folderId, cancellationToken);
        Entries.WarnOfUnlisted(run, node, place);
        if (RemoteChoice.FilesOf(filter, node, path) is not { } files)
        {
            yield break;
        }

        var isWanted = files.Count > 0 || path.Length == 0 || filter.Judge(new FilterItem(path, IsFolder: true)).Included;
        if (isWanted && !TryMakeFolder(place, local))
        {
            yield break;
        }

        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, file) in files)
        {
            // Newest first: what a second file of that name holds was replaced by the first.
            if (!taken.Add(name))
            {
                run.Report.Warn($"{place.Below(name)} is there more than once; only the newest is fetched.");
            }
            else
            {
                yield return new GetJob(account, place.Below(name).ToString(), file, Path.Combine(local, LocalNames.Of(file.Name)));
            }
        }

        foreach (var (name, folder) in node.Folders.Where(folder => filter.MayHold(path + folder.Key)))
        {
            await foreach (var job in WalkFolderAsync(account, place.Below(name), path + name + "/", folder.Id, Path.Combine(local, LocalNames.Of(folder.Name)), cancellationToken))
            {
                yield return job;
            }
        }
    }

    private bool TryMakeFolder(RemotePlace place, string local)
    {
        try
        {
            MakeFolder(local);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            tally.Failed(place.ToString(), exception);
            return false;
        }
    }

    private static void MakeFolder(string path) => Directory.CreateDirectory(path);
}
