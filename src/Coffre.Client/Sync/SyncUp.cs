using System.Collections.Concurrent;

namespace Coffre.Client.Sync;

/// <summary>Brings a remote folder to what a plan says.</summary>
/// <remarks>Files of one folder go in few requests, and its sidecar goes with the last of them. Deletions come last, and only if all else went well.</remarks>
internal sealed class SyncUp(CoffreClient client, RemoteIndex index, RemoteTree side, IReadOnlyList<string> target, SyncOptions options) : SyncApply(options)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<RemoteFolderSide>>> _reached = new(StringComparer.Ordinal);
    private readonly SidecarWriter _sidecars = new(client, index);

    private bool IsTop => target.Count == 0;

    protected override async Task WorkAsync(IReadOnlyList<SyncAction> actions, CancellationToken cancellationToken)
    {
        var trash = new RemoteTrash(client, index, side, target);
        await DeleteAsync(trash, [.. actions.Where(action => action.IsInTheWay)], forGood: false, cancellationToken).ConfigureAwait(false);
        await TryAsync("", () => ReachAsync("", cancellationToken)).ConfigureAwait(false);
        await MakeFoldersAsync([.. actions.Where(action => action.Kind is SyncActionKind.MakeFolder or SyncActionKind.NoteFolder)], cancellationToken).ConfigureAwait(false);
        await MoveAsync([.. Of(actions, SyncActionKind.Move)], cancellationToken).ConfigureAwait(false);
        foreach (var copy in Of(actions, SyncActionKind.Copy))
        {
            await TryAsync(copy.Path, () => CopyAsync(copy, cancellationToken)).ConfigureAwait(false);
        }

        await SendAsync(actions, cancellationToken).ConfigureAwait(false);
        if (HasFailed)
        {
            return;
        }

        await DeleteAsync(trash, [.. actions.Where(action => !action.IsInTheWay)], Options.DeletesForGood, cancellationToken).ConfigureAwait(false);
        await WriteChangedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A remote folder; made with those above it if it is not there.</summary>
    private Task<RemoteFolderSide> ReachAsync(string path, CancellationToken cancellationToken) =>
        _reached.GetOrAdd(path, _ => new Lazy<Task<RemoteFolderSide>>(() => MakeAsync(path, cancellationToken))).Value;

    private async Task<RemoteFolderSide> MakeAsync(string path, CancellationToken cancellationToken)
    {
        if (side.Find(path) is { } there)
        {
            return there;
        }

        RemoteFolderSide made;
        if (path.Length == 0)
        {
            made = new RemoteFolderSide("", null, await index.EnsurePathAsync(target, cancellationToken).ConfigureAwait(false), new FolderNotes(null));
        }
        else
        {
            var parent = await ReachAsync(SyncTree.ParentOf(path), cancellationToken).ConfigureAwait(false);
            var name = SyncTree.NameOf(path);
            var remoteName = RemoteNames.Of(name, IsTop && parent.Path.Length == 0);
            var isTrue = remoteName == NameEncoding.Encode(name);
            var node = await index.EnsureFolderAsync(parent.Node, isTrue ? name : remoteName, cancellationToken).ConfigureAwait(false);
            if (!isTrue)
            {
                parent.Notes.Note(new SidecarFolder { Name = name, Name16 = NameText.Write(name), As = remoteName });
            }

            made = new RemoteFolderSide(path, parent.Node.FindFolder(isTrue ? name : remoteName), node, new FolderNotes(null));
        }

        side.Add(made);
        return made;
    }

    private async Task MakeFoldersAsync(SyncAction[] actions, CancellationToken cancellationToken)
    {
        foreach (var level in actions.GroupBy(action => action.Path.Count(letter => letter == '/')).OrderBy(level => level.Key))
        {
            await Parallel.ForEachAsync(level, Degree(cancellationToken), async (action, token) => await TryAsync(action.Path, async () =>
            {
                var folder = await ReachAsync(action.Path, token).ConfigureAwait(false);
                if (action.Mode is { } mode && mode != (folder.Notes.Mode ?? SyncFolder.UsualMode))
                {
                    folder.Notes.Mode = mode;
                }

                Done(action);
            }).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private async Task MoveAsync(SyncAction[] moves, CancellationToken cancellationToken)
    {
        // Those that keep their name and go from one folder to one other share a request.
        foreach (var group in moves.GroupBy(move => (From: SyncTree.ParentOf(move.From!), To: SyncTree.ParentOf(move.Path), KeepsName: RemoteNameOf(move) == move.Target!.Remote!.Name)))
        {
            foreach (var batch in group.Chunk(group.Key.KeepsName ? RemoteTrash.LinksPerCall : 1))
            {
                await TryAsync(batch[0].Path, () => MoveAsync(batch, group.Key.From, group.Key.To, cancellationToken)).ConfigureAwait(false);
            }
        }
    }

    private async Task MoveAsync(SyncAction[] batch, string from, string to, CancellationToken cancellationToken)
    {
        var (source, destination) = (side.Find(from)!, await ReachAsync(to, cancellationToken).ConfigureAwait(false));
        string[] links = [.. batch.Select(move => move.Target!.Remote!.Link)];
        var name = RemoteNameOf(batch[0]);
        if (source == destination)
        {
            await client.RenameFileAsync(links[0], name, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await client.MoveFilesAsync(links, destination.Node.Id, name == batch[0].Target!.Remote!.Name ? null : name, cancellationToken).ConfigureAwait(false);
        }

        foreach (var move in batch)
        {
            var moved = move.Target!.Remote! with { Name = RemoteNameOf(move) };
            source.Node.Remove(move.Target.Remote!);
            source.Notes.Forget(move.Target.Remote!.Name);
            destination.Node.Add(moved);
            destination.Notes.Note(NoteOf(move.Source!, moved.Name, moved.Checksum));
            Done(move, moved);
        }
    }

    private async Task CopyAsync(SyncAction copy, CancellationToken cancellationToken)
    {
        var folder = await ReachAsync(SyncTree.ParentOf(copy.Path), cancellationToken).ConfigureAwait(false);
        var name = RemoteNameOf(copy);
        var old = copy.Target!.Remote!;
        var links = await client.CopyFilesAsync([old.Link], folder.Node.Id, name == old.Name ? null : name, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (links is not [var link])
        {
            // Which copy it is the service does not say: the next run lists the folder again.
            index.Doubt(folder.Node.Id);
            Done(copy);
            return;
        }

        var made = old with { Link = link, Name = name, Arrived = client.Time.GetUtcNow() };
        folder.Node.Add(made);
        folder.Notes.Note(NoteOf(copy.Source!, name, made.Checksum));
        Done(copy, made);
    }

    /// <summary>Transfers and notes, folder by folder.</summary>
    private async Task SendAsync(IReadOnlyList<SyncAction> actions, CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Options.Transfers);
        var folders = actions.Where(action => action.Kind is SyncActionKind.Transfer or SyncActionKind.Note).GroupBy(action => SyncTree.ParentOf(action.Path), StringComparer.Ordinal).ToArray();
        await Parallel.ForEachAsync(folders, Degree(cancellationToken), async (group, token) => await TryAsync(group.Key, async () =>
        {
            var folder = await ReachAsync(group.Key, token).ConfigureAwait(false);
            var up = new FolderUp(client, _sidecars, folder, slots, IsTop) { Failed = Failed, Done = Done, Options = Options };
            await up.SendAsync([.. group], token).ConfigureAwait(false);
        }).ConfigureAwait(false)).ConfigureAwait(false);
        await WriteChangedAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteChangedAsync(CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(side.All.Where(folder => folder.Notes is { IsChanged: true, IsForeign: false }).ToArray(), Degree(cancellationToken), async (folder, token) =>
            await TryAsync(SyncTree.Join(folder.Path, Sidecar.FileName), () => _sidecars.WriteAsync(folder, token)).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task DeleteAsync(RemoteTrash trash, SyncAction[] actions, bool forGood, CancellationToken cancellationToken)
    {
        foreach (var group in Of(actions, SyncActionKind.Delete).GroupBy(action => SyncTree.ParentOf(action.Path), StringComparer.Ordinal))
        {
            await TryAsync(group.Key, async () =>
            {
                await trash.RemoveAsync(side.Find(group.Key)!, [.. group], forGood, cancellationToken).ConfigureAwait(false);
                group.ToList().ForEach(action => Done(action, action.Target!.Remote));
            }).ConfigureAwait(false);
        }

        foreach (var action in Of(actions, SyncActionKind.DeleteFolder))
        {
            await TryAsync(action.Path, async () =>
            {
                if (await trash.TryRemoveFolderAsync(action.Path, cancellationToken).ConfigureAwait(false))
                {
                    Done(action);
                }
            }).ConfigureAwait(false);
        }
    }

    private string RemoteNameOf(SyncAction action) => RemoteNames.Of(SyncTree.NameOf(action.Path), IsTop && SyncTree.ParentOf(action.Path).Length == 0);

    /// <summary>What a sidecar says of a local file that is on the service now.</summary>
    public static SidecarFile NoteOf(SyncFile source, string remoteName, string? checksum)
    {
        var name = SyncTree.NameOf(source.Path);
        return new SidecarFile
        {
            Name = name,
            Name16 = NameText.Write(name),
            As = remoteName == NameEncoding.Encode(name) ? null : remoteName,
            Size = source.Size,
            Whirlpool = checksum is null ? null : SidecarFile.MarkOf(checksum),
            Modified = source.Modified,
            Mode = Sidecar.ModeText(source.Mode),
            Empty = checksum is null && source.Size == 0,
        };
    }
}
