using Coffre.Client.Filters;

namespace Coffre.Client.Sync;

/// <summary>Reads a remote folder with all below: each folder is listed at most once, a sidecar is fetched only if it changed.</summary>
internal sealed class RemoteTreeReader(CoffreClient client, RemoteIndex index, SyncOptions options, bool isDestination)
{
    private const int ListingsAtOnce = 4;

    private readonly SidecarTable _known = new(index.Store);
    private readonly Lock _gate = new();
    private readonly RemoteTree _side = new();

    /// <exception cref="CoffreException">A folder could not be listed: then nothing is known, and nothing must be done.</exception>
    public async Task<RemoteTree> ReadAsync(RemoteNode? top, CancellationToken cancellationToken)
    {
        List<(string Path, RemoteFolder? Folder, RemoteNode Node)> level = top is null ? [] : [("", null, top)];
        while (level.Count > 0)
        {
            List<(string Path, RemoteFolder Folder)> next = [];
            await Parallel.ForEachAsync(level, Degree(cancellationToken), async (folder, token) =>
            {
                var below = await LookAsync(folder.Path, folder.Folder, folder.Node, token).ConfigureAwait(false);
                lock (_gate)
                {
                    next.AddRange(below);
                }
            }).ConfigureAwait(false);
            level = [];
            await Parallel.ForEachAsync(next, Degree(cancellationToken), async (folder, token) =>
            {
                var node = await index.GetAsync(folder.Folder.Id, token).ConfigureAwait(false);
                lock (_gate)
                {
                    level.Add((folder.Path, folder.Folder, node));
                }
            }).ConfigureAwait(false);
        }

        return _side;
    }

    private static ParallelOptions Degree(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = ListingsAtOnce, CancellationToken = cancellationToken };

    /// <summary>Notes what a folder holds; the folders in it that have to be listed too.</summary>
    private async Task<List<(string Path, RemoteFolder Folder)>> LookAsync(string path, RemoteFolder? folder, RemoteNode node, CancellationToken cancellationToken)
    {
        var side = new RemoteFolderSide(path, folder, node, await ReadNotesAsync(path, node, cancellationToken).ConfigureAwait(false));
        _side.Add(side);
        lock (_gate)
        {
            if (options.Filter.MarkerAmong(node.Files.Select(file => file.Key), node.Folders.Select(child => child.Key)) is not null)
            {
                _side.Tree.Untouched.Add(path);
                return [];
            }

            if (path.Length > 0 && options.Filter.Judge(new FilterItem(path, IsFolder: true)).Included)
            {
                _side.Tree.Folders[path] = new SyncFolder(path) { Mode = side.Notes.Mode };
            }

            if (node.Unlisted > 0)
            {
                // What is not listed must not look as if it were not there, on either side.
                (isDestination ? _side.Tree.Untouched : _side.Tree.Uncertain).Add(path);
                _side.Tree.Problems.Add(new SyncProblem(path, new CoffreException(CoffreError.UnexpectedAnswer, $"The service does not list {node.Unlisted} more files of this folder.")
                {
                    Advice = "divide the folder: 1fichier.com lists 5,000 files of one",
                }));
            }

            NoteFiles(side);
            return FoldersToList(side);
        }
    }

    private void NoteFiles(RemoteFolderSide side)
    {
        foreach (var file in side.Node.Files.Select(file => file.Value).OrderByDescending(file => file.Arrived ?? DateTimeOffset.MinValue))
        {
            if (file.Name is Sidecar.FileName)
            {
                // One that is not ours is nobody's business here.
                _side.Tree.Untouched.UnionWith(side.Notes.IsForeign ? [SyncTree.Join(side.Path, file.Name)] : []);
                continue;
            }

            var note = side.Notes.Find(file);
            if (NameFor(side, note?.TrueName, file.Name) is { } name)
            {
                Note(new SyncFile(SyncTree.Join(side.Path, name), file.Size)
                {
                    Modified = note?.Modified,
                    Mode = Sidecar.ModeOf(note?.Mode),
                    Checksum = file.Checksum,
                    Remote = file,
                }, note?.Modified ?? file.Arrived);
            }
        }

        // A real file goes before a note, under the name that it has there and under the one that it has here.
        foreach (var note in side.Notes.Empty.Where(note => LocalNames.IsSafe(note.TrueName)
            && side.Node.FindFiles(NameEncoding.Decode(note.As ?? NameEncoding.Encode(note.TrueName))).Count == 0
            && !_side.Tree.Files.ContainsKey(SyncTree.Join(side.Path, note.TrueName))))
        {
            Note(new SyncFile(SyncTree.Join(side.Path, note.TrueName), 0) { Modified = note.Modified, Mode = Sidecar.ModeOf(note.Mode), Checksum = EmptyChecksum }, note.Modified);
        }
    }

    private static readonly string EmptyChecksum = LocalChecksum.Of([]);

    private void Note(SyncFile file, DateTimeOffset? age)
    {
        if (!options.Filter.Judge(new FilterItem(file.Path, IsFolder: false, file.Size, age)).Included)
        {
            _side.Tree.Untouched.Add(file.Path);
        }
        else if (!_side.Tree.Files.TryAdd(file.Path, file))
        {
            _side.Tree.Doubles.Add(file);
            if (!isDestination)
            {
                options.Listener?.Warn($"{file.Path} is there more than once; only the newest counts.");
            }
        }
    }

    private List<(string Path, RemoteFolder Folder)> FoldersToList(RemoteFolderSide side)
    {
        List<(string Path, RemoteFolder Folder)> below = [];
        foreach (var (indexName, folder) in side.Node.Folders)
        {
            if (side.Node.Id == RemoteFolder.RootId && indexName is TrashPlace.FolderName)
            {
                continue;
            }

            if (NameFor(side, side.Notes.TrueNameOf(folder.Name), folder.Name) is not { } name)
            {
                continue;
            }

            var path = SyncTree.Join(side.Path, name);
            if (_side.Tree.Files.ContainsKey(path) || below.Exists(other => other.Path == path))
            {
                _side.Tree.Untouched.Add(path);
                _side.Tree.Problems.Add(new SyncProblem(path, new CoffreException(CoffreError.Conflict, "Two things of this name are there, one of them a folder.") { Advice = "rename one of them" }));
            }
            else if (options.Filter.MayHold(path))
            {
                below.Add((path, folder));
            }
            else
            {
                _side.Tree.Untouched.Add(path);
            }
        }

        return below;
    }

    /// <summary>The name of something here; null, with a problem noted, if it cannot have one.</summary>
    private string? NameFor(RemoteFolderSide side, string? noted, string remoteName)
    {
        if (noted is not null && LocalNames.IsSafe(noted))
        {
            return noted;
        }

        try
        {
            return LocalNames.Of(remoteName);
        }
        catch (IOException exception)
        {
            _side.Tree.Problems.Add(new SyncProblem(SyncTree.Join(side.Path, remoteName), exception));
            return null;
        }
    }

    private async Task<FolderNotes> ReadNotesAsync(string path, RemoteNode node, CancellationToken cancellationToken)
    {
        if (node.FindFiles(Sidecar.FileName) is not [var newest, ..])
        {
            return new FolderNotes(null);
        }

        try
        {
            return new FolderNotes(Sidecar.Parse(await FetchAsync(node.Id, newest, cancellationToken).ConfigureAwait(false)));
        }
        catch (FormatException exception)
        {
            options.Listener?.Warn($"The {Sidecar.FileName} of {(path.Length == 0 ? "the top folder" : path)} is of no use: {exception.Message}. Times, modes and true names there are not known, and not kept; remove it to have a new one made.");
            lock (_gate)
            {
                // Files that only it knows of are not gone.
                _side.Tree.Uncertain.Add(path);
            }

            return new FolderNotes(null) { IsForeign = true };
        }
    }

    private async Task<byte[]> FetchAsync(long folderId, RemoteFile file, CancellationToken cancellationToken)
    {
        if (file.Size > Sidecar.MostBytes)
        {
            throw new FormatException($"it has {file.Size} bytes");
        }

        if (file.Checksum is { } checksum && _known.Find(folderId, checksum) is { } known)
        {
            return known;
        }

        using var content = new MemoryStream();
        await client.CopyToAsync(file.Link, content, cancellationToken: cancellationToken).ConfigureAwait(false);
        var bytes = content.ToArray();
        if (file.Checksum is { } expected)
        {
            if (LocalChecksum.Of(bytes) != expected)
            {
                throw new CoffreException(CoffreError.Integrity, $"The {Sidecar.FileName} of a folder arrived damaged: its Whirlpool is not the one that the service names.");
            }

            _known.Keep(folderId, expected, bytes);
        }

        return bytes;
    }
}
