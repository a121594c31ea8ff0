using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Audit;
using Coffre.Server.Door;
using Coffre.Server.Folders;

namespace Coffre.Server.Ftp;

/// <summary><c>ftp/process.cgi</c>, <c>ftp/users/ls.cgi</c>, <c>add.cgi</c>, <c>rm.cgi</c>. See docs/protocol/ftp.md.</summary>
internal sealed class FtpEndpoints(V1Door door, FtpUserDesk users, DropDesk drops) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, V1Paths.FtpProcess, KeyScopes.Account, V1Json.Default.EmptyRequest, V1Json.Default.FtpProcessAnswer, ProcessAsync);
        door.Map(routes, V1Paths.FtpUsersLs, KeyScopes.Account, V1Json.Default.EmptyRequest, V1Json.Default.FtpUsersLsAnswer, ListAsync);
        door.Map(routes, V1Paths.FtpUsersAdd, KeyScopes.Account, V1Json.Default.FtpUsersAddRequest, V1Json.Default.V1Answer, AddAsync);
        door.Map(routes, V1Paths.FtpUsersRm, KeyScopes.Account, V1Json.Default.FtpUsersRmRequest, V1Json.Default.V1Answer, RemoveAsync);
    }

    private async ValueTask<Outcome<FtpProcessAnswer>> ProcessAsync(V1Call<EmptyRequest> call)
    {
        if (users.OffFault is { } off)
        {
            return off;
        }

        var processed = await drops.ProcessAsync(call.Caller.AccountId, call.Cancelled);
        return new FtpProcessAnswer { Status = V1Answer.Ok, Processed = processed, Message = $"{processed} files were processed" };
    }

    private async ValueTask<Outcome<FtpUsersLsAnswer>> ListAsync(V1Call<EmptyRequest> call)
    {
        if (users.OffFault is { } off)
        {
            return off;
        }

        var found = await users.ListAsync(call.Caller.AccountId, call.Cancelled);
        return new FtpUsersLsAnswer
        {
            Status = V1Answer.Ok,
            Data = [.. found.Select(user => new FtpUserItem { User = user.Name, FolderId = user.FolderId })],
        };
    }

    private async ValueTask<Outcome<V1Answer>> AddAsync(V1Call<FtpUsersAddRequest> call)
    {
        if (users.OffFault is { } off)
        {
            return off;
        }

        var added = await users.AddAsync(
            call.Caller.AccountId, call.Request.User, call.Request.Pass, call.Request.FolderId ?? Folder.RootId, Actor.Of(call.Http, call.Caller), call.Cancelled);
        return added.Map(_ => new V1Answer { Status = V1Answer.Ok });
    }

    private async ValueTask<Outcome<V1Answer>> RemoveAsync(V1Call<FtpUsersRmRequest> call)
    {
        if (users.OffFault is { } off)
        {
            return off;
        }

        var removed = await users.RemoveAsync(call.Caller.AccountId, call.Request.User, Actor.Of(call.Http, call.Caller), call.Cancelled);
        return removed.Map(_ => new V1Answer { Status = V1Answer.Ok });
    }
}
