using Coffre.Client.Index;

namespace Coffre.Client;

/// <summary>One folder of a <see cref="RemoteIndex"/>, with what it holds by local name.</summary>
public sealed class RemoteNode
{
    private readonly Lock _gate = new();
    private readonly IndexStore _store;
    private readonly Dictionary<string, RemoteFolder> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RemoteFile>> _files = new(StringComparer.Ordinal);

    internal RemoteNode(FolderListing listing, IndexStore store)
    {
        _store = store;
        Id = listing.Id;
        Unlisted = listing.Unlisted;
        foreach (var folder in listing.Folders)
        {
            _folders.TryAdd(NameEncoding.Decode(folder.Name), folder);
        }

        foreach (var file in listing.Files)
        {
            Put(file);
        }
    }

    /// <summary>Id of the folder.</summary>
    public long Id { get; }

    /// <summary>Files that the service counts but did not list.</summary>
    public long Unlisted { get; }

    /// <summary>Folders by local name, in ordinal order.</summary>
    public IReadOnlyList<KeyValuePair<string, RemoteFolder>> Folders
    {
        get
        {
            lock (_gate)
            {
                return [.. _folders.OrderBy(pair => pair.Key, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Files by local name, in ordinal order, the newest of one name first.</summary>
    public IReadOnlyList<KeyValuePair<string, RemoteFile>> Files
    {
        get
        {
            lock (_gate)
            {
                return [.. _files.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                    .SelectMany(pair => NewestFirst(pair.Value).Select(file => KeyValuePair.Create(pair.Key, file)))];
            }
        }
    }

    /// <summary>The folder of that local name; null if there is none.</summary>
    public RemoteFolder? FindFolder(string name)
    {
        lock (_gate)
        {
            return _folders.GetValueOrDefault(name);
        }
    }

    /// <summary>The files of that local name, the newest first; mostly none or one.</summary>
    public IReadOnlyList<RemoteFile> FindFiles(string name)
    {
        lock (_gate)
        {
            return _files.TryGetValue(name, out var found) ? [.. NewestFirst(found)] : [];
        }
    }

    /// <summary>Notes a file that was just made here.</summary>
    public void Add(RemoteFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Put(file);
        _store.Write(session => IndexTable.AddFiles(session, Id, [file]));
    }

    /// <summary>Notes that a file was removed from here, or moved away.</summary>
    public void Remove(RemoteFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        lock (_gate)
        {
            if (_files.TryGetValue(NameEncoding.Decode(file.Name), out var same))
            {
                same.RemoveAll(other => string.Equals(other.Link, file.Link, StringComparison.Ordinal));
                if (same.Count == 0)
                {
                    _files.Remove(NameEncoding.Decode(file.Name));
                }
            }
        }

        _store.Write(session => IndexTable.RemoveFile(session, Id, file.Link));
    }

    /// <summary>Notes a folder that was moved here, or got another name here. What is known of its content stays.</summary>
    public void Add(RemoteFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        Put(folder);
        _store.Write(session => IndexTable.AddFolder(session, Id, folder));
    }

    /// <summary>Notes that a folder was removed from here with all below.</summary>
    public void Remove(RemoteFolder folder)
    {
        Leave(folder);
        _store.Write(session => IndexTable.RemoveFolder(session, folder.Id));
    }

    /// <summary>Notes that a folder was moved away from here; where it is now, <see cref="Add(RemoteFolder)"/> says.</summary>
    public void Leave(RemoteFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        lock (_gate)
        {
            _folders.Remove(NameEncoding.Decode(folder.Name));
        }
    }

    internal void AddMade(RemoteFolder folder, DateTimeOffset made)
    {
        Put(folder);
        _store.Write(session => IndexTable.AddEmpty(session, Id, folder, made));
    }

    private void Put(RemoteFolder folder)
    {
        lock (_gate)
        {
            _folders[NameEncoding.Decode(folder.Name)] = folder;
        }
    }

    private void Put(RemoteFile file)
    {
        lock (_gate)
        {
            var name = NameEncoding.Decode(file.Name);
            if (!_files.TryGetValue(name, out var same))
            {
                _files[name] = same = [];
            }

            same.Add(file);
        }
    }

    private static IEnumerable<RemoteFile> NewestFirst(List<RemoteFile> files) =>
        files.Count == 1 ? files : files.OrderByDescending(file => file.Arrived ?? DateTimeOffset.MinValue);
}
