using System.Collections.Concurrent;
using Coffre.Storage.Local;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Tests.Storage;

/// <summary>One call to the file system: what was asked, and of which path.</summary>
internal sealed record DiskCall(string Name, string Path)
{
    /// <summary>Where a file was moved from.</summary>
    public string? From { get; init; }

    public override string ToString() => $"{Name} {Path}";
}

/// <summary>The real calls, written down in their order; a test may stand between two of them.</summary>
internal sealed class WatchedDisk : IDiskCalls
{
    private readonly IDiskCalls _real = DiskCalls.ForThisSystem();
    private readonly ConcurrentQueue<DiskCall> _calls = new();
    private readonly ConcurrentDictionary<SafeFileHandle, string> _paths = new();

    /// <summary>Whether syncs are written down and not made: for tests that model themselves what a sync keeps, and make thousands.</summary>
    public bool OnlyNotesSyncs { get; init; }

    public IReadOnlyList<DiskCall> Calls => [.. _calls];

    /// <summary>Runs before a call is made: it may throw what the system would, or wait.</summary>
    public Action<DiskCall>? Before { get; set; }

    /// <summary>Runs after a call has succeeded.</summary>
    public Action<DiskCall>? After { get; set; }

    public void Forget() => _calls.Clear();

    public void CreateFolder(string path) => Do(nameof(CreateFolder), path, () => _real.CreateFolder(path));

    public SafeFileHandle CreateFile(string path)
    {
        SafeFileHandle? file = null;
        Do(nameof(CreateFile), path, () => file = _real.CreateFile(path));
        _paths[file!] = path;
        return file!;
    }

    public void Preallocate(SafeFileHandle file, long length) =>
        Do(nameof(Preallocate), _paths[file], () => _real.Preallocate(file, length));

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        var call = Note(nameof(Write), _paths[file]);
        _real.Write(file, bytes, offset);
        After?.Invoke(call);
    }

    public void Trim(SafeFileHandle file, long length) => Do(nameof(Trim), _paths[file], () => _real.Trim(file, length));

    public void SetDate(SafeFileHandle file, DateTimeOffset writtenAt) =>
        Do(nameof(SetDate), _paths[file], () => _real.SetDate(file, writtenAt));

    public void SyncFile(SafeFileHandle file) => Sync(nameof(SyncFile), _paths[file], () => _real.SyncFile(file));

    public void SyncData(SafeFileHandle file) => Sync(nameof(SyncData), _paths[file], () => _real.SyncData(file));

    public void Rename(string from, string to) => Do(new DiskCall(nameof(Rename), to) { From = from }, () => _real.Rename(from, to));

    public void SyncFolder(string path) => Sync(nameof(SyncFolder), path, () => _real.SyncFolder(path));

    public bool Delete(string path)
    {
        var deleted = false;
        Do(nameof(Delete), path, () => deleted = _real.Delete(path));
        return deleted;
    }

    public SafeFileHandle? OpenForReading(string path) => _real.OpenForReading(path);

    public SafeFileHandle? OpenForWriting(string path)
    {
        var file = _real.OpenForWriting(path);
        if (file is not null)
        {
            _paths[file] = path;
        }

        return file;
    }

    private void Sync(string name, string path, Action call) => Do(name, path, OnlyNotesSyncs ? () => { } : call);

    private void Do(string name, string path, Action call) => Do(new DiskCall(name, path), call);

    private void Do(DiskCall asked, Action call)
    {
        var noted = Note(asked);
        call();
        After?.Invoke(noted);
    }

    private DiskCall Note(string name, string path) => Note(new DiskCall(name, path));

    private DiskCall Note(DiskCall call)
    {
        Before?.Invoke(call);
        _calls.Enqueue(call);
        return call;
    }
}
