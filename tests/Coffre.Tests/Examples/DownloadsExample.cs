using Coffre.Client;

namespace Backups;

internal static class DownloadsExample
{
    /// <summary>Fetches every file of a folder. Started again after a crash, it goes on where it was.</summary>
    public static async Task<int> FetchAsync(CoffreClient client, long folderId, string target, CancellationToken cancellationToken)
    {
        var fetched = 0;
        foreach (var file in await client.ListFilesAsync(folderId, cancellationToken))
        {
            // The name comes from others: only its last part may name a place on this disk.
            var path = Path.Combine(target, Path.GetFileName(NameEncoding.Decode(file.Name)));
            var result = await client.DownloadAsync(file, path, new DownloadOptions { Ranges = 4 }, cancellationToken);
            fetched += result.IsVerified ? 1 : 0;
        }

        return fetched;
    }

    /// <summary>Reads the last bytes of a file without fetching the rest.</summary>
    public static async Task<byte[]> TailAsync(CoffreClient client, RemoteFile file, int count, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await client.CopyToAsync(file.Link, bytes, Math.Max(0, file.Size - count), count, cancellationToken: cancellationToken);
        return bytes.ToArray();
    }

    /// <summary>An address for a player. Whoever has it can read the file while it lives, so it belongs into no log.</summary>
    public static Task<Uri> LendAsync(CoffreClient client, RemoteFile file, string? password, CancellationToken cancellationToken) =>
        client.GetDownloadAddressAsync(file.Link, password, cancellationToken);
}
