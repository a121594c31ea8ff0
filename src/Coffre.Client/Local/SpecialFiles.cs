using System.Runtime.InteropServices;

namespace Coffre.Client;

/// <summary>Tells pipes, sockets and devices from files. .NET does not, and opening a pipe to see would wait for ever.</summary>
/// <remarks>
/// Linux only, through <c>statx</c>: its structure is the same on every architecture, unlike that of <c>stat</c>. Elsewhere
/// everything counts as a file.
/// </remarks>
public static partial class SpecialFiles
{
    private const int FromCurrentFolder = -100;
    private const uint WantType = 1;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int StructureSize = 256;

    /// <summary>Whether it is no regular file.</summary>
    public static bool IsSpecial(FileInfo file)
    {
        // Whatever has bytes is a file; the call is for the rest.
        if (!OperatingSystem.IsLinux() || file.Length > 0)
        {
            return false;
        }

        Span<byte> found = stackalloc byte[StructureSize];
        try
        {
            return StatX(FromCurrentFolder, file.FullName, 0, WantType, ref MemoryMarshal.GetReference(found)) == 0
                && (MemoryMarshal.Read<ushort>(found[ModeOffset..]) & TypeMask) != RegularFile;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte found);
}
