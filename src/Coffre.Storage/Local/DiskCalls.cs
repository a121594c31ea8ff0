using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>The calls as the framework offers them: complete on Windows, the base of <see cref="PosixDiskCalls"/> elsewhere.</summary>
internal class DiskCalls : IDiskCalls
{
    public static IDiskCalls ForThisSystem() => OperatingSystem.IsWindows() ? new DiskCalls() : new PosixDiskCalls();

    public virtual void CreateFolder(string path) => Directory.CreateDirectory(path);

    public virtual SafeFileHandle CreateFile(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

    public virtual void Preallocate(SafeFileHandle file, long length)
    {
    }

    public void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(file, bytes, offset);

    public void Trim(SafeFileHandle file, long length) => RandomAccess.SetLength(file, length);

    public void SetDate(SafeFileHandle file, DateTimeOffset writtenAt) => File.SetLastWriteTimeUtc(file, writtenAt.UtcDateTime);

    public virtual void SyncFile(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public virtual void SyncData(SafeFileHandle file) => SyncFile(file);

    public virtual void Rename(string from, string to) => File.Move(from, to, overwrite: false);

    /// <summary>NTFS journals names itself, and has no call that a program without special rights may make for a folder.</summary>
    public virtual void SyncFolder(string path)
    {
    }

    public virtual bool Delete(string path)
    {
        // Asked first because the framework does not say whether there was anything to delete.
        var existed = File.Exists(path);
        File.Delete(path);
        return existed;
    }

    public SafeFileHandle? OpenForWriting(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public virtual SafeFileHandle? OpenForReading(string path)
    {
        try
        {
            return (File.GetAttributes(path) & (FileAttributes.ReparsePoint | FileAttributes.Directory)) != FileAttributes.None
                ? throw DiskTrouble.NotAFile(path)
                : File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
