using Coffre.Cli.Output;

namespace Coffre.Cli.Transfers;

/// <summary>Looks into local folders; says what it leaves out.</summary>
internal sealed class LocalTree(Report report, bool followLinks)
{
    // Real paths of the folders above, so that a link to one of them is not walked for ever.
    private readonly HashSet<string> _above = new(StringComparer.Ordinal);

    /// <summary>Folders left out because they could not be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>What can be uploaded of a folder: files and folders in ordinal order.</summary>
    public (IReadOnlyList<PutFile> Files, IReadOnlyList<DirectoryInfo> Folders) Look(DirectoryInfo folder)
    {
        List<PutFile> files = [];
        List<DirectoryInfo> folders = [];
        try
        {
            foreach (var entry in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false }))
            {
                Sort(entry, files, folders);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Unreadable++;
            report.ItemFailed(folder.FullName, exception);
        }

        files.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        folders.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return (files, folders);
    }

    /// <summary>Whether a folder may be walked; if so, <see cref="Leave"/> it afterwards.</summary>
    public bool TryEnter(DirectoryInfo folder)
    {
        if (_above.Add(RealPath(folder)))
        {
            return true;
        }

        report.Warn($"{folder.FullName} leads back to a folder above it; it is left out.");
        return false;
    }

    public void Leave(DirectoryInfo folder) => _above.Remove(RealPath(folder));

    private void Sort(FileSystemInfo entry, List<PutFile> files, List<DirectoryInfo> folders)
    {
        if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && entry.LinkTarget is not null)
        {
            if (!followLinks)
            {
                report.Warn($"{entry.FullName} is a symbolic link; it is left out (--copy-links uploads what it points to).");
                return;
            }

            var target = entry.ResolveLinkTarget(returnFinalTarget: true);
            if (target is not { Exists: true })
            {
                report.Warn($"{entry.FullName} is a symbolic link to nothing; it is left out.");
                return;
            }

            Add(entry, target, files, folders);
            return;
        }

        Add(entry, entry, files, folders);
    }

    /// <param name="entry">Where it was met, under the name that it gets.</param>
    /// <param name="target">What it is.</param>
    /// <param name="files">Takes files.</param>
    /// <param name="folders">Takes folders.</param>
    private void Add(FileSystemInfo entry, FileSystemInfo target, List<PutFile> files, List<DirectoryInfo> folders)
    {
        switch (target)
        {
            case DirectoryInfo:
                folders.Add(new DirectoryInfo(entry.FullName));
                break;
            case FileInfo { Exists: false }:
                report.Warn($"{entry.FullName} has a name that is not valid UTF-8, or has just gone; it is left out.");
                break;
            case FileInfo file when SpecialFiles.IsSpecial(file):
                report.Warn($"{entry.FullName} is a pipe, a socket or a device; it is left out.");
                break;
            case FileInfo file:
                files.Add(new PutFile(entry.FullName, entry.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc)));
                break;
        }
    }

    private static string RealPath(DirectoryInfo folder) =>
        (folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder.FullName).TrimEnd(Path.DirectorySeparatorChar);
}
