namespace Coffre.Client.Sync;

/// <summary>The remote side: the tree, and the folders behind it.</summary>
internal sealed class RemoteTree
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RemoteFolderSide> _folders = new(StringComparer.Ordinal);

    public SyncTree Tree { get; } = new();

    public IReadOnlyList<RemoteFolderSide> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _folders.Values];
            }
        }
    }

    public RemoteFolderSide? Find(string path)
    {
        lock (_gate)
        {
            return _folders.GetValueOrDefault(path);
        }
    }

    public void Add(RemoteFolderSide folder)
    {
        lock (_gate)
        {
            _folders[folder.Path] = folder;
        }
    }

    public void Remove(string path)
    {
        lock (_gate)
        {
            _folders.Remove(path);
        }
    }
}

/// <param name="Path">Relative to the top.</param>
/// <param name="Folder">The folder; null for the top.</param>
/// <param name="Node">What it holds.</param>
/// <param name="Notes">What its sidecar says.</param>
internal sealed record RemoteFolderSide(string Path, RemoteFolder? Folder, RemoteNode Node, FolderNotes Notes)
{
    /// <summary>The sidecars in it, the newest first; none if that name is another's.</summary>
    public IReadOnlyList<RemoteFile> Sidecars => Notes.IsForeign ? [] : Node.FindFiles(Sidecar.FileName);
}
