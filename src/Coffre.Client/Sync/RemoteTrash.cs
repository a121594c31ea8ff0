namespace Coffre.Client.Sync;

/// <summary>Takes files and folders away from the remote side: into the trash folder of this run, or for good.</summary>
internal sealed class RemoteTrash(CoffreClient client, RemoteIndex index, RemoteTree side, IReadOnlyList<string> target)
{
    public const int LinksPerCall = 100;

    // One for each trash folder: what goes there later must not lose what is noted of what went there before.
    private readonly Dictionary<long, FolderNotes> _notes = [];
    private readonly string _stamp = TrashPlace.Stamp(client.Time.GetUtcNow());

    /// <summary>Removes files of one folder.</summary>
    public async Task RemoveAsync(RemoteFolderSide folder, SyncAction[] actions, bool forGood, CancellationToken cancellationToken)
    {
        // Some were there by their note alone.
        SidecarFile[] empty = [.. actions.Where(action => action.Target!.Remote is null).Select(action => folder.Notes.ForgetEmpty(SyncTree.NameOf(action.Path))).OfType<SidecarFile>()];
        RemoteFile[] files = [.. actions.Select(action => action.Target!.Remote).OfType<RemoteFile>()];
        if (!forGood)
        {
            await TrashAsync(folder, files, empty, cancellationToken).ConfigureAwait(false);
            return;
        }

        foreach (var batch in files.Chunk(LinksPerCall))
        {
            await client.DeleteFilesAsync([.. batch.Select(file => file.Link)], cancellationToken).ConfigureAwait(false);
            Array.ForEach(batch, folder.Node.Remove);
        }
    }

    /// <summary>Removes a folder in which nothing is left but its sidecar.</summary>
    /// <returns>False: something is left in it, so it stays.</returns>
    public async Task<bool> TryRemoveFolderAsync(string path, CancellationToken cancellationToken)
    {
        if (side.Find(path) is not { Folder: { } folder } there || side.Find(SyncTree.ParentOf(path)) is not { } parent)
        {
            return false;
        }

        var sidecars = there.Sidecars;
        if (there.Node.Folders.Count > 0 || there.Node.Unlisted > 0 || there.Node.Files.Count > sidecars.Count || there.Notes.Empty.Count > 0)
        {
            return false;
        }

        if (sidecars.Count > 0)
        {
            await client.DeleteFilesAsync([.. sidecars.Select(file => file.Link)], cancellationToken).ConfigureAwait(false);
            sidecars.ToList().ForEach(there.Node.Remove);
        }

        await client.DeleteFolderAsync(folder.Id, cancellationToken).ConfigureAwait(false);
        parent.Node.Remove(folder);
        side.Remove(path);
        return true;
    }

    private async Task TrashAsync(RemoteFolderSide folder, RemoteFile[] files, SidecarFile[] empty, CancellationToken cancellationToken)
    {
        string[] names = folder.Path.Length == 0 ? [] : [.. folder.Path.Split('/').Select(Name)];
        var trash = await index.EnsurePathAsync([.. TrashPlace.Remote(target, _stamp), .. names], cancellationToken).ConfigureAwait(false);
        if (!_notes.TryGetValue(trash.Id, out var notes))
        {
            _notes[trash.Id] = notes = new FolderNotes(null);
        }

        Array.ForEach(empty, notes.Note);
        var taken = trash.Files.Select(file => file.Value.Name).ToHashSet(StringComparer.Ordinal);

        // A second file of a name gets another one on its way.
        var alone = files.Where(file => !taken.Add(file.Name)).ToArray();
        foreach (var batch in files.Except(alone).Chunk(LinksPerCall))
        {
            await client.MoveFilesAsync([.. batch.Select(file => file.Link)], trash.Id, cancellationToken: cancellationToken).ConfigureAwait(false);
            Array.ForEach(batch, file => Moved(folder, trash, notes, file, file.Name));
        }

        foreach (var file in alone)
        {
            var name = FreeName(file.Name, taken);
            await client.MoveFilesAsync([file.Link], trash.Id, name, cancellationToken).ConfigureAwait(false);
            Moved(folder, trash, notes, file, name);
        }

        await new SidecarWriter(client, index).WriteAsync(new RemoteFolderSide(folder.Path, null, trash, notes), cancellationToken).ConfigureAwait(false);
    }

    private static void Moved(RemoteFolderSide folder, RemoteNode trash, FolderNotes notes, RemoteFile file, string name)
    {
        folder.Node.Remove(file);
        trash.Add(file with { Name = name });
        if (folder.Notes.Find(file) is { } note)
        {
            notes.Note(name == file.Name ? note : note with { As = name });
        }
    }

    // The index encodes names; a stand-in is the same on both sides.
    private static string Name(string name) => RemoteNames.Of(name) is var remote && remote == NameEncoding.Encode(name) ? name : remote;

    private static string FreeName(string name, HashSet<string> taken)
    {
        var extension = Path.GetExtension(name);
        for (var number = 1; ; number++)
        {
            var stem = name[..^extension.Length];
            var ending = $" ({number}){extension}";
            var candidate = stem[..Math.Min(stem.Length, Protocol.Names.MaxLength - ending.Length)].TrimEnd() + ending;
            if (taken.Add(candidate))
            {
                return candidate;
            }
        }
    }
}
