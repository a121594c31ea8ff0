using Coffre.Client;

namespace Backups;

internal static class FolderExample
{
    /// <summary>Sends the small files of a folder, hundreds with each request.</summary>
    public static async Task<int> SendAsync(CoffreClient client, RemoteNode node, string path, CancellationToken cancellationToken)
    {
        var sender = new FolderSender(client);
        var folder = new DirectoryInfo(path);
        var listing = LocalFolder.List(folder, followLinks: false);
        Console.WriteLine($"{LocalFolder.RealPath(folder)}: {listing.Files.Count} files, {listing.LeftOut.Count} left out");
        var files = listing.Files
            .Where(file => sender.IsSmall(file.Facts.Length))
            .Select(file => new FileToSend { Name = NameEncoding.Encode(file.Name), Length = file.Facts.Length, LocalPath = file.Path, Stamp = LocalStamp.Of(file.Path) })
            .ToArray();
        var kept = 0;
        foreach (var batch in sender.Batches(files, file => file.Length, transfers: 1))
        {
            var outcomes = await sender.SendAsync(node, batch, cancellationToken: cancellationToken);
            kept += outcomes.Count(outcome => outcome.Kept is not null);
        }

        return kept;
    }

    /// <summary>Whether a remote file lies in a local folder, with the same content.</summary>
    public static async Task<bool> IsHereAsync(RemoteFile file, string folder, CancellationToken cancellationToken)
    {
        // The service's names come from others: they must not lead out of the folder.
        var name = LocalNames.Of(file.Name);
        var path = Path.Combine(folder, name);
        return LocalNames.IsSafe(name) && LocalNames.Fits(name) && File.Exists(path) && !SpecialFiles.IsSpecial(new FileInfo(path))
            && (await LocalChecksum.IsSameAsync(path, file.Size, file.Checksum, cancellationToken)
                || await LocalChecksum.ComputeAsync(path, cancellationToken) == file.Checksum);
    }
}
