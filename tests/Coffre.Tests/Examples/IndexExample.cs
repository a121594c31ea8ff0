using Coffre.Client;

namespace Backups;

internal static class IndexExample
{
    /// <summary>Puts a file under a path, making folders as needed; each folder is listed once, however many files go there.</summary>
    public static async Task<RemoteFile?> PutAsync(CoffreClient client, RemoteIndex index, string localPath, string[] folders, CancellationToken cancellationToken)
    {
        var folder = await index.EnsurePathAsync(folders, cancellationToken);
        var month = await index.EnsureFolderAsync(folder, DateTime.UtcNow.ToString("yyyy-MM"), cancellationToken);
        var name = Path.GetFileName(localPath);
        var old = month.FindFiles(name);
        if (month.FindFolder(name) is not null)
        {
            return null;
        }

        var receipt = await client.UploadAsync(UploadSource.FromFile(localPath), new UploadOptions { FolderId = month.Id }, cancellationToken);
        var file = new RemoteFile { Link = receipt.Link, Name = receipt.Name, Size = receipt.Size, Checksum = receipt.Checksum };

        // What is written through the client is told to the index, so that nobody has to list again.
        month.Add(file);
        foreach (var one in old)
        {
            await client.DeleteFilesAsync([one.Link], cancellationToken);
            month.Remove(one);
        }

        return file;
    }

    /// <summary>Answers from what is known, and says how old that is.</summary>
    public static async Task<string> ReportAsync(RemoteIndex index, CancellationToken cancellationToken)
    {
        index.Use = IndexUse.Known;
        await index.CoverAsync(RemoteFolder.RootId, cancellationToken);
        var pictures = index.Find(RemoteFolder.RootId, new IndexSearch { Name = "*.jpg", MinSize = 1_000_000 });
        var twice = index.FindDuplicates(RemoteFolder.RootId);
        var usage = index.Measure(RemoteFolder.RootId, depth: 1);
        return $"{pictures.Count} pictures, {twice.Count} files that are there more than once, {usage.Count} folders, as of {index.AsOf:u}";
    }

    /// <summary>Moves a folder of which another program knows nothing.</summary>
    public static async Task MoveAsync(CoffreClient client, RemoteIndex index, string[] path, long targetId, CancellationToken cancellationToken)
    {
        if (await index.FindFolderAsync(path[..^1], cancellationToken) is not { } parent || parent.FindFolder(path[^1]) is not { } folder)
        {
            return;
        }

        var target = await index.GetAsync(targetId, cancellationToken);
        await client.MoveFolderAsync(folder.Id, targetId, cancellationToken: cancellationToken);
        parent.Leave(folder);
        target.Add(folder);
        if ((await client.ListFolderAsync(folder.Id, cancellationToken)).Files.Count == 0)
        {
            await client.DeleteFolderAsync(folder.Id, cancellationToken);
            target.Remove(folder);
        }

        // Others may have written there meanwhile: the next question lists it again, or this one does at once.
        index.Doubt(parent.Id);
        await index.GetAgainAsync(targetId, cancellationToken);
    }
}
