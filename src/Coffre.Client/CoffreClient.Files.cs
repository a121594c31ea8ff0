using Coffre.Protocol.V1;

namespace Coffre.Client;

public sealed partial class CoffreClient
{
    /// <summary>The files of one folder (<c>file/ls.cgi</c>). 1fichier.com allows this once in 30 s for each folder.</summary>
    /// <param name="folderId">Folder; 0 is the root, -1 every file of the account (1fichier.com: once an hour).</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotFound"/>: no such folder.</exception>
    public async Task<IReadOnlyList<RemoteFile>> ListFilesAsync(long folderId = RemoteFolder.RootId, CancellationToken cancellationToken = default)
    {
        var answer = await _caller.CallAsync(
            V1Paths.FileLs, new FileLsRequest { FolderId = folderId }, V1Json.Default.FileLsRequest, V1Json.Default.FileLsAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        return [.. (answer.Items ?? []).Select(RemoteFile.From)];
    }

    /// <summary>One file, own or public, by its link (<c>file/info.cgi</c>).</summary>
    /// <param name="link">Public link; its own host is kept, for 1fichier.com gives each file one of its domains.</param>
    /// <param name="password">Password of the file, if it has one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotFound"/>, <see cref="CoffreError.PasswordMissing"/>.</exception>
    public async Task<FileDetails> GetFileAsync(string link, string? password = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(link);
        var answer = await _caller.CallAsync(
            V1Paths.FileInfo, new FileInfoRequest { Url = link, Pass = password }, V1Json.Default.FileInfoRequest, V1Json.Default.FileInfoAnswer,
            repeatable: true, cancellationToken).ConfigureAwait(false);
        return string.IsNullOrEmpty(answer.FileName)
            ? throw new CoffreException(CoffreError.UnexpectedAnswer, "The service answered without the name of the file.")
            : FileDetails.From(answer, link);
    }

    /// <summary>Removes own files (<c>file/rm.cgi</c>).</summary>
    /// <param name="links">1 or more public links.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many were removed.</returns>
    public async Task<int> DeleteFilesAsync(IReadOnlyCollection<string> links, CancellationToken cancellationToken = default)
    {
        MustHaveOne(links);
        var request = new FileRmRequest { Files = [.. links.Select(link => new FileRmItem { Url = link })] };
        var answer = await _caller.CallAsync(
            V1Paths.FileRm, request, V1Json.Default.FileRmRequest, V1Json.Default.FileRmAnswer,
            repeatable: false, cancellationToken).ConfigureAwait(false);
        return answer.Removed;
    }

    /// <summary>Moves own files into a folder (<c>file/mv.cgi</c>).</summary>
    /// <param name="links">1 or more public links.</param>
    /// <param name="folderId">Where to; 0 is the root. The folder where the file already lies is refused: see <see cref="RenameFileAsync"/>.</param>
    /// <param name="newName">New name, with exactly one link; null keeps the old. Must differ from it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CoffreException"><see cref="CoffreError.Conflict"/>: the name is taken there.</exception>
    public async Task MoveFilesAsync(IReadOnlyCollection<string> links, long folderId, string? newName = null, CancellationToken cancellationToken = default)
    {
        MustHaveOne(links);
        MustBeOneToRename(links, newName);
        var request = new FileMvRequest { Urls = [.. links], DestinationFolderId = folderId, Rename = newName };
        await _caller.CallAsync(
            V1Paths.FileMv, request, V1Json.Default.FileMvRequest, V1Json.Default.FileMvAnswer,
            repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives an own file another name in the same folder (<c>file/rename.cgi</c>).</summary>
    /// <exception cref="CoffreException"><see cref="CoffreError.Conflict"/>: the name is taken or the same as before.</exception>
    public async Task RenameFileAsync(string link, string newName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(link);
        ArgumentException.ThrowIfNullOrEmpty(newName);
        var request = new FileRenameRequest { Urls = [new FileRenameItem { Url = link, FileName = newName }] };
        await _caller.CallAsync(
            V1Paths.FileRename, request, V1Json.Default.FileRenameRequest, V1Json.Default.FileRenameAnswer,
            repeatable: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies files, own ones or such as others share, into a folder without moving a byte (<c>file/cp.cgi</c>).</summary>
    /// <param name="links">1 or more public links.</param>
    /// <param name="folderId">Where to; 0 is the root.</param>
    /// <param name="newName">New name, with exactly one link; null keeps the old.</param>
    /// <param name="password">Password of the files, if they have one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The links of the copies, in the order of the service.</returns>
    public async Task<IReadOnlyList<string>> CopyFilesAsync(
        IReadOnlyCollection<string> links, long folderId, string? newName = null, string? password = null, CancellationToken cancellationToken = default)
    {
        MustHaveOne(links);
        MustBeOneToRename(links, newName);
        var request = new FileCpRequest { Urls = [.. links], FolderId = folderId, Rename = newName, Pass = password };
        var answer = await _caller.CallAsync(
            V1Paths.FileCp, request, V1Json.Default.FileCpRequest, V1Json.Default.FileCpAnswer,
            repeatable: false, cancellationToken).ConfigureAwait(false);
        return [.. (answer.Urls ?? []).Select(copy => copy.ToUrl)];
    }

    /// <summary>Changes what is said of own files and who may open their links (<c>file/chattr.cgi</c>): all of them, or none.</summary>
    /// <param name="links">1 or more public links.</param>
    /// <param name="change">What shall be different.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many differ now; 0 if all were so already.</returns>
    /// <exception cref="CoffreException"><see cref="CoffreError.NotFound"/>: one of the links leads to no own file; <see cref="CoffreError.BadRequest"/>.</exception>
    public async Task<int> ChangeFilesAsync(IReadOnlyCollection<string> links, FileChange change, CancellationToken cancellationToken = default)
    {
        MustHaveOne(links);
        ArgumentNullException.ThrowIfNull(change);
        if (change.Password is { Length: > 0 and < FileChange.ShortestPassword })
        {
            throw new ArgumentException($"A password has at least {FileChange.ShortestPassword} characters.", nameof(change));
        }

        try
        {
            var answer = await _caller.CallAsync(
                V1Paths.FileChattr, change.ToRequest(links), V1Json.Default.FileChattrRequest, V1Json.Default.FileChattrAnswer,
                repeatable: true, cancellationToken).ConfigureAwait(false);
            return answer.Updated;
        }
        catch (CoffreException trouble) when (trouble.Error == CoffreError.Conflict)
        {
            // Without a new name only one conflict is possible: nothing differs.
            return 0;
        }
    }

    /// <summary>Gives own files new links, and ends the old ones for good: each is copied within its folder, then the old one removed.</summary>
    /// <param name="links">1 or more public links of files of one folder.</param>
    /// <param name="folderId">The folder that holds them; 0 is the root.</param>
    /// <param name="cancellationToken">Cancels before anything is removed.</param>
    /// <returns>New link by old link. What is not in it keeps its old link.</returns>
    /// <remarks>No byte is moved, but for a moment both count. The new file arrives now, without description, password and rules.</remarks>
    public async Task<IReadOnlyDictionary<string, string>> ReplaceLinksAsync(IReadOnlyCollection<string> links, long folderId, CancellationToken cancellationToken = default)
    {
        MustHaveOne(links);
        var request = new FileCpRequest { Urls = [.. links], FolderId = folderId };
        var answer = await _caller.CallAsync(
            V1Paths.FileCp, request, V1Json.Default.FileCpRequest, V1Json.Default.FileCpAnswer,
            repeatable: false, cancellationToken).ConfigureAwait(false);

        // Only what is known to have a copy goes.
        Dictionary<string, string> replaced = new(StringComparer.Ordinal);
        foreach (var copy in answer.Urls ?? [])
        {
            if (Protocol.LinkId.TryFind(copy.FromUrl, out var from) && Protocol.LinkId.TryFind(copy.ToUrl, out var to) && from != to
                && links.FirstOrDefault(link => Protocol.LinkId.TryFind(link, out var id) && id == from) is { } old)
            {
                replaced[old] = copy.ToUrl;
            }
        }

        if (replaced.Count > 0)
        {
            await DeleteFilesAsync([.. replaced.Keys], CancellationToken.None).ConfigureAwait(false);
        }

        return replaced;
    }

    private static void MustHaveOne(IReadOnlyCollection<string> links)
    {
        ArgumentNullException.ThrowIfNull(links);
        if (links.Count == 0 || links.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("One link at least is needed, and none may be empty.", nameof(links));
        }
    }

    private static void MustBeOneToRename(IReadOnlyCollection<string> links, string? newName)
    {
        if (newName is not null && links.Count != 1)
        {
            throw new ArgumentException("A new name goes with exactly one link.", nameof(newName));
        }
    }
}
