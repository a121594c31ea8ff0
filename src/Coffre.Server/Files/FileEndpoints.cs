using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Door;
using Coffre.Server.Folders;
using Coffre.Server.Limits;

namespace Coffre.Server.Files;

/// <summary><c>file/ls.cgi</c>, <c>info.cgi</c>, <c>rm.cgi</c>, <c>mv.cgi</c>, <c>rename.cgi</c>, <c>cp.cgi</c>, <c>chattr.cgi</c>. See docs/protocol/files.md.</summary>
internal sealed class FileEndpoints(V1Door door, FileDesk desk, CopyDesk copies, AttributeDesk attributes, FolderViewer folders, FloodGate floods, FileListing listing, PublicAddress address) : IEndpoints
{
    private const long WholeAccount = FileQuery.WholeAccount;

    public void Map(IEndpointRouteBuilder routes)
    {
        door.MapStream(routes, V1Paths.FileLs, KeyScopes.Read, V1Json.Default.FileLsRequest, ListAsync);
        door.Map(routes, V1Paths.FileInfo, KeyScopes.Read, V1Json.Default.FileInfoRequest, V1Json.Default.FileInfoAnswer, InfoAsync);
        door.Map(routes, V1Paths.FileRm, KeyScopes.Delete, V1Json.Default.FileRmRequest, V1Json.Default.FileRmAnswer, RemoveAsync);
        door.Map(routes, V1Paths.FileMv, KeyScopes.Write, V1Json.Default.FileMvRequest, V1Json.Default.FileMvAnswer, MoveAsync);
        door.Map(routes, V1Paths.FileRename, KeyScopes.Write, V1Json.Default.FileRenameRequest, V1Json.Default.FileRenameAnswer, RenameAsync);
        door.Map(routes, V1Paths.FileCp, KeyScopes.Write, V1Json.Default.FileCpRequest, V1Json.Default.FileCpAnswer, CopyAsync);
        door.Map(routes, V1Paths.FileChattr, KeyScopes.Write, V1Json.Default.FileChattrRequest, V1Json.Default.FileChattrAnswer, ChangeAsync);
    }

    private async ValueTask<Outcome<Func<Task>>> ListAsync(V1Call<FileLsRequest> call)
    {
        var request = call.Request;
        DateTimeOffset after = default, before = default;
        if (request.SentAfter is { Length: > 0 } && !ParisTime.TryParse(request.SentAfter, out after))
        {
            return new Fault(KoCode.BadParameter, "sent_after is YYYY-MM-DD HH:MM:SS");
        }

        if (request.SentBefore is { Length: > 0 } && !ParisTime.TryParse(request.SentBefore, out before))
        {
            return new Fault(KoCode.BadParameter, "sent_before is YYYY-MM-DD HH:MM:SS");
        }

        var folderId = request.FolderId ?? Folder.RootId;
        if (folderId == WholeAccount && call.Caller.Reach.IsFenced)
        {
            return new Fault(KoCode.NotAllowed, "this key reaches one folder only; list that, and those below it");
        }

        var place = folderId == WholeAccount
            ? new Place(call.Caller.AccountId, WholeAccount, Grant.Owner)
            : await folders.FindAsync(call.Caller.Reach, folderId, request.SharingUser, call.Cancelled);
        if (place.IsFault)
        {
            return place.Fault;
        }

        if (await floods.AdmitListingAsync(call.Http, call.Caller, place.Value.AccountId, folderId) is { } refusal)
        {
            return refusal;
        }

        var query = new FileQuery(
            place.Value,
            new ArrivalWindow(
                request.SentAfter is { Length: > 0 } ? after : null,
                request.SentBefore is { Length: > 0 } ? before : null),
            request.Pretty == 1);
        return (Func<Task>)(() => listing.WriteAsync(call.Http, query));
    }

    private async ValueTask<Outcome<FileInfoAnswer>> InfoAsync(V1Call<FileInfoRequest> call)
    {
        var found = await desk.InfoAsync(AddressOf(call.Request), call.Asker, call.Cancelled);
        if (found.IsFault)
        {
            return found.Fault;
        }

        var ((file, grant), path) = found.Value;
        var isOwn = grant == Grant.Owner;
        return new FileInfoAnswer
        {
            Url = grant == Grant.ReadHidden ? "" : address.Link(call.Http.Request, file.PublicLink),
            FileName = file.Name,
            Size = file.Length,
            Date = ParisTime.Format(file.CreatedAt),
            Checksum = file.ChecksumText,
            ContentType = ContentTypes.Of(file.Name),
            Description = file.Description,
            Pass = file.Password is null ? 0 : 1,
            Inline = file.Inline ? 1 : 0,
            Cdn = file.Cdn ? 1 : 0,
            FolderId = grant is null ? null : file.FolderId,
            Path = path,
            NoSsl = isOwn ? file.NoSsl ? 1 : 0 : null,
            Acl = isOwn ? file.Rules?.ToElement() : Flag(file.Rules is not null),
        };
    }

    private static JsonElement Flag(bool isSet) => JsonSerializer.SerializeToElement(isSet ? 1 : 0, V1Json.Default.Int32);

    private async ValueTask<Outcome<FileRmAnswer>> RemoveAsync(V1Call<FileRmRequest> call)
    {
        var removed = await desk.RemoveAsync(call.Caller, [.. (call.Request.Files ?? []).Select(item => (item?.Url, item?.Code))], call.Cancelled);
        return removed.Map(files => new FileRmAnswer
        {
            Status = V1Answer.Ok,
            Removed = files.Count,
            Urls = [.. files.Select(file => address.Link(call.Http.Request, file.PublicLink))],
        });
    }

    private async ValueTask<Outcome<FileMvAnswer>> MoveAsync(V1Call<FileMvRequest> call)
    {
        if (call.Request.DestinationFolderId is not { } destination)
        {
            return new Fault(KoCode.MissingParameter, "destination_folder_id");
        }

        var target = new MoveTarget(destination, call.Request.DestinationUser, NullIfEmpty(call.Request.Rename));
        var moved = await desk.MoveAsync(call.Caller, call.Request.Urls ?? [], target, call.Cancelled);
        return moved.Map(files => new FileMvAnswer
        {
            Status = V1Answer.Ok,
            Moved = files.Count,
            Urls = [.. files.Select(file => address.Link(call.Http.Request, file.PublicLink))],
            FileName = target.Rename,
        });
    }

    private async ValueTask<Outcome<FileRenameAnswer>> RenameAsync(V1Call<FileRenameRequest> call)
    {
        var renamed = await desk.RenameAsync(
            call.Caller, [.. (call.Request.Urls ?? []).Select(item => (item?.Url, item?.FileName))], call.Cancelled);
        return renamed.Map(items => new FileRenameAnswer
        {
            Status = V1Answer.Ok,
            Renamed = items.Count,
            Urls = [.. items.Select(item => new FileRenamed
            {
                Url = address.Link(call.Http.Request, item.File.PublicLink),
                OldFileName = item.File.Name,
                NewFileName = item.NewName,
            })],
        });
    }

    private async ValueTask<Outcome<FileCpAnswer>> CopyAsync(V1Call<FileCpRequest> call)
    {
        var target = new CopyTarget(
            call.Request.FolderId ?? call.Request.DestinationFolderId ?? Folder.RootId, call.Request.SharingUser,
            NullIfEmpty(call.Request.Rename), call.Request.Pass);
        var copied = await copies.CopyAsync(call.Asker, call.Request.Urls ?? [], target, call.Cancelled);
        return copied.Map(pairs => new FileCpAnswer
        {
            Status = V1Answer.Ok,
            Copied = pairs.Count,
            Urls = [.. pairs.Select(pair => new FileCopied
            {
                FromUrl = address.Link(call.Http.Request, pair.From.PublicLink),
                ToUrl = address.Link(call.Http.Request, pair.To.PublicLink),
            })],
            FileName = target.Rename,
        });
    }

    private async ValueTask<Outcome<FileChattrAnswer>> ChangeAsync(V1Call<FileChattrRequest> call)
    {
        var request = call.Request;
        var changed = await attributes.ChangeAsync(
            call.Caller,
            new AttributeChange(
                request.Urls ?? [], NullIfEmpty(request.FileName), request.Description, request.Pass,
                request.NoSsl, request.Inline, request.Cdn, request.Acl),
            call.Cancelled);
        return changed.Map(files => new FileChattrAnswer
        {
            Status = V1Answer.Ok,
            Updated = files.Count,
            Urls = [.. files.Select(file => address.Link(call.Http.Request, file.PublicLink))],
        });
    }

    internal static FileAddress AddressOf(FileAddressRequest request) =>
        new(NullIfEmpty(request.Url), request.FolderId, request.FileName, request.Pass, request.SharingUser);

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
