namespace Coffre.Storage.Local;

/// <summary>Makes the folders of a store, and tries once whether a blob could be kept there.</summary>
internal sealed class StoreFolder(BlobPaths paths, DiskBlobStoreOptions options)
{
    private readonly IDiskCalls _calls = options.Calls;

    /// <param name="probe">An id that no blob has; a file of this name is made, moved and removed.</param>
    /// <exception cref="StorageException">The folder cannot be used; the message names it.</exception>
    public void Open(BlobId probe)
    {
        try
        {
            CreateFolders();
            Try(probe);
        }
        catch (Exception exception) when (DiskTrouble.Threw(exception))
        {
            var trouble = DiskTrouble.Translate(exception, "open the store").Trouble;
            throw new StorageException(trouble, $"The storage folder '{paths.Root}' cannot be used: {exception.Message}", exception);
        }
    }

    private void CreateFolders()
    {
        var parentsOfNew = ParentsOfMissing(paths.Root).ToList();
        _calls.CreateFolder(paths.Root);
        _calls.CreateFolder(paths.Blobs);
        _calls.CreateFolder(paths.Staging);
        _calls.CreateFolder(paths.Segments);
        if (options.Durability == Durability.Strict)
        {
            _calls.SyncFolder(paths.Root);
            parentsOfNew.ForEach(_calls.SyncFolder);
        }
    }

    private static IEnumerable<string> ParentsOfMissing(string folder)
    {
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
        {
            yield return parent;
            folder = parent;
        }
    }

    /// <summary>Walks the way of a blob, from staging to the blobs: that fails if the two lie on different file systems.</summary>
    private void Try(BlobId probe)
    {
        var staged = paths.StagingFile(probe);
        var place = Path.Combine(paths.Blobs, probe + ".probe");
        try
        {
            _calls.CreateFile(staged).Dispose();
            _calls.Rename(staged, place);
        }
        catch (IOException exception) when (DiskTrouble.Translate(exception, "try").Trouble == StorageTrouble.Full)
        {
            // A full disk still serves, and opening is the way to make room on it. Whoever begins a blob will hear of it.
        }
        finally
        {
            _calls.Delete(staged);
            _calls.Delete(place);
        }
    }
}
