namespace Coffre.Storage.Local;

/// <summary>Makes the folders of the tree as blobs need them, and knows which of them are on the device.</summary>
/// <remarks>
/// A new blob is only as durable as the name of its folder in the folder above. The first commit into a folder in the life of this process
/// therefore also syncs the folders above it, whoever made them: another process may have made them and died before its sync.
/// </remarks>
internal sealed class BlobFolders(BlobPaths paths, IDiskCalls calls, FolderSync sync)
{
    // One flag for each folder of the tree. Written twice by two commits at worst, with the same value.
    private readonly bool[] _branchIsDurable = new bool[BlobPaths.FoldersPerLevel];
    private readonly bool[] _leafIsDurable = new bool[BlobPaths.FoldersPerLevel * BlobPaths.FoldersPerLevel];

    /// <summary>Makes sure that the blob's folder is there.</summary>
    public void Prepare(BlobId id)
    {
        var leaf = paths.LeafFolder(id);
        if (Directory.Exists(leaf))
        {
            return;
        }

        // Either this is the first blob here, or somebody took the folder away: what was known of it is void.
        var branch = paths.BranchFolder(id);
        if (!Directory.Exists(branch))
        {
            Volatile.Write(ref _branchIsDurable[BlobPaths.BranchNumber(id)], false);
            calls.CreateFolder(branch);
        }

        Volatile.Write(ref _leafIsDurable[BlobPaths.LeafNumber(id)], false);
        calls.CreateFolder(leaf);
    }

    /// <summary>Returns once the blob's name, and the names of the folders on the way to it, are on the device.</summary>
    public async Task SyncAsync(BlobId id)
    {
        // From the leaf up: on a journalling file system the first sync writes what the others would, and they return at once.
        await sync.SyncAsync(paths.LeafFolder(id));
        if (!Volatile.Read(ref _leafIsDurable[BlobPaths.LeafNumber(id)]))
        {
            await sync.SyncAsync(paths.BranchFolder(id));
            if (!Volatile.Read(ref _branchIsDurable[BlobPaths.BranchNumber(id)]))
            {
                await sync.SyncAsync(paths.Blobs);
                Volatile.Write(ref _branchIsDurable[BlobPaths.BranchNumber(id)], true);
            }

            Volatile.Write(ref _leafIsDurable[BlobPaths.LeafNumber(id)], true);
        }
    }
}
