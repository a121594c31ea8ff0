namespace Coffre.Storage.Local;

/// <summary>Reads the system's error numbers: the only file that knows them by meaning.</summary>
internal static class DiskTrouble
{
    private const int NoSpace = 28;
    private const int LinuxQuota = 122;
    private const int BsdQuota = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);
    private const int WindowsQuota = unchecked((int)0x80070510);

    /// <summary>Whether the disk, and not a mistake in the program, threw this.</summary>
    public static bool Threw(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>The contract's word for it. The message names what was tried; paths stay in the inner exception, for the log.</summary>
    public static StorageException Translate(Exception exception, string attempt) =>
        IsFull(exception)
            ? new StorageException(StorageTrouble.Full, $"No room is left on the disk to {attempt}.", exception)
            : new StorageException(StorageTrouble.Broken, $"The disk failed to {attempt}.", exception);

    public static StorageException NotAFile(string path) =>
        new(StorageTrouble.Corrupt, $"The blob {Path.GetFileName(path)} is not a file: something else was put in its place.");

    /// <summary>What the framework would have thrown for a system call that it does not make.</summary>
    public static IOException Failure(string attempt, string? path, int error) =>
        new($"Could not {attempt}{(path is null ? "" : $" '{path}'")}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}", error);

    internal static bool IsFull(Exception exception) => exception.HResult switch
    {
        NoSpace => !OperatingSystem.IsWindows(),
        LinuxQuota => OperatingSystem.IsLinux(),
        BsdQuota => !OperatingSystem.IsLinux() && !OperatingSystem.IsWindows(),
        WindowsDiskFull or WindowsHandleDiskFull or WindowsQuota => true,
        _ => false,
    };
}
