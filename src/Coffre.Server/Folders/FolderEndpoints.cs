using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Limits;
using Coffre.Server.Sharing;

namespace Coffre.Server.Folders;

/// <summary><c>folder/ls.cgi</c>, <c>mkdir.cgi</c>, <c>mv.cgi</c>, <c>rm.cgi</c>. See docs/protocol/folders.md.</summary>
internal sealed class FolderEndpoints(V1Door door, FolderViewer viewer, FolderDesk desk, FolderMover mover, FloodGate floods, FileListing listing, PublicAddress address) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, V1Paths.FolderLs, KeyScopes.Read, V1Json.Default.FolderLsRequest, V1Json.Default.FolderLsAnswer, ListAsync);
        door.Map(routes, V1Paths.FolderMkdir, KeyScopes.Write, V1Json.Default.FolderMkdirRequest, V1Json.Default.FolderMkdirAnswer, MakeAsync);
        door.Map(routes, V1Paths.FolderMv, KeyScopes.Write, V1Json.Default.FolderMvRequest, V1Json.Default.FolderMvAnswer, MoveAsync);
        door.Map(routes, V1Paths.FolderRm, KeyScopes.Delete, V1Json.Default.FolderRmRequest, V1Json.Default.V1Answer, RemoveAsync);
    }

    private async ValueTask<Outcome<FolderLsAnswer>> ListAsync(V1Call<FolderLsRequest> call)
    {
        var request = call.Request;
        var found = await viewer.ViewAsync(call.Caller.Reach, request.FolderId ?? Folder.RootId, request.SharingUser, call.Cancelled);
        if (found.IsFault)
        {
            return found.Fault;
        }

        var view = found.Value;
        if (await floods.AdmitListingAsync(call.Http, call.Caller, view.Place.AccountId, view.Place.FolderId) is { } refusal)
        {
            return refusal;
        }

        var items = request.Files == 1 ? await listing.CollectAsync(call.Http.Request, view.Place, call.Cancelled) : null;
        return ToAnswer(call.Http.Request, view) with { Items = items };
    }

    private FolderLsAnswer ToAnswer(HttpRequest request, FolderView view)
    {
        var (self, grant) = (view.Self, view.Place.Grant);
        var isOwn = grant == Grant.Owner;
        return new FolderLsAnswer
        {
            Status = V1Answer.Ok,
            FolderId = self.Id,
            Name = self.Name,
            CreateDate = ParisTime.Format(self.CreatedAt),
            Shared = isOwn && self.ShareLink is { } link ? address.FolderLink(request, link) : null,
            Pass = Flag(self.SharePassword is not null),
            Shares = view.Members.Count > 0 ? [.. view.Members.Select(ToMember)] : null,
            User = isOwn ? null : view.OwnerEmail,
            MayWrite = isOwn ? null : Flag(grant == Grant.Write),
            HideLinks = isOwn ? null : Flag(view.Place.HidesLinks),
            Files = view.Files,
            Size = view.Bytes,
            SubFolders = [.. view.SubFolders.Select(ToItem)],
            SharedWithMe = view.SharedWithCaller.Count > 0 ? [.. view.SharedWithCaller.Select(ToShared)] : null,
        };
    }

    private static int Flag(bool isSet) => isSet ? 1 : 0;

    private static FolderItem ToItem(Folder folder) => new()
    {
        Id = folder.Id,
        Name = folder.Name,
        Pass = Flag(folder.SharePassword is not null),
        CreateDate = ParisTime.Format(folder.CreatedAt),
    };

    private static FolderMember ToMember(GroupMember member) => new()
    {
        Email = member.Email,
        MayWrite = Flag(member.MayWrite),
        HideLinks = Flag(member.HidesLinks),
    };

    private static SharedFolderItem ToShared((Folder Folder, GroupShare Share) shared) => new()
    {
        Id = shared.Folder.Id,
        Name = shared.Folder.Name,
        Email = shared.Share.OwnerEmail,
        MayWrite = Flag(shared.Share.Member.MayWrite),
        HideLinks = Flag(shared.Share.Member.HidesLinks),
    };

    private async ValueTask<Outcome<FolderMkdirAnswer>> MakeAsync(V1Call<FolderMkdirRequest> call)
    {
        var made = await desk.MakeAsync(
            call.Caller.Reach, call.Request.FolderId ?? Folder.RootId, call.Request.SharingUser, call.Request.Name, call.Cancelled);
        if (made.IsFault)
        {
            return made.Fault;
        }

        return new FolderMkdirAnswer
        {
            Status = V1Answer.Ok,
            FolderId = made.Value.Folder.Id,
            Name = made.Value.Folder.Name,
            Message = made.Value.Made ? null : "The folder was there already",
        };
    }

    private async ValueTask<Outcome<FolderMvAnswer>> MoveAsync(V1Call<FolderMvRequest> call)
    {
        if (call.Request.FolderId is not { } id)
        {
            return new Fault(KoCode.MissingParameter, "folder_id");
        }

        // rclone leaves the destination out when it is the root, but always sends destination_user.
        var destination = call.Request.DestinationFolderId ?? (call.Request.DestinationUser is null ? null : Folder.RootId);
        if (destination is null && call.Request.Rename is null)
        {
            return new Fault(KoCode.MissingParameter, "destination_folder_id or rename");
        }

        var target = destination is { } folderId ? new FolderTarget(folderId, call.Request.DestinationUser) : null;
        var moved = await mover.MoveAsync(call.Caller.Reach, id, target, call.Request.Rename, call.Cancelled);
        return moved.Map(names => new FolderMvAnswer { Status = V1Answer.Ok, OldName = names.OldName, NewName = names.NewName });
    }

    private async ValueTask<Outcome<V1Answer>> RemoveAsync(V1Call<FolderRmRequest> call)
    {
        if (call.Request.FolderId is not { } id)
        {
            return new Fault(KoCode.MissingParameter, "folder_id");
        }

        var removed = await desk.RemoveAsync(call.Caller.Reach, id, call.Cancelled);
        return removed.Map(_ => new V1Answer { Status = V1Answer.Ok });
    }
}
