using Microsoft.Win32.SafeHandles;

namespace Coffre.Client.Local;

/// <summary>The calls that make a file last through a power cut, in the order of its way: its bytes, its name, the folder that holds the name. Tests watch and break them.</summary>
internal class DiskCalls
{
    public static DiskCalls Own { get; } = OperatingSystem.IsWindows() ? new DiskCalls() : new PosixDiskCalls();

    /// <summary>Once it returns, a power cut keeps the bytes and the length.</summary>
    public virtual void SyncFile(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public virtual void Rename(string from, string to, bool overwrite) => File.Move(from, to, overwrite);

    /// <summary>Once it returns, a power cut keeps the names in it. NTFS keeps the order of names by itself, and has no such call for ordinary programs.</summary>
    public virtual void SyncFolder(string path)
    {
    }

    /// <summary>Gives a file whose bytes are synced its name, and returns once a power cut keeps that too.</summary>
    public void Keep(string from, string to, bool overwrite)
    {
        Rename(from, to, overwrite);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }
}
