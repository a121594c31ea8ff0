using Coffre.Client;

namespace Backups;

internal static class UploadsExample
{
    /// <summary>Uploads the files of a local folder in one request, and tells which did not arrive.</summary>
    public static async Task<IReadOnlyList<string>> SendFolderAsync(CoffreClient client, string folder, long folderId, CancellationToken cancellationToken)
    {
        var paths = Directory.GetFiles(folder).Take(CoffreClient.MaxFilesPerUpload).ToArray();

        // Names that the service does not take travel as look-alikes and come back as they were.
        UploadSource[] sources = [.. paths.Select(path => UploadSource.FromFile(path, NameEncoding.Encode(Path.GetFileName(path))))];
        var outcomes = await client.UploadEachAsync(sources, new UploadOptions { FolderId = folderId }, cancellationToken);

        // A file that arrived damaged was removed and sent again alone before it counts as failed.
        return [.. outcomes.Zip(paths).Where(pair => pair.First.Trouble is not null).Select(pair => $"{pair.Second}: {pair.First.Trouble!.Message}")];
    }

    /// <summary>All or an exception: what is not a file can be uploaded too.</summary>
    public static async Task<IReadOnlyList<UploadReceipt>> SendNoteAsync(CoffreClient client, string note, Stream log, CancellationToken cancellationToken)
    {
        // A stream is read once: if the connection breaks it cannot be sent again, and says so.
        var receipt = await client.UploadAsync(UploadSource.FromStream(log, "log.txt"), cancellationToken: cancellationToken);

        // Get is the receipt, or the exception that tells why there is none.
        var single = await client.UploadEachAsync([UploadSource.FromBytes(new byte[100], "padding.bin")], cancellationToken: cancellationToken);
        var others = await client.UploadManyAsync(
            [UploadSource.FromBytes(System.Text.Encoding.UTF8.GetBytes(note), "note.txt")],
            new UploadOptions { Password = "only for friends" },
            cancellationToken);
        return [receipt, single[0].Get(), .. others];
    }
}
