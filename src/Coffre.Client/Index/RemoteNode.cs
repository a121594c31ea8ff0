namespace Coffre.Client;

/// <summary>One folder of a <see cref="RemoteIndex"/>, with what it holds by local name.</summary>
public sealed class RemoteNode
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, RemoteFolder> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<RemoteFile>> _files = new(StringComparer.Ordinal);

    internal RemoteNode(FolderListing listing)
    {
        Id = listing.Id;
        Unlisted = listing.Unlisted;
        foreach (var folder in listing.Folders)
        {
            _folders.TryAdd(NameEncoding.Decode(folder.Name), folder);
        }

        foreach (var file in listing.Files)
        {
            Add(file);
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

    internal void Add(RemoteFolder folder)
    {
        lock (_gate)
        {
            _folders[NameEncoding.Decode(folder.Name)] = folder;
        }
    }

    private static IEnumerable<RemoteFile> NewestFirst(List<RemoteFile> files) =>
        files.Count == 1 ? files : files.OrderByDescending(file => file.Arrived ?? DateTimeOffset.MinValue);
}
