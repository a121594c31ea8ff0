using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>The two syncs of Linux, each of whose errors is an error.</summary>
/// <remarks>
/// The framework's own flush takes three errors for success ("read-only file system", "invalid", "not supported"), because it is asked to flush
/// pipes and terminals as well. A disk that its file system has set read-only after an error is the very case in which bytes are lost. It also
/// always writes the dates down, which <c>fdatasync</c> does not. Other systems than Linux keep to the framework: on macOS it makes
/// the stronger call that empties the drive's cache, which a program cannot declare for all processors there, since its arguments are variadic.
/// </remarks>
internal static partial class PosixSync
{
    /// <summary>Bytes, length and dates; the system's number on failure. A failed one must not be tried again: the kernel may have dropped the bytes.</summary>
    public static int All(SafeFileHandle handle)
    {
        Posix.Retry(() => FSync(handle), out var error);
        return error;
    }

    /// <summary>Bytes, and the length if it has changed.</summary>
    public static int Data(SafeFileHandle handle)
    {
        Posix.Retry(() => FDataSync(handle), out var error);
        return error;
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(SafeFileHandle handle);
}
