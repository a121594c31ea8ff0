using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>The calls on Linux and macOS, where folders are synced, links are refused and a move is one step.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PosixDiskCalls : DiskCalls
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    private static readonly FileStreamOptions NewOwnerFile = new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite,
        BufferSize = 0,
        UnixCreateMode = OwnerFile,
    };

    public override void CreateFolder(string path) => Directory.CreateDirectory(path, OwnerFolder);

    public override SafeFileHandle CreateFile(string path)
    {
        // Only a FileStream takes the mode along with the name. Its handle is all that is wanted, so the stream must not close it when collected.
        var stream = new FileStream(path, NewOwnerFile);
#pragma warning disable CA1816 // Meant for the stream and not for this object, for the reason above.
        GC.SuppressFinalize(stream);
#pragma warning restore CA1816
        return stream.SafeFileHandle;
    }

    public override void Preallocate(SafeFileHandle file, long length)
    {
        var error = Posix.Reserve(file, length);
        if (error != 0 && error != Posix.ENOSYS && error != Posix.EINVAL && error != Posix.NotSupported)
        {
            throw DiskTrouble.Failure("reserve room", path: null, error);
        }
    }

    public override void SyncFile(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            base.SyncFile(file);
        }
        else if (PosixSync.All(file) is not 0 and var error)
        {
            throw DiskTrouble.Failure("sync", path: null, error);
        }
    }

    public override void SyncData(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            // Nothing less than a full sync empties the drive's cache there.
            SyncFile(file);
        }
        else if (PosixSync.Data(file) is not 0 and var error)
        {
            throw DiskTrouble.Failure("sync", path: null, error);
        }
    }

    public override void Rename(string from, string to)
    {
        if (Posix.Move(from, to) is not 0 and var error)
        {
            throw DiskTrouble.Failure("rename", to, error);
        }
    }

    public override void SyncFolder(string path)
    {
        var error = Posix.OpenFolder(path, out var folder);
        using (folder)
        {
            if (error != 0)
            {
                throw DiskTrouble.Failure("open the folder", path, error);
            }

            if (!OperatingSystem.IsLinux())
            {
                RandomAccess.FlushToDisk(folder);
            }
            else if (PosixSync.All(folder) is not 0 and var failed && failed != Posix.EINVAL && failed != Posix.NotSupported)
            {
                // Those two are said by file systems that keep no folders to sync; of a file they would be errors.
                throw DiskTrouble.Failure("sync the folder", path, failed);
            }
        }
    }

    public override bool Delete(string path) => Posix.Remove(path) switch
    {
        0 => true,
        Posix.ENOENT or Posix.ENOTDIR => false,
        var error => throw DiskTrouble.Failure("delete", path, error),
    };

    public override SafeFileHandle? OpenForReading(string path)
    {
        var error = Posix.OpenFile(path, out var file);
        if (error == 0)
        {
            return file;
        }

        file.Dispose();
        return error switch
        {
            Posix.ENOENT or Posix.ENOTDIR => null,
            _ when error == Posix.LinkRefused => throw DiskTrouble.NotAFile(path),
            _ => throw DiskTrouble.Failure("open", path, error),
        };
    }
}
