using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Client.Local;

/// <summary>The calls on Linux and macOS.</summary>
/// <remarks>
/// The framework refuses to open a folder, and what is not open cannot be synced. Its flush takes "read-only file system" for success, which is what a disk says
/// that was set read-only after an error. macOS keeps to the framework's flush, which makes the stronger call there.
/// </remarks>
[UnsupportedOSPlatform("windows")]
internal sealed partial class PosixDiskCalls : DiskCalls
{
    private const int Interrupted = 4;
    private const int AccessDenied = 13;
    private const int Invalid = 22;
    private const int NotSupportedOnLinux = 95;

    private static readonly int ReadOnlyCloseOnExec = OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;

    public override void SyncFile(SafeFileHandle file) => Sync(file);

    public override void SyncFolder(string path)
    {
        int descriptor;
        while ((descriptor = Open(path, ReadOnlyCloseOnExec)) < 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    continue;
                case AccessDenied:
                    // A folder that takes files and shows none cannot be opened; its names cannot be synced.
                    return;
                default:
                    throw Failure($"The folder {path} cannot be opened");
            }
        }

        using var folder = new SafeFileHandle(descriptor, ownsHandle: true);
        Sync(folder);
    }

    private static void Sync(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
            return;
        }

        while (FSync(handle) < 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    continue;
                case Invalid or NotSupportedOnLinux:
                    // Said by file systems that sync nothing. They are no reason to refuse a download.
                    return;
                default:
                    throw Failure("The disk does not keep what was written");
            }
        }
    }

    private static IOException Failure(string what) => new($"{what}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

    // The third argument of open(2) is variadic and read only when a file is created; it is never passed.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle handle);
}
