using Coffre.Protocol.V1;

namespace Coffre.Client;

public sealed partial class CoffreClient
{
    /// <summary>Folders and files of one folder (<c>folder/ls.cgi</c>). 1fichier.com allows this once in 30 s for each folder.</summary>
    /// <param name="folderId">Folder; 0 is the root.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotFound"/>: no such folder.</exception>
    public async Task<FolderListing> ListFolderAsync(long folderId = RemoteFolder.RootId, CancellationToken cancellationToken = default)
    {
        var request = new FolderLsRequest { FolderId = folderId, Files = 1 };
        var answer = await _caller.CallAsync(
            V1Paths.FolderLs, request, V1Json.Default.FolderLsRequest, V1Json.Default.FolderLsAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);

        // A service that passes over "files": 1 answers the count alone.
        var files = answer.Items is { } items
            ? [.. items.Select(RemoteFile.From)]
            : await ListFilesAsync(folderId, cancellationToken).ConfigureAwait(false);
        return new FolderListing(folderId, answer.Name ?? "", [.. (answer.SubFolders ?? []).Select(RemoteFolder.From)], files)
        {
            Unlisted = Math.Max(0, answer.Files - files.Count),
        };
    }

    /// <summary>Makes a folder (<c>folder/mkdir.cgi</c>).</summary>
    /// <param name="name">1 to 250 characters, none of them reserved: see <see cref="NameEncoding"/>.</param>
    /// <param name="parentId">Where; 0 is the root.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The folder; on a coffre-server the existing one, if that name was there.</returns>
    /// <exception cref="CoffreException"><see cref="CoffreError.BadName"/>, <see cref="CoffreError.NotFound"/>.</exception>
    public async Task<RemoteFolder> CreateFolderAsync(string name, long parentId = RemoteFolder.RootId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = new FolderMkdirRequest { Name = name, FolderId = parentId };
        var answer = await _caller.CallAsync(
            V1Paths.FolderMkdir, request, V1Json.Default.FolderMkdirRequest, V1Json.Default.FolderMkdirAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);

        // Without an id the caller would go on in the root.
        return answer.FolderId > 0
            ? new RemoteFolder(answer.FolderId, answer.Name is { Length: > 0 } given ? given : name, null)
            : throw new CoffreException(CoffreError.UnexpectedAnswer, "The service answered without the id of the new folder.");
    }

    /// <summary>Moves a folder, gives it another name, or both (<c>folder/mv.cgi</c>).</summary>
    /// <param name="folderId">Folder; the root cannot move.</param>
    /// <param name="newParentId">Where to; 0 is the root, null leaves it where it is.</param>
    /// <param name="newName">New name; null keeps the old.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.Conflict"/>: the name is taken, or the way leads into the folder itself.</exception>
    public async Task MoveFolderAsync(long folderId, long? newParentId, string? newName = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(folderId);
        if (newParentId is null && newName is null)
        {
            throw new ArgumentException("Say where the folder goes, or what it shall be called.", nameof(newName));
        }

        // 1fichier.com is said to pass over the destination when both are there: two calls are sure, one is enough for ours.
        if (IsOneFichier && newParentId is not null && newName is not null)
        {
            await SendMoveAsync(folderId, newParentId, null, cancellationToken).ConfigureAwait(false);
            await SendMoveAsync(folderId, null, newName, cancellationToken).ConfigureAwait(false);
            return;
        }

        await SendMoveAsync(folderId, newParentId, newName, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes an empty folder (<c>folder/rm.cgi</c>).</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.Conflict"/>: it holds something.</exception>
    public async Task DeleteFolderAsync(long folderId, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(folderId);
        await _caller.CallAsync(
            V1Paths.FolderRm, new FolderRmRequest { FolderId = folderId }, V1Json.Default.FolderRmRequest, V1Json.Default.V1Answer,
            repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    private Task<FolderMvAnswer> SendMoveAsync(long folderId, long? parentId, string? name, CancellationToken cancellationToken) =>
        _caller.CallAsync(
            V1Paths.FolderMv,
            new FolderMvRequest { FolderId = folderId, DestinationFolderId = parentId, Rename = name },
            V1Json.Default.FolderMvRequest,
            V1Json.Default.FolderMvAnswer,
            repeatable: false,
            cancellationToken);
}
