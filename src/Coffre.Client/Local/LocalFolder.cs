namespace Coffre.Client;

/// <summary>Looks into local folders: what can be uploaded of them, and what has to be left out.</summary>
public static class LocalFolder
{
    /// <summary>What a folder holds, each in ordinal order of names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="followLinks">Whether symbolic links stand for what they point to; else they are left out.</param>
    /// <exception cref="IOException">The folder cannot be read; so with <see cref="UnauthorizedAccessException"/>.</exception>
    public static LocalListing List(DirectoryInfo folder, bool followLinks)
    {
        ArgumentNullException.ThrowIfNull(folder);
        List<LocalEntry> files = [];
        List<DirectoryInfo> folders = [];
        List<LeftOut> leftOut = [];
        foreach (var entry in folder.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false }))
        {
            var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint) && entry.LinkTarget is not null;
            if ((isLink ? Follow(entry, followLinks) : Judge(entry)) is { } why)
            {
                leftOut.Add(new LeftOut(entry.FullName, entry.Name, why));
            }
            else if ((isLink ? entry.ResolveLinkTarget(returnFinalTarget: true) : entry) is FileInfo file)
            {
                files.Add(new LocalEntry(entry.FullName, entry.Name, file));
            }
            else
            {
                folders.Add(new DirectoryInfo(entry.FullName));
            }
        }

        files.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        folders.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return new LocalListing(files, folders, leftOut);
    }

    /// <summary>Where a folder really lies, links followed: what tells a link that leads back to a folder above it.</summary>
    public static string RealPath(DirectoryInfo folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return (folder.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder.FullName).TrimEnd(Path.DirectorySeparatorChar);
    }

    private static string? Follow(FileSystemInfo link, bool followLinks) =>
        !followLinks ? "is a symbolic link; it is left out (--copy-links uploads what it points to)."
        : link.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? Judge(target)
        : "is a symbolic link to nothing; it is left out.";

    private static string? Judge(FileSystemInfo entry) => entry switch
    {
        FileInfo { Exists: false } => "has a name that is not valid UTF-8, or has just gone; it is left out.",
        FileInfo file when SpecialFiles.IsSpecial(file) => "is a pipe, a socket or a device; it is left out.",
        _ => null,
    };
}

/// <summary>What a local folder holds.</summary>
/// <param name="Files">Files that can be read.</param>
/// <param name="Folders">Folders.</param>
/// <param name="LeftOut">What is neither.</param>
public sealed record LocalListing(IReadOnlyList<LocalEntry> Files, IReadOnlyList<DirectoryInfo> Folders, IReadOnlyList<LeftOut> LeftOut);

/// <summary>A local file.</summary>
/// <param name="Path">Where it was met.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Facts">Size and times; of a link, those of what it points to.</param>
public sealed record LocalEntry(string Path, string Name, FileInfo Facts);

/// <summary>Something that cannot be uploaded.</summary>
/// <param name="Path">Where it was met.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Why">The rest of a sentence that begins with its path.</param>
public sealed record LeftOut(string Path, string Name, string Why);
