using Coffre.Client;

namespace Backups;

internal static class FoldersExample
{
    /// <summary>Moves everything out of a folder into an archive, then removes it.</summary>
    public static async Task<long> ArchiveAsync(CoffreClient client, string name, CancellationToken cancellationToken)
    {
        // On a coffre-server a folder that is there already is returned; 1fichier.com may make a second one of that name.
        var root = await client.ListFolderAsync(RemoteFolder.RootId, cancellationToken);
        var archive = root.Folders.FirstOrDefault(folder => folder.Name == "Archive")
            ?? await client.CreateFolderAsync("Archive", cancellationToken: cancellationToken);
        var old = root.Folders.Single(folder => folder.Name == name);

        var files = await client.ListFilesAsync(old.Id, cancellationToken);
        if (files.Count > 0)
        {
            // One call for all of them. A name that is taken there is CoffreError.Conflict, and nothing moved.
            await client.MoveFilesAsync([.. files.Select(file => file.Link)], archive.Id, cancellationToken: cancellationToken);
        }

        var listing = await client.ListFolderAsync(old.Id, cancellationToken);
        foreach (var folder in listing.Folders)
        {
            await client.MoveFolderAsync(folder.Id, archive.Id, $"{name} {folder.Name}", cancellationToken);
        }

        // Refused as long as it holds something: Unlisted files are those that a service counts but does not list.
        if (listing.Unlisted == 0)
        {
            await client.DeleteFolderAsync(old.Id, cancellationToken);
        }

        return archive.Id;
    }
}
