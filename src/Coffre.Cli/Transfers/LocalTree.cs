using Coffre.Cli.Output;
using Coffre.Client;

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
        try
        {
            var listing = LocalFolder.List(folder, followLinks);
            foreach (var left in listing.LeftOut)
            {
                report.Warn($"{left.Path} {left.Why}");
            }

            return ([.. listing.Files.Select(file => new PutFile(file.Path, file.Name, file.Facts.Length, new DateTimeOffset(file.Facts.LastWriteTimeUtc)))], listing.Folders);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Unreadable++;
            report.ItemFailed(folder.FullName, exception);
            return ([], []);
        }
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

    private static string RealPath(DirectoryInfo folder)
    {
        try
        {
            return LocalFolder.RealPath(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has gone, or may not be looked at: whoever looks into it is told.
            return folder.FullName;
        }
    }
}
