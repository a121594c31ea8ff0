using System.Net;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;

namespace Coffre.Server.Sharing;

/// <summary>Shares folders: with everybody who has the address (and the password) of a public page, or with other accounts.</summary>
internal sealed class ShareDesk(CatalogStore catalog, PlaceFinder places, ShareTable shares, GroupTable groups, FolderTable folders, FileTable files, AccountTable accounts, LinkGuesses guesses)
{
    private const int MinPassword = 6;

    /// <summary>The page's id after the change; null if the folder has none now.</summary>
    public async ValueTask<Outcome<string?>> ChangeAsync(Reach reach, FolderShareRequest request, CancellationToken cancellationToken)
    {
        if (FaultOf(request) is { } fault)
        {
            return fault;
        }

        var members = GroupWish.Read(request.Shares);
        if (members.IsFault)
        {
            return members.Fault;
        }

        var digest = request.Pass is { Length: > 0 } password ? LinkPassword.Digest(password) : null;
        return await catalog.WriteAsync<Outcome<string?>>(
            session =>
            {
                var place = places.Find(session, reach, request.FolderId!.Value);
                if (place.IsFault || place.Value.Grant != Grant.Owner)
                {
                    return new Fault(KoCode.NoSuchFolder);
                }

                var accountId = reach.AccountId;
                var folder = place.Value.FolderId == Folder.RootId
                    ? new Folder(Folder.RootId, Folder.RootId, "", default)
                    : folders.Find(session, accountId, place.Value.FolderId)!;

                if (members.Value is { } wish && SetMembers(session, accountId, folder, wish) is { } trouble)
                {
                    return trouble;
                }

                var page = SetPage(session, accountId, folder, request, digest);
                if (!page.IsFault)
                {
                    accounts.AddChange(session, accountId, new Change("folder.shared", FolderId: folder.Id, Name: folder.Name));
                }

                return page;
            },
            cancellationToken);
    }

    private Outcome<string?> SetPage(CatalogSession session, long accountId, Folder folder, FolderShareRequest request, string? digest)
    {
        var isShared = request.Share is { } share ? share == 1 : folder.ShareLink is not null;
        if (!isShared)
        {
            shares.Withdraw(session, accountId, folder);
            return (string?)null;
        }

        if (folder.Id == Folder.RootId)
        {
            return new Fault(KoCode.NotAllowed, "the root has no public page");
        }

        var link = shares.Publish(session, accountId, folder);
        if (request.Pass is not null)
        {
            shares.SetPassword(session, accountId, folder.Id, digest);
        }

        return link;
    }

    /// <summary>The list that is sent takes the place of the one that was there.</summary>
    private Fault? SetMembers(CatalogSession session, long ownerId, Folder folder, IReadOnlyList<GroupWish> wish)
    {
        groups.Clear(session, ownerId, folder.Id);
        foreach (var (email, mayWrite, hidesLinks) in wish)
        {
            if (accounts.FindByEmail(session, email) is not { } member || member.Email == Account.GuestEmail)
            {
                return new Fault(KoCode.BadParameter, $"no account here has the e-mail address '{email}'");
            }

            if (member.Id == ownerId)
            {
                return new Fault(KoCode.BadParameter, "the folder is yours already");
            }

            groups.Add(session, ownerId, folder.Id, new GroupMember(member.Id, member.Email, mayWrite, hidesLinks));
        }

        return null;
    }

    /// <summary>What a public page shows: the folder's own files.</summary>
    public async ValueTask<Outcome<(Folder Folder, IReadOnlyList<FileRow> Files)>> OpenAsync(
        string link, string? password, IPAddress? address, CancellationToken cancellationToken)
    {
        var found = await catalog.ReadAsync(
            session => LinkId.IsWellFormed(link) && shares.Find(session, link) is { } place && !accounts.IsSuspended(session, place.AccountId)
                ? (place, folder: folders.Find(session, place.AccountId, place.FolderId))
                : (null, null),
            cancellationToken);
        if (found is not ({ } place, { } folder))
        {
            return new Fault(KoCode.NotFound);
        }

        if (folder.SharePassword is { } digest && guesses.Judge(address, link, password, digest) is { } fault)
        {
            return fault;
        }

        var list = await catalog.ReadAsync<IReadOnlyList<FileRow>>(
            session => [.. files.List(session, place.AccountId, place.FolderId, new ArrivalWindow())], cancellationToken);
        return (folder, list);
    }

    private static Fault? FaultOf(FolderShareRequest request)
    {
        if (request.FolderId is null)
        {
            return new Fault(KoCode.MissingParameter, "folder_id");
        }

        if (request.Share is not (null or 0 or 1))
        {
            return new Fault(KoCode.BadParameter, "share is 0 or 1");
        }

        if (request.Pass is { Length: > 0 and < MinPassword } or { Length: > LinkPassword.MaxLength })
        {
            return new Fault(KoCode.BadParameter, $"pass has {MinPassword} to {LinkPassword.MaxLength} characters, or none");
        }

        return null;
    }
}
