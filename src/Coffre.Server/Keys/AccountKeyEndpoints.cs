using Coffre.Protocol.Api;
using Coffre.Server.Api;
using Coffre.Server.Door;

namespace Coffre.Server.Keys;

/// <summary><c>/api/account/key</c>: the one key that an account may see again. See docs/protocol/api.md.</summary>
internal sealed class AccountKeyEndpoints(ApiDoor door, AccountKeyDesk desk, TimeProvider clock) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, new ApiRoute("GET", ApiPaths.AccountKey, "Shows the account's key again, where the operator allows it.")
        {
            Name = "viewAccountKey",
            Right = ApiRight.FreshSession,
            Description = "Each view is in the audit log and told by mail.",
        }, async call => (await desk.ViewAsync(call.Caller.AccountId, call.Actor, call.Cancelled)).Map(ToAnswer));
        door.Map(routes, new ApiRoute("POST", ApiPaths.AccountKey, "Makes the account's key that can be seen again; the one before dies at once.")
        {
            Name = "makeAccountKey",
            Right = ApiRight.FreshSession,
            Success = StatusCodes.Status201Created,
        }, async call => (await desk.MakeAsync(call.Caller.AccountId, call.Actor, call.Caller.Rights, call.Cancelled)).Map(ToAnswer));
    }

    private NewKeyAnswer ToAnswer(IssuedKey issued) => KeyViews.ToAnswer(issued, clock.GetUtcNow());
}
