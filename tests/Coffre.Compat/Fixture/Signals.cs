using System.Runtime.InteropServices;

namespace Coffre.Compat.Fixture;

/// <summary>Sends a signal to a process that a test started. .NET can only kill; a server must also be asked to stop.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Terminate = 15;

    public static void Send(int processId, int signal)
    {
        if (kill(processId, signal) != 0)
        {
            throw new InvalidOperationException($"Signal {signal} did not reach process {processId}: error {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}
