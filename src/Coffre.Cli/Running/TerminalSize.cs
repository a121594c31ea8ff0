using System.Runtime.InteropServices;

namespace Coffre.Cli.Running;

/// <summary>How large the terminal behind standard error is. <see cref="Console"/> knows it only of standard output, which may be a file.</summary>
internal static partial class TerminalSize
{
    private const int StandardError = 2;
    private const nuint AskSize = 0x5413;
    private static readonly (int, int) Usual = (80, 24);

    public static (int Columns, int Rows) Read()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                return ioctl(StandardError, AskSize, out var size) == 0 && size.Columns > 0 ? (size.Columns, size.Rows) : Usual;
            }

            return Console.WindowWidth > 0 ? (Console.WindowWidth, Console.WindowHeight) : Usual;
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException or EntryPointNotFoundException or DllNotFoundException)
        {
            return Usual;
        }
    }

#pragma warning disable SYSLIB1054, IDE1006 // The name is the system's.
    [LibraryImport("libc", SetLastError = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ioctl(int file, nuint request, out WindowSize size);
#pragma warning restore SYSLIB1054, IDE1006

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
