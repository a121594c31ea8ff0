using Coffre.Client.Budget;
using Coffre.Protocol.V1;

namespace Coffre.Client.Index;

/// <summary>Brings the files of the index up to date with one listing of the whole account, where that is cheaper than one for each folder.</summary>
/// <remarks>
/// That listing tells all files, and not where they lie. What is known lies where it was; each new file is asked after. So it does not show
/// what others moved, nor which folders they made, renamed or removed.
/// </remarks>
internal sealed class AccountRefresh(CoffreClient client, IndexStore store)
{
    // As many as the service lists at most: a longer list is cut, and what is missing in it tells nothing.
    private const int MostListed = 5000;

    // Below, listing each is as quick, and tells more.
    private const int FewestFolders = 10;

    // A service may list late what came just now.
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(10);

    /// <summary>Whether it was right to do it so, and was done. If not, nothing was changed.</summary>
    /// <param name="folders">How many folders would have to be listed else.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<bool> TryAsync(int folders, CancellationToken cancellationToken)
    {
        var known = store.Read(session => IndexQueries.FindFiles(session, new IndexSearch(), FolderRange.All, MostListed));
        if (folders < FewestFolders || known.Count >= MostListed || !await client.IsFreeAsync(new BudgetAsk(V1Paths.FileLs, -1), cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        var asked = client.Time.GetUtcNow();
        var listed = await client.ListFilesAsync(-1, cancellationToken).ConfigureAwait(false);
        var there = listed.GroupBy(file => file.Link, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        var links = known.Select(file => file.File.Link).ToHashSet(StringComparer.Ordinal);
        var strangers = there.Values.Where(file => !links.Contains(file.Link)).ToArray();
        if (listed.Count >= MostListed || strangers.Length >= folders || await LocateAsync(strangers, cancellationToken).ConfigureAwait(false) is not { } located)
        {
            return false;
        }

        store.Write(session =>
        {
            foreach (var (folderId, file) in known)
            {
                var now = there.GetValueOrDefault(file.Link);
                if (now != file && (now is not null || !(file.Arrived > asked - Late)))
                {
                    IndexTable.RemoveFile(session, folderId, file.Link);
                    IndexTable.AddFiles(session, folderId, now is null ? [] : [now]);
                }
            }

            foreach (var (folderId, file) in located)
            {
                IndexTable.AddFiles(session, folderId, [file]);
            }
        });
        return true;
    }

    /// <summary>Where the files lie; null if one lies in a folder that the index does not know.</summary>
    private async Task<List<IndexedFile>?> LocateAsync(RemoteFile[] strangers, CancellationToken cancellationToken)
    {
        var folders = store.Read(session => IndexTable.ListBelow(session, RemoteFolder.RootId)).Select(folder => folder.Id).ToHashSet();
        List<IndexedFile> located = [];
        foreach (var file in strangers)
        {
            var details = await client.GetFileAsync(file.Link, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (details.FolderId is not { } folderId || !folders.Contains(folderId))
            {
                return null;
            }

            located.Add(new IndexedFile(folderId, file));
        }

        return located;
    }
}
