using Coffre.Client;

namespace Coffre.Cli.Scanning;

/// <summary>Walks files for a scan: no symbolic links, no pipes and devices, no <c>.git</c> folders.</summary>
internal sealed class FileWalk(Action<string, Exception> failed)
{
    private const string GitName = ".git";

    /// <summary>Work trees of repositories that were met on the way.</summary>
    public SortedSet<string> Repositories { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        return InFolder(path);
    }

    private IEnumerable<string> InFolder(string root)
    {
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in Entries(folder))
            {
                if (entry.Name == GitName)
                {
                    Repositories.Add(folder);
                }
                else if (entry.LinkTarget is null && entry is DirectoryInfo)
                {
                    folders.Push(Path.Combine(folder, entry.Name));
                }
                else if (entry.LinkTarget is null && entry is FileInfo file && !SpecialFiles.IsSpecial(file))
                {
                    yield return Path.Combine(folder, entry.Name);
                }
            }
        }
    }

    private List<FileSystemInfo> Entries(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            failed(folder, exception);
            return [];
        }
    }
}
