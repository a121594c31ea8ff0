using Coffre.Client.Local;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Tests.Client;

/// <summary>This machine's disk, whose calls a test sees, and may refuse, before they are made.</summary>
internal sealed class SeenDisk : DiskCalls
{
    private readonly List<string> _calls = [];
    private readonly Lock _gate = new();

    /// <summary>Told the call, and the file if it is one that is synced; refuses by throwing.</summary>
    public Action<string, SafeFileHandle?> Before { get; set; } = static (_, _) => { };

    /// <summary>What was called since the last look: "sync a.part", "name a" (its new name), "sync folder f".</summary>
    public string[] Take()
    {
        lock (_gate)
        {
            string[] calls = [.. _calls];
            _calls.Clear();
            return calls;
        }
    }

    public override void SyncFile(SafeFileHandle file)
    {
        var target = File.ResolveLinkTarget($"/proc/self/fd/{file.DangerousGetHandle()}", returnFinalTarget: false)!;
        See("sync " + target.Name, file);
        Own.SyncFile(file);
    }

    public override void Rename(string from, string to, bool overwrite)
    {
        See("name " + Path.GetFileName(to), null);
        Own.Rename(from, to, overwrite);
    }

    public override void SyncFolder(string path)
    {
        See("sync folder " + Path.GetFileName(path), null);
        Own.SyncFolder(path);
    }

    private void See(string call, SafeFileHandle? file)
    {
        lock (_gate)
        {
            _calls.Add(call);
        }

        Before(call, file);
    }
}
