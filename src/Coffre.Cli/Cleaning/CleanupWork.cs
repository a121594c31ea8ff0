using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Places;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Client.Sync;

namespace Coffre.Cli.Cleaning;

/// <summary>Does what a plan says: moves files into the dated trash folder, or removes them for good; few calls for many files.</summary>
/// <param name="run">The run.</param>
/// <param name="account">Whose.</param>
/// <param name="stamp">Name of the folder in the trash; null to remove for good.</param>
internal sealed class CleanupWork(Run run, Account account, string? stamp)
{
    private const int LinksPerCall = 100;

    public int Done { get; private set; }

    public int Failed { get; private set; }

    public async Task RemoveAsync(IReadOnlyList<CleanupItem> items, CancellationToken cancellationToken)
    {
        if (stamp is null)
        {
            foreach (var batch in items.Chunk(LinksPerCall))
            {
                await TryAsync(batch, () => account.Client.DeleteFilesAsync([.. batch.Select(item => item.File.Link)], cancellationToken), target: null);
            }

            return;
        }

        foreach (var group in items.GroupBy(item => item.Folder))
        {
            await MoveAsync(group.Key, [.. group], stamp, cancellationToken);
        }
    }

    /// <summary>Removes folders that this run emptied, and those above that this empties; never where the cleanup began.</summary>
    public async Task PruneAsync(IEnumerable<CleanupItem> items, CancellationToken cancellationToken)
    {
        foreach (var emptied in items.Select(item => item.Folder).Distinct().OrderByDescending(folder => folder.Place.Names.Count).ToArray())
        {
            for (var folder = emptied; folder is { Above: { } above } && folder.Node is { Files.Count: 0, Folders.Count: 0, Unlisted: 0 }; folder = above)
            {
                if (above.Node.FindFolder(folder.Place.Name) is not { } remote)
                {
                    break;
                }

                try
                {
                    await account.Client.DeleteFolderAsync(remote.Id, cancellationToken);
                }
                catch (CoffreException trouble) when (trouble.Error is CoffreError.Conflict or CoffreError.NotFound)
                {
                    // Somebody has put something there meanwhile, or was faster.
                    account.Index.Doubt(remote.Id);
                    break;
                }

                above.Node.Remove(remote);
                run.Report.Add(new ChangeResult { Action = "removed", Type = "folder", Path = folder.Place.ToString(), FolderId = remote.Id });
            }
        }
    }

    private async Task MoveAsync(CleanupFolder folder, CleanupItem[] items, string into, CancellationToken cancellationToken)
    {
        RemoteNode target;
        try
        {
            target = await account.Index.EnsurePathAsync([TrashPlace.FolderName, into, .. folder.Place.Names], cancellationToken);
        }
        catch (CoffreException trouble)
        {
            Fail(items, trouble);
            return;
        }

        // Files of one name in one folder cannot lie together there either: all but the first of them get a number.
        var first = items.DistinctBy(item => item.Name, StringComparer.Ordinal).ToArray();
        foreach (var batch in first.Chunk(LinksPerCall))
        {
            await TryAsync(batch, () => account.Client.MoveFilesAsync([.. batch.Select(item => item.File.Link)], target.Id, cancellationToken: cancellationToken), target);
        }

        foreach (var twin in items.Except(first))
        {
            var name = NameEncoding.Encode(Transfers.IfExistsFlag.FreeName(twin.Name, taken => target.FindFiles(taken).Count > 0));
            await TryAsync([twin], () => account.Client.MoveFilesAsync([twin.File.Link], target.Id, name, cancellationToken), target, name);
        }
    }

    private async Task TryAsync(CleanupItem[] batch, Func<Task> call, RemoteNode? target, string? newName = null)
    {
        try
        {
            await call();
        }
        catch (CoffreException trouble)
        {
            Fail(batch, trouble);
            if (ExitCodes.StopsRun(trouble.Error))
            {
                throw;
            }

            return;
        }

        foreach (var item in batch)
        {
            Done++;
            item.Folder.Node.Remove(item.File);
            target?.Add(newName is null ? item.File : item.File with { Name = newName });
            run.Report.Add(new ChangeResult
            {
                Action = target is null ? "removed" : "moved",
                Type = "file",
                Path = item.Folder.Place.Below(item.Name).ToString(),
                To = target is null ? null : $"{item.Folder.Place.Profile}:/{TrashPlace.FolderName}/{stamp}/{string.Join('/', item.Folder.Place.Names.Append(item.Name))}",
                Link = item.File.Link,
            });
        }
    }

    private void Fail(CleanupItem[] items, CoffreException trouble)
    {
        Failed += items.Length;
        account.Index.Doubt(items[0].Folder.Node.Id);
        run.Report.ItemFailed(items.Length == 1 ? items[0].Path : string.Create(CultureInfo.InvariantCulture, $"{items.Length} files from {items[0].Path} on"), trouble);
    }
}
