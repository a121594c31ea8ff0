using System.Runtime.CompilerServices;
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
                    await foreach (var job in WalkFolderAsync(folder, local, cancellationToken))
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

    /// <param name="top">Remote folder.</param>
    /// <param name="local">Where it goes; each folder is made if it is wanted even if empty, or gets a file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async IAsyncEnumerable<GetJob> WalkFolderAsync(FoundFolder top, string local, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var folder in new FolderWalk(run, top.Account) { Filter = filter }.OpenAsync(top, cancellationToken))
        {
            var target = LocalOf(folder, local);
            var isWanted = folder.Files.Count > 0 || folder.Above is null || filter.Judge(new FilterItem(folder.Path, IsFolder: true)).Included;
            if (isWanted && !TryMakeFolder(folder.Place, target))
            {
                folder.Pass();
                continue;
            }

            foreach (var (name, file) in OnceEach(folder))
            {
                yield return new GetJob(top.Account, folder.Place.Below(name).ToString(), file, Path.Combine(target, LocalNames.Of(file.Name)));
            }
        }
    }

    private static string LocalOf(WalkedFolder folder, string top) =>
        folder.Above is { } above ? Path.Combine(LocalOf(above, top), LocalNames.Of(folder.Folder.Name)) : top;

    private IEnumerable<KeyValuePair<string, RemoteFile>> OnceEach(WalkedFolder folder)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in folder.Files)
        {
            // Newest first: what a second file of that name holds was replaced by the first.
            if (taken.Add(file.Key))
            {
                yield return file;
            }
            else
            {
                run.Report.Warn($"{folder.Place.Below(file.Key)} is there more than once; only the newest is fetched.");
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
