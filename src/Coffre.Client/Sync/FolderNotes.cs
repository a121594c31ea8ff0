namespace Coffre.Client.Sync;

/// <summary>What the sidecar of one remote folder says, and what it shall say.</summary>
internal sealed class FolderNotes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SidecarFile> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _emptied = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SidecarFolder> _folders = new(StringComparer.Ordinal);
    private int? _mode;

    /// <param name="sidecar">What was read; null: there is none.</param>
    public FolderNotes(Sidecar? sidecar)
    {
        _mode = Sidecar.ModeOf(sidecar?.Mode);
        foreach (var file in sidecar?.Files ?? [])
        {
            _files[RemoteNameOf(file)] = file;
        }

        foreach (var folder in sidecar?.Folders ?? [])
        {
            _folders[folder.As] = folder;
        }
    }

    /// <summary>Whether a file of that name is there which is not ours to replace. What is noted is lost, then.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Whether it shall say something else than it did.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Permissions of the folder itself.</summary>
    public int? Mode
    {
        get => _mode;
        set
        {
            IsChanged |= _mode != value;
            _mode = value;
        }
    }

    /// <summary>What is noted of this version of a file.</summary>
    public SidecarFile? Find(RemoteFile file)
    {
        lock (_gate)
        {
            return _files.GetValueOrDefault(file.Name) is { } note && note.CountsFor(file) ? note : null;
        }
    }

    /// <summary>Files that are here alone, having no content.</summary>
    public IReadOnlyList<SidecarFile> Empty
    {
        get
        {
            lock (_gate)
            {
                return [.. _files.Values.Where(file => file.Empty)];
            }
        }
    }

    /// <summary>The true name of a folder; null: its name is true.</summary>
    public string? TrueNameOf(string remoteFolderName)
    {
        lock (_gate)
        {
            return _folders.GetValueOrDefault(remoteFolderName)?.TrueName;
        }
    }

    public void Note(SidecarFile file)
    {
        lock (_gate)
        {
            var name = RemoteNameOf(file);
            IsChanged |= _files.GetValueOrDefault(name) != file;
            _files[name] = file;
            if (file.Empty)
            {
                _emptied.Add(name);
            }
        }
    }

    public void Note(SidecarFolder folder)
    {
        lock (_gate)
        {
            IsChanged |= _folders.GetValueOrDefault(folder.As) != folder;
            _folders[folder.As] = folder;
        }
    }

    /// <summary>Forgets a file. What is noted of one that is gone does no harm, unless it is there by its note alone.</summary>
    public void Forget(string remoteName)
    {
        lock (_gate)
        {
            IsChanged |= _files.Remove(remoteName, out var gone) && gone.Empty;
        }
    }

    /// <summary>Forgets a file that is there by its note alone.</summary>
    /// <returns>The note; null if there is none.</returns>
    public SidecarFile? ForgetEmpty(string trueName)
    {
        lock (_gate)
        {
            var note = _files.Values.FirstOrDefault(note => note.Empty && note.TrueName == trueName);
            if (note is not null)
            {
                _files.Remove(RemoteNameOf(note));
                IsChanged = true;
            }

            return note;
        }
    }

    /// <summary>What the sidecar shall say: notes of files that are there, or come with it.</summary>
    /// <remarks>
    /// The note of an empty file ends with a real file of that name: it would come back when that one goes. If it was made by this run
    /// it stands for that file, which goes next.
    /// </remarks>
    /// <param name="node">What the folder holds.</param>
    /// <param name="coming">Remote names of files that travel with the sidecar.</param>
    public Sidecar Compose(RemoteNode node, IReadOnlySet<string> coming)
    {
        var there = node.Files.ToLookup(file => file.Value.Name, file => file.Value, StringComparer.Ordinal);
        var folders = node.Folders.Select(folder => folder.Value.Name).ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            return Sidecar.Of(
                _mode,
                _files.Where(note => note.Value.Empty ? _emptied.Contains(note.Key) || !there.Contains(note.Key) : coming.Contains(note.Key) || there[note.Key].Any(note.Value.CountsFor)).Select(note => note.Value),
                _folders.Values.Where(folder => folders.Contains(folder.As)));
        }
    }

    public void Written() => IsChanged = false;

    private static string RemoteNameOf(SidecarFile file) => file.As ?? NameEncoding.Encode(file.TrueName);
}
