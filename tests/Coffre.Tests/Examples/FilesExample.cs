using Coffre.Client;

namespace Backups;

internal static class FilesExample
{
    /// <summary>Keeps a dated copy of a file beside it, then gives the file its new name; the link of the file stays.</summary>
    public static async Task<string> KeepAsync(CoffreClient client, string link, string newName, CancellationToken cancellationToken)
    {
        var details = await client.GetFileAsync(link, cancellationToken: cancellationToken);

        // No byte travels: a copy is a new name on the same content.
        var copies = await client.CopyFilesAsync(
            [link], details.FolderId ?? RemoteFolder.RootId, $"{DateTime.UtcNow:yyyy-MM-dd} {details.File.Name}", cancellationToken: cancellationToken);
        try
        {
            await client.RenameFileAsync(link, newName, cancellationToken);
        }
        catch (CoffreException trouble) when (trouble.Error == CoffreError.Conflict)
        {
            // The name is taken: nothing was renamed, so the copy is of no use.
            await client.DeleteFilesAsync(copies.ToArray(), cancellationToken);
            throw;
        }

        return copies[0];
    }
}
