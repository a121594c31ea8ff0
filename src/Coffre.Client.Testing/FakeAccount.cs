using Coffre.Hashing;
using Coffre.Protocol;

namespace Coffre.Client.Testing;

/// <summary>What the fake service holds. Look at it, or fill it, at any time and from any thread.</summary>
public sealed class FakeAccount
{
    private readonly Lock _gate = new();
    private readonly Uri _address;
    private readonly TimeProvider _clock;
    private readonly List<FakeFile> _files = [];
    private readonly List<FakeFolder> _folders = [];
    private long _lastFolder;

    internal FakeAccount(Uri address, TimeProvider clock)
    {
        (_address, _clock) = (address, clock);
    }

    /// <summary>Address of its owner.</summary>
    public string Email { get; set; } = "owner@example.org";

    /// <summary>Bytes that may be stored; an upload past them is refused. Null: as many as there are.</summary>
    public long? Quota { get; set; }

    /// <summary>Every file, the oldest first.</summary>
    public IReadOnlyList<FakeFile> Files
    {
        get
        {
            lock (_gate)
            {
                return [.. _files];
            }
        }
    }

    /// <summary>Every folder but the root, the oldest first.</summary>
    public IReadOnlyList<FakeFolder> Folders
    {
        get
        {
            lock (_gate)
            {
                return [.. _folders];
            }
        }
    }

    /// <summary>Makes a file; its folders are made too.</summary>
    /// <param name="path">Names divided by <c>/</c>; the last is that of the file.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="password">What readers have to give; null for nothing.</param>
    /// <returns>The file; <see cref="FakeFile.Link"/> names it in calls.</returns>
    public FakeFile AddFile(string path, ReadOnlySpan<byte> content, string? password = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return AddFile(AddFolder(string.Join('/', names[..^1])), names[^1], content.ToArray(), password);
    }

    /// <summary>Makes a folder with those above it, or finds it.</summary>
    /// <param name="path">Names divided by <c>/</c>; empty for the root.</param>
    /// <returns>What names it in calls.</returns>
    public long AddFolder(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate(0L, (parent, name) => AddFolder(parent, name).Id);
    }

    /// <summary>The newest file of that path; null if there is none.</summary>
    /// <param name="path">Names divided by <c>/</c>.</param>
    public FakeFile? FindFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        long? folder = 0;
        lock (_gate)
        {
            foreach (var name in names[..^1])
            {
                folder = _folders.Find(one => one.ParentId == folder && string.Equals(one.Name, name, StringComparison.Ordinal))?.Id;
            }

            return folder is null ? null : _files.FindLast(file => file.FolderId == folder && string.Equals(file.Name, names[^1], StringComparison.Ordinal));
        }
    }

    internal FakeFile AddFile(long folderId, string name, byte[] content, string? password)
    {
        var file = new FakeFile
        {
            Link = $"{_address}?{LinkId.New()}",
            Name = name,
            FolderId = folderId,
            Content = content,
            Checksum = Convert.ToHexStringLower(Whirlpool.HashData(content)),
            Password = string.IsNullOrEmpty(password) ? null : password,
            Arrived = _clock.GetUtcNow(),
        };
        lock (_gate)
        {
            _files.Add(file);
        }

        return file;
    }

    internal FakeFolder AddFolder(long parentId, string name)
    {
        lock (_gate)
        {
            if (_folders.Find(folder => folder.ParentId == parentId && string.Equals(folder.Name, name, StringComparison.Ordinal)) is { } there)
            {
                return there;
            }

            var made = new FakeFolder(++_lastFolder, parentId, name, _clock.GetUtcNow());
            _folders.Add(made);
            return made;
        }
    }

    internal bool HasFolder(long id) => id == 0 || FindFolder(id) is not null;

    internal FakeFolder? FindFolder(long id)
    {
        lock (_gate)
        {
            return _folders.Find(folder => folder.Id == id);
        }
    }

    internal FakeFile? FindLink(string? link)
    {
        lock (_gate)
        {
            return LinkId.TryFind(link, out var id) ? _files.Find(file => file.Link.EndsWith("?" + id, StringComparison.Ordinal)) : null;
        }
    }

    /// <summary>Puts another file, or nothing, in the place of one.</summary>
    internal void Replace(FakeFile old, FakeFile? changed)
    {
        lock (_gate)
        {
            var index = _files.FindIndex(file => string.Equals(file.Link, old.Link, StringComparison.Ordinal));
            if (index >= 0 && changed is null)
            {
                _files.RemoveAt(index);
            }
            else if (index >= 0)
            {
                _files[index] = changed!;
            }
        }
    }

    internal void Replace(FakeFolder old, FakeFolder? changed)
    {
        lock (_gate)
        {
            _folders.RemoveAll(folder => folder.Id == old.Id);
            if (changed is not null)
            {
                _folders.Add(changed);
            }
        }
    }

    internal bool IsTaken(long folderId, string name)
    {
        lock (_gate)
        {
            return _files.Exists(file => file.FolderId == folderId && string.Equals(file.Name, name, StringComparison.Ordinal))
                || _folders.Exists(folder => folder.ParentId == folderId && string.Equals(folder.Name, name, StringComparison.Ordinal));
        }
    }
}
