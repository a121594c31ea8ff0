using System.Collections.Concurrent;

namespace Coffre.Tests.Storage;

/// <summary>The power is off.</summary>
internal sealed class PowerFailed : Exception;

/// <summary>What a power cut does to bytes that were written and not synced.</summary>
internal enum Unsynced
{
    /// <summary>All are gone.</summary>
    Gone,

    /// <summary>Of each page, by chance, the old bytes or the new are there.</summary>
    Torn,

    /// <summary>As <see cref="Torn"/>; and each name that was made, moved or removed since the sync of its folder is, by chance and by itself, there or not.</summary>
    Chance,
}

/// <summary>A disk that keeps only what was synced: the worst that a power cut may do.</summary>
/// <remarks>
/// The bytes of a file are those of its last sync, and none if it had no sync. A name is kept if its folder was synced after the name was made,
/// and comes back if its folder was not synced after it was removed. A real disk usually keeps more; never less. But to keep more is not always
/// better: a removal may have reached the device before what it relies on, so with <see cref="Unsynced.Chance"/> each is kept or not by itself.
/// </remarks>
internal sealed class PowerCutDisk
{
    private const int PageSize = 4096;

    private readonly string _root;
    private readonly Unsynced _unsynced;
    private readonly int _seed;
    private readonly ConcurrentDictionary<string, byte[]> _syncedBytes = new();
    private readonly ConcurrentDictionary<string, bool> _syncedNames = new();
    private readonly ConcurrentDictionary<string, bool> _removedNames = new();

    /// <param name="root">The root of the store. Its own name counts as kept.</param>
    /// <param name="cut">How many calls are made before the power fails.</param>
    /// <param name="unsynced">What becomes of what was not synced.</param>
    /// <param name="seed">Another one, other chances.</param>
    public PowerCutDisk(string root, int cut, Unsynced unsynced = Unsynced.Gone, int seed = 0)
    {
        _root = root;
        _unsynced = unsynced;
        _seed = (seed * 100_003) + cut;
        Disk = new WatchedDisk { After = Remember, OnlyNotesSyncs = true };
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
        foreach (var path in NamesThatSurvive())
        {
            var survivor = Path.Combine(target, Path.GetRelativePath(_root, path));
            if (Directory.Exists(path))
            {
                Directory.CreateDirectory(survivor);
            }
            else if (File.Exists(path) || _removedNames.ContainsKey(path))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(survivor)!);
                File.WriteAllBytes(survivor, BytesOf(path));
            }
        }
    }

    /// <summary>Parents first.</summary>
    private IEnumerable<string> NamesThatSurvive()
    {
        if (_unsynced != Unsynced.Chance)
        {
            return _syncedNames.Keys.Where(HasKeptParents);
        }

        var present = Directory.Exists(_root) ? Directory.GetFileSystemEntries(_root, "*", SearchOption.AllDirectories) : [];
        var sure = present.Where(_syncedNames.ContainsKey);
        var open = present.Concat(_syncedNames.Keys).Concat(_removedNames.Keys).Distinct(StringComparer.Ordinal).Except(sure, StringComparer.Ordinal);
        var kept = sure.Concat(open.Where(path => Toss(path))).ToHashSet(StringComparer.Ordinal);
        return kept.Where(path => ParentsOf(path).All(kept.Contains)).OrderBy(path => path.Length).ToList();
    }

    /// <summary>The same for the same name, whatever else is asked.</summary>
    private bool Toss(string path)
    {
        // By the name within the root: its path is another one in each run.
        var name = Path.GetRelativePath(_root, path);
        var hash = name.Aggregate(unchecked((uint)_seed) ^ 2166136261, (state, letter) => unchecked((state ^ letter) * 16777619));
        return new Random(unchecked((int)hash)).Next(2) == 0;
    }

    private void Remember(DiskCall call)
    {
        if (call.Name is "SyncFile" or "SyncData")
        {
            _syncedBytes[NameOf(call.Path)] = File.ReadAllBytes(call.Path);
        }
        else if (call.Name == "Delete")
        {
            _removedNames[call.Path] = true;
        }
        else if (call is { Name: "Rename", From: { } from })
        {
            _removedNames[from] = true;
        }
        else if (call.Name == "SyncFolder")
        {
            var entries = Directory.GetFileSystemEntries(call.Path).ToHashSet();
            foreach (var gone in _syncedNames.Keys.Where(path => Path.GetDirectoryName(path) == call.Path && !entries.Contains(path)))
            {
                _syncedNames.TryRemove(gone, out _);
            }

            foreach (var gone in _removedNames.Keys.Where(path => Path.GetDirectoryName(path) == call.Path && !entries.Contains(path)))
            {
                _removedNames.TryRemove(gone, out _);
            }

            foreach (var path in entries)
            {
                _syncedNames[path] = true;
            }
        }
    }

    private byte[] BytesOf(string path)
    {
        var synced = _syncedBytes.GetValueOrDefault(NameOf(path), []);
        if (_unsynced == Unsynced.Gone || !File.Exists(path))
        {
            return synced;
        }

        var written = File.ReadAllBytes(path);
        var chance = new Random(written.Length + _seed);
        for (var page = 0; page < written.Length; page += PageSize)
        {
            if (chance.Next(2) == 0)
            {
                var length = Math.Min(PageSize, written.Length - page);
                var old = synced.AsSpan(Math.Min(page, synced.Length)..Math.Min(page + length, synced.Length));
                written.AsSpan(page, length).Clear();
                old.CopyTo(written.AsSpan(page));
            }
        }

        return written;
    }

    private bool HasKeptParents(string path) => ParentsOf(path).All(_syncedNames.ContainsKey);

    private IEnumerable<string> ParentsOf(string path)
    {
        for (var folder = Path.GetDirectoryName(path)!; folder != _root; folder = Path.GetDirectoryName(folder)!)
        {
            yield return folder;
        }
    }

    // A file keeps its bytes when it moves out of staging; the id is in both of its names.
    private static string NameOf(string path) =>
        path.EndsWith(".part", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path);
}
