using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Sharing;

namespace Coffre.Server.Folders;

/// <summary>Puts together what a listing says of a folder, the caller's own or one that another shares with it.</summary>
internal sealed class FolderViewer(
    CatalogStore catalog, PlaceFinder places, FolderTable folders, GroupTable groups, FileTable files, AccountTable accounts)
{
    public ValueTask<Outcome<Place>> FindAsync(Reach reach, long id, string? sharingUser, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => places.Find(session, reach, id, sharingUser), cancellationToken);

    public ValueTask<Outcome<FolderView>> ViewAsync(Reach reach, long id, string? sharingUser, CancellationToken cancellationToken) =>
        catalog.ReadAsync<Outcome<FolderView>>(
            session =>
            {
                var place = places.Find(session, reach, id, sharingUser);
                return place.IsFault ? place.Fault : View(session, reach.AccountId, place.Value);
            },
            cancellationToken);

    private FolderView View(CatalogSession session, long callerId, Place place)
    {
        var owner = accounts.Find(session, place.AccountId)!;
        var self = place.FolderId == Folder.RootId
            ? new Folder(Folder.RootId, Folder.RootId, "", owner.CreatedAt)
            : folders.Find(session, place.AccountId, place.FolderId)!;
        if (place.IsDoorway)
        {
            var open = places.ListShared(session, groups.ListBetween(session, place.AccountId, callerId));
            return new FolderView(self, place, owner.Email, [.. open.Select(pair => pair.Folder).OrderBy(folder => folder.Name, StringComparer.Ordinal)]);
        }

        var (count, bytes) = files.Count(session, place.AccountId, place.FolderId);
        var isOwn = place.Grant == Grant.Owner;
        return new FolderView(self, place, owner.Email, [.. folders.List(session, place.AccountId, place.FolderId)])
        {
            Files = count,
            Bytes = bytes,
            Members = isOwn ? [.. groups.ListOf(session, place.AccountId, place.FolderId).Select(share => share.Member)] : [],
            SharedWithCaller = isOwn && place.FolderId == Folder.RootId ? places.ListShared(session, groups.ListFor(session, callerId)) : [],
        };
    }
}
