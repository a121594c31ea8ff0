using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;

namespace Coffre.Server.Sharing;

/// <summary>Gives folders public pages, and opens them for whoever has the address and the password.</summary>
internal sealed class ShareDesk(CatalogStore catalog, ShareTable shares, FolderTable folders, FileTable files, AccountTable accounts)
{
    private const int MinPassword = 6;

    /// <summary>The page's id after the change; null if the folder has none now.</summary>
    public async ValueTask<Outcome<string?>> ChangeAsync(long accountId, FolderShareRequest request, CancellationToken cancellationToken)
    {
        if (FaultOf(request) is { } fault)
        {
            return fault;
        }

        var digest = request.Pass is { Length: > 0 } password ? LinkPassword.Digest(password) : null;
        return await catalog.WriteAsync<Outcome<string?>>(
            session =>
            {
                if (folders.Find(session, accountId, request.FolderId!.Value) is not { } folder)
                {
                    return request.FolderId == Folder.RootId
                        ? new Fault(KoCode.NotAllowed, "the root has no public page")
                        : new Fault(KoCode.NoSuchFolder);
                }

                var isShared = request.Share is { } share ? share == 1 : folder.ShareLink is not null;
                var link = isShared ? shares.Publish(session, accountId, folder) : null;
                if (!isShared)
                {
                    shares.Withdraw(session, accountId, folder);
                }
                else if (request.Pass is not null)
                {
                    shares.SetPassword(session, accountId, folder.Id, digest);
                }

                accounts.AddChange(session, accountId, new Change("folder.shared", FolderId: folder.Id, Name: folder.Name));
                return link;
            },
            cancellationToken);
    }

    /// <summary>What a public page shows: the folder's own files.</summary>
    public async ValueTask<Outcome<(Folder Folder, IReadOnlyList<FileRow> Files)>> OpenAsync(
        string link, string? password, CancellationToken cancellationToken)
    {
        var found = await catalog.ReadAsync(
            session => LinkId.IsWellFormed(link) && shares.Find(session, link) is { } place
                ? (place, folder: folders.Find(session, place.AccountId, place.FolderId))
                : (null, null),
            cancellationToken);
        if (found is not ({ } place, { } folder))
        {
            return new Fault(KoCode.NotFound);
        }

        if (folder.SharePassword is { } digest)
        {
            if (string.IsNullOrEmpty(password))
            {
                return new Fault(KoCode.PasswordMissing);
            }

            if (!LinkPassword.Fits(password, digest))
            {
                return new Fault(KoCode.PasswordWrong);
            }
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

        return request.Shares is { ValueKind: JsonValueKind.Array } shares && shares.GetArrayLength() > 0
            ? new Fault(KoCode.NotAllowed, "this server has no shares with other accounts yet")
            : null;
    }
}
