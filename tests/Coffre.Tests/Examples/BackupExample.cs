using Coffre.Client;

namespace Backups;

internal static class BackupExample
{
    public static async Task<string> BackUpAsync(Uri server, string key, string path, CancellationToken cancellationToken)
    {
        using var client = new CoffreClient(new CoffreClientOptions { BaseAddress = server, ApiKey = key });
        var folder = await client.CreateFolderAsync("Backup", cancellationToken: cancellationToken);
        try
        {
            var source = UploadSource.FromFile(path);
            var receipt = await client.UploadAsync(source, new UploadOptions { FolderId = folder.Id }, cancellationToken);

            // The receipt's checksum was computed here while reading, and the server came to the same.
            var details = await client.GetFileAsync(receipt.Link, cancellationToken: cancellationToken);
            await client.DownloadAsync(details.File, path + ".copy", cancellationToken: cancellationToken);
            return receipt.Link;
        }
        catch (CoffreException trouble) when (trouble.Error == CoffreError.QuotaExceeded)
        {
            throw new InvalidOperationException($"{trouble.Message} {trouble.Advice}", trouble);
        }
    }
}
