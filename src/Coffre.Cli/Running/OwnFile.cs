namespace Coffre.Cli.Running;

/// <summary>Files that only their owner may read, written whole or not at all.</summary>
internal static class OwnFile
{
    public static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public static void Write(string path, Action<Stream> write)
    {
        using (var file = new FileStream(path + ".new", Options(FileMode.Create, FileAccess.Write, FileShare.Read)))
        {
            write(file);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Holds a lock file until it is disposed; the system lifts it when its holder dies. Null: another holds it.</summary>
    public static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, Options(FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static FileStreamOptions Options(FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
