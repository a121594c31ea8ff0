using System.Security.Cryptography;
using System.Text;
using Coffre.Client.Downloads;

namespace Coffre.Client.Sync;

/// <summary>Brings a local folder to what a plan says.</summary>
/// <remarks>A file gets its name only when it is whole. What changed here since the plan was made is neither replaced nor deleted.</remarks>
internal sealed class SyncDown(CoffreClient client, string root, SyncOptions options) : SyncApply(options)
{
    private readonly string _stamp = TrashPlace.Stamp(client.Time.GetUtcNow());

    protected override async Task WorkAsync(IReadOnlyList<SyncAction> actions, CancellationToken cancellationToken)
    {
        await DeleteAsync([.. actions.Where(action => action.IsInTheWay)], forGood: false, cancellationToken).ConfigureAwait(false);
        Directory.CreateDirectory(root);
        foreach (var action in Of(actions, SyncActionKind.MakeFolder))
        {
            await TryAsync(action.Path, () => MakeFolderAsync(action)).ConfigureAwait(false);
        }

        foreach (var action in actions.Where(action => action.Kind is SyncActionKind.Move or SyncActionKind.Copy))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TryAsync(action.Path, () => MoveAsync(action)).ConfigureAwait(false);
        }

        await Parallel.ForEachAsync(Of(actions, SyncActionKind.Transfer), Degree(cancellationToken), async (action, token) =>
            await TryAsync(action.Path, () => FetchAsync(action, token)).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (var action in Of(actions, SyncActionKind.Note))
        {
            await TryAsync(action.Path, () => NoteAsync(action)).ConfigureAwait(false);
        }

        if (!HasFailed)
        {
            await DeleteAsync([.. actions.Where(action => !action.IsInTheWay)], Options.DeletesForGood, cancellationToken).ConfigureAwait(false);
        }

        // Last, the deepest first: a folder that may not be written to takes nothing.
        foreach (var action in actions.Where(action => action is { Kind: SyncActionKind.MakeFolder or SyncActionKind.NoteFolder, Mode: not null }).Reverse())
        {
            await TryAsync(action.Path, () => SetFolderModeAsync(action)).ConfigureAwait(false);
        }
    }

    private string PathOf(string path) => Path.Combine(root, path.Replace('/', Path.DirectorySeparatorChar));

    private Task MakeFolderAsync(SyncAction action)
    {
        Directory.CreateDirectory(PathOf(action.Path));
        Done(action);
        return Task.CompletedTask;
    }

    private Task SetFolderModeAsync(SyncAction action)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(PathOf(action.Path), (UnixFileMode)action.Mode!.Value);
        }

        if (action.Kind is SyncActionKind.NoteFolder)
        {
            Done(action);
        }

        return Task.CompletedTask;
    }

    private Task MoveAsync(SyncAction action)
    {
        var (from, to) = (PathOf(action.From!), Free(action));
        MustBeAsFound(action.Target!);
        if (action.Kind is SyncActionKind.Move)
        {
            File.Move(from, to, overwrite: false);
        }
        else
        {
            File.Copy(from, StagedPath(to), overwrite: true);
            Name(StagedPath(to), action, isSynced: TrySync(StagedPath(to)));
        }

        SetFacts(to, action.Source!);
        Done(action, action.Source!.Remote);
        return Task.CompletedTask;
    }

    private async Task FetchAsync(SyncAction action, CancellationToken cancellationToken)
    {
        MustNotEmpty(action);
        var path = Free(action);
        var staged = StagedPath(path);
        try
        {
            var isSynced = await FillAsync(action, staged, cancellationToken).ConfigureAwait(false);
            SetFacts(staged, action.Source!);
            if (action.Target is { } replaced)
            {
                // Somebody may have written to it while its successor travelled.
                MustBeAsFound(replaced);
            }

            Name(staged, action, isSynced);
        }
        catch
        {
            File.Delete(staged);
            throw;
        }

        Done(action, action.Source!.Remote);
    }

    /// <summary>Brings the bytes; whether they were synced.</summary>
    private async Task<bool> FillAsync(SyncAction action, string path, CancellationToken cancellationToken)
    {
        if (action.Source!.Remote is not { } remote)
        {
            // Only a sidecar knows of it: it has no content.
            await File.WriteAllBytesAsync(path, [], cancellationToken).ConfigureAwait(false);
            return false;
        }

        var meter = Options.Listener?.Begin(SyncTree.NameOf(action.Path), action.Size);
        try
        {
            // What it replaces goes: a power cut must not take both.
            var how = new DownloadOptions { Progress = meter, WillReplace = action.Target is not null };
            return (await client.DownloadAsync(remote, path, how, cancellationToken).ConfigureAwait(false)).IsSynced;
        }
        finally
        {
            (meter as IDisposable)?.Dispose();
        }
    }

    /// <summary>Where a file waits, whole, until it may have its name. Called as part files are, so that no sync takes it for a file.</summary>
    private static string StagedPath(string path) => Path.Combine(
        Path.GetDirectoryName(path)!, $".coffre.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFileName(path))).AsSpan(0, 5))}.part");

    private Task NoteAsync(SyncAction action)
    {
        MustBeAsFound(action.Target!);
        SetFacts(PathOf(action.Path), action.Source!);
        Done(action, action.Source!.Remote);
        return Task.CompletedTask;
    }

    /// <summary>The place of a file that comes: its folder made, nothing there but what the plan saw.</summary>
    private string Free(SyncAction action)
    {
        if (!LocalNames.Fits(SyncTree.NameOf(action.Path)))
        {
            throw new CoffreException(CoffreError.BadName, "The name is too long for a file on this machine.") { Advice = "fetch it alone, under a name of your own: coffre get" };
        }

        var path = PathOf(action.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var replaced = action.Kind is SyncActionKind.Transfer ? action.Target : null;
        if (replaced is not null)
        {
            MustBeAsFound(replaced);
        }
        else if (Path.Exists(path))
        {
            // It came meanwhile, or this file system takes two names for one.
            throw new CoffreException(CoffreError.Conflict, $"{path} is there already.") { Advice = "run the same command again; if it stays so, this file system takes two names for one: rename one" };
        }

        return path;
    }

    /// <summary>A note alone, which may be old, or anybody's, is no reason to lose content.</summary>
    private static void MustNotEmpty(SyncAction action)
    {
        if (action.Source!.Remote is null && action.Target is { Size: > 0, LocalPath: { } path })
        {
            throw new CoffreException(CoffreError.Conflict, $"The service has no file for {path}, only a note that it is empty; here it has content, and is left as it is.")
            {
                Advice = "if it shall be empty, empty it or move it away, and run the same command again; else upload it",
            };
        }
    }

    private void Name(string staged, SyncAction action, bool isSynced)
    {
        var (path, overwrite) = (PathOf(action.Path), action.Kind is SyncActionKind.Transfer && action.Target is not null);
        if (isSynced)
        {
            client.Disk.Keep(staged, path, overwrite);
        }
        else
        {
            client.Disk.Rename(staged, path, overwrite);
        }
    }

    /// <summary>Syncs a copy, if it is as large as a download that is synced.</summary>
    private bool TrySync(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        if (RandomAccess.GetLength(file) < PartFile.LeastSynced)
        {
            return false;
        }

        client.Disk.SyncFile(file);
        return true;
    }

    private static void MustBeAsFound(SyncFile file)
    {
        if (LocalStamp.Of(file.LocalPath!) != file.Stamp)
        {
            throw new CoffreException(CoffreError.LocalChanged, $"{file.LocalPath} has changed since it was looked at; it is left as it is.") { Advice = "run the same command again" };
        }
    }

    private static void SetFacts(string path, SyncFile facts)
    {
        if (facts.Modified is { } modified)
        {
            File.SetLastWriteTimeUtc(path, modified.UtcDateTime);
        }

        if (facts.Mode is { } mode && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)mode);
        }
    }

    private async Task DeleteAsync(SyncAction[] actions, bool forGood, CancellationToken cancellationToken)
    {
        foreach (var action in Of(actions, SyncActionKind.Delete))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TryAsync(action.Path, () => DeleteAsync(action, forGood)).ConfigureAwait(false);
        }

        foreach (var action in Of(actions, SyncActionKind.DeleteFolder))
        {
            await TryAsync(action.Path, () =>
            {
                var path = PathOf(action.Path);
                if (Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any())
                {
                    Directory.Delete(path);
                    Done(action);
                }

                return Task.CompletedTask;
            }).ConfigureAwait(false);
        }
    }

    private Task DeleteAsync(SyncAction action, bool forGood)
    {
        var path = action.Target!.LocalPath!;
        MustBeAsFound(action.Target);
        if (forGood)
        {
            File.Delete(path);
        }
        else
        {
            var trashed = Path.Combine(TrashPlace.Local(root, _stamp), action.Path.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(trashed)!);
            File.Move(path, trashed, overwrite: false);
        }

        Done(action);
        return Task.CompletedTask;
    }
}
