using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;

namespace Coffre.Server.Folders;

/// <summary><c>folder/ls.cgi</c>, <c>mkdir.cgi</c>, <c>mv.cgi</c>, <c>rm.cgi</c>. See docs/protocol/folders.md.</summary>
internal sealed class FolderEndpoints(V1Door door, FolderDesk desk, FileListing listing, PublicAddress address) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, V1Paths.FolderLs, V1Json.Default.FolderLsRequest, V1Json.Default.FolderLsAnswer, ListAsync);
        door.Map(routes, V1Paths.FolderMkdir, V1Json.Default.FolderMkdirRequest, V1Json.Default.FolderMkdirAnswer, MakeAsync);
        door.Map(routes, V1Paths.FolderMv, V1Json.Default.FolderMvRequest, V1Json.Default.FolderMvAnswer, MoveAsync);
        door.Map(routes, V1Paths.FolderRm, V1Json.Default.FolderRmRequest, V1Json.Default.V1Answer, RemoveAsync);
    }

    private async ValueTask<Outcome<FolderLsAnswer>> ListAsync(V1Call<FolderLsRequest> call)
    {
        var id = call.Request.FolderId ?? Folder.RootId;
        var view = await desk.ViewAsync(call.Caller.AccountId, id, call.Cancelled);
        if (view.IsFault)
        {
            return view.Fault;
        }

        var (self, files, bytes, subFolders) = view.Value;
        return new FolderLsAnswer
        {
            Status = V1Answer.Ok,
            FolderId = self.Id,
            Name = self.Name,
            CreateDate = ParisTime.Format(self.CreatedAt),
            Shared = self.ShareLink is { } link ? address.FolderLink(call.Http.Request, link) : null,
            Pass = self.SharePassword is null ? 0 : 1,
            Files = files,
            Size = bytes,
            SubFolders = [.. subFolders.Select(folder => new FolderItem
            {
                Id = folder.Id,
                Name = folder.Name,
                Pass = folder.SharePassword is null ? 0 : 1,
                CreateDate = ParisTime.Format(folder.CreatedAt),
            })],
            Items = call.Request.Files == 1
                ? await listing.CollectAsync(call.Http.Request, call.Caller.AccountId, id, call.Cancelled)
                : null,
        };
    }

    private async ValueTask<Outcome<FolderMkdirAnswer>> MakeAsync(V1Call<FolderMkdirRequest> call)
    {
        var made = await desk.MakeAsync(call.Caller.AccountId, call.Request.FolderId ?? Folder.RootId, call.Request.Name, call.Cancelled);
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
        var destination = call.Request.DestinationFolderId
            ?? (call.Request.DestinationUser is null ? null : Folder.RootId);
        if (destination is null && call.Request.Rename is null)
        {
            return new Fault(KoCode.MissingParameter, "destination_folder_id or rename");
        }

        var moved = await desk.MoveAsync(call.Caller.AccountId, id, destination, call.Request.Rename, call.Cancelled);
        return moved.IsFault
            ? moved.Fault
            : new FolderMvAnswer { Status = V1Answer.Ok, OldName = moved.Value.OldName, NewName = moved.Value.NewName };
    }

    private async ValueTask<Outcome<V1Answer>> RemoveAsync(V1Call<FolderRmRequest> call)
    {
        if (call.Request.FolderId is not { } id)
        {
            return new Fault(KoCode.MissingParameter, "folder_id");
        }

        var removed = await desk.RemoveAsync(call.Caller.AccountId, id, call.Cancelled);
        return removed.IsFault ? removed.Fault : new V1Answer { Status = V1Answer.Ok };
    }
}
