using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Coffre.Server.Door;

/// <summary>The two system calls of Linux that put a file on a socket without a copy in this process.</summary>
/// <remarks>The framework has <c>Socket.SendFile</c>, but only as a call that blocks, and none that says that more is to follow.</remarks>
internal static partial class KernelSend
{
    public const int Interrupted = 4;
    public const int TryAgain = 11;
    public const int BrokenPipe = 32;
    public const int ConnectionReset = 104;

    private const int NoSignal = 0x4000;
    private const int MoreFollows = 0x8000;

    /// <summary>Elsewhere the calls are named or laid out differently.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Sends bytes that others follow at once, so that they need not travel alone.</summary>
    /// <returns>How many were taken; below 0: the system's number, negative.</returns>
    public static int SendMore(SafeHandle socket, ReadOnlySpan<byte> bytes)
    {
        var sent = Send(socket, ref MemoryMarshal.GetReference(bytes), bytes.Length, NoSignal | MoreFollows);
        return sent < 0 ? -Marshal.GetLastPInvokeError() : (int)sent;
    }

    /// <summary>Sends bytes of a file as far as the socket takes them now.</summary>
    /// <returns>How many were taken, 0 at the end of the file; below 0: the system's number, negative.</returns>
    public static int SendFile(SafeSocketHandle socket, SafeFileHandle file, long offset, int count)
    {
        var sent = SendFile(socket, file, ref offset, count);
        return sent < 0 ? -Marshal.GetLastPInvokeError() : (int)sent;
    }

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, ref byte bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static partial nint SendFile(SafeHandle socket, SafeHandle file, ref long offset, nint count);
}
