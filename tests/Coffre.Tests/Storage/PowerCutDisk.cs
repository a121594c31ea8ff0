using System.Collections.Concurrent;

namespace Coffre.Tests.Storage;

/// <summary>The power is off.</summary>
internal sealed class PowerFailed : Exception;

/// <summary>A disk that keeps only what was synced: the worst that a power cut may do.</summary>
/// <remarks>
/// The bytes of a file are those of its last sync, and none if it had no sync. A name is kept if its folder was synced after the name was made.
/// A real disk usually keeps more; never less.
/// </remarks>
internal sealed class PowerCutDisk
{
    private readonly string _root;
    private readonly ConcurrentDictionary<string, byte[]> _syncedBytes = new();
    private readonly ConcurrentDictionary<string, bool> _syncedNames = new();

    /// <param name="root">The root of the store. Its own name counts as kept.</param>
    /// <param name="cut">How many calls are made before the power fails.</param>
    public PowerCutDisk(string root, int cut)
    {
        _root = root;
        Disk = new WatchedDisk { After = Remember };
        Disk.Before = _ =>
        {
            if (Disk.Calls.Count >= cut)
            {
                throw new PowerFailed();
            }
        };
    }

    public WatchedDisk Disk { get; }

    /// <summary>Builds the tree that a machine would find after the cut.</summary>
    public void WriteWhatSurvives(string target)
    {
        foreach (var path in _syncedNames.Keys.Where(path => HasKeptParents(path)))
        {
            var survivor = Path.Combine(target, Path.GetRelativePath(_root, path));
            if (Directory.Exists(path))
            {
                Directory.CreateDirectory(survivor);
            }
            else if (File.Exists(path))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(survivor)!);
                File.WriteAllBytes(survivor, _syncedBytes.GetValueOrDefault(NameOf(path), []));
            }
        }
    }

    private void Remember(DiskCall call)
    {
        if (call.Name == "SyncFile")
        {
            _syncedBytes[NameOf(call.Path)] = File.ReadAllBytes(call.Path);
        }
        else if (call.Name == "SyncFolder")
        {
            foreach (var path in Directory.GetFileSystemEntries(call.Path))
            {
                _syncedNames[path] = true;
            }
        }
    }

    private bool HasKeptParents(string path)
    {
        for (var folder = Path.GetDirectoryName(path)!; folder != _root; folder = Path.GetDirectoryName(folder)!)
        {
            if (!_syncedNames.ContainsKey(folder))
            {
                return false;
            }
        }

        return true;
    }

    // A file keeps its bytes when it moves; the id is in both of its names.
    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);
}
