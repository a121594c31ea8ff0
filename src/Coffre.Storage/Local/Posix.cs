using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>The system calls that the framework does not offer; those that sync are in <see cref="PosixSync"/>.</summary>
/// <remarks>
/// Without them the promises of the store cannot be kept on Unix. The framework refuses to open a folder, and what is not open cannot be synced;
/// its move falls back to copying across file systems and is then not one step; its open follows links; its preallocation hides why it failed;
/// its delete does not say whether there was anything to delete.
/// </remarks>
internal static partial class Posix
{
    public const int ENOENT = 2;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENOSYS = 38;

    private const int ReadOnly = 0;

    // Reserve blocks and leave the length alone, so that a file is never longer than what was written to it.
    private const int KeepSize = 1;

    private static readonly int CloseOnExec = OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;

    private static readonly int NoFollow = !OperatingSystem.IsLinux() ? 0x100 : UsesArmNumbers ? 0x8000 : 0x20000;

    /// <summary>What open(2) says of a link when told not to follow: ELOOP, numbered differently on each system.</summary>
    public static int LinkRefused => OperatingSystem.IsLinux() ? 40 : 62;

    /// <summary>"This file system cannot do that": EOPNOTSUPP.</summary>
    public static int NotSupported => OperatingSystem.IsLinux() ? 95 : 102;

    private static bool UsesArmNumbers =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 or Architecture.Armv6 or Architecture.Ppc64le;

    /// <summary>Opens a file for reading without following a link in the last part of its path; the system's number on failure.</summary>
    public static int OpenFile(string path, out SafeFileHandle handle) => Open(path, NoFollow, out handle);

    /// <summary>Opens a folder, to sync it. The root of a store may well be a link that its owner made.</summary>
    public static int OpenFolder(string path, out SafeFileHandle handle) => Open(path, 0, out handle);

    public static int Move(string from, string to)
    {
        Retry(() => Rename(from, to), out var error);
        return error;
    }

    public static int Remove(string path)
    {
        Retry(() => Unlink(path), out var error);
        return error;
    }

    /// <summary>Linux on 64 bits only: elsewhere the call is named or laid out differently, and a hint is not worth the difference.</summary>
    public static int Reserve(SafeFileHandle handle, long length)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return ENOSYS;
        }

        Retry(() => FAllocate(handle, KeepSize, 0, length), out var error);
        return error;
    }

    private static int Open(string path, int flags, out SafeFileHandle handle)
    {
        var descriptor = Retry(() => Open(path, ReadOnly | CloseOnExec | flags), out var error);
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return error;
    }

    /// <summary>A signal may interrupt any of these before they did anything.</summary>
    internal static int Retry(Func<int> call, out int error)
    {
        const int interrupted = 4;
        int result;
        do
        {
            result = call();
            error = result < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (error == interrupted);

        return result;
    }

    // The third argument of open(2) is variadic and read only when a file is created; it is never passed.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle handle, int mode, long offset, long length);
}
