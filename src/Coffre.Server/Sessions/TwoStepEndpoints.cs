using Coffre.Protocol.Api;
using Coffre.Server.Api;
using Coffre.Server.Door;

namespace Coffre.Server.Sessions;

/// <summary><c>/api/account/two-step</c>: a code beside the password. See docs/protocol/api.md.</summary>
internal sealed class TwoStepEndpoints(ApiDoor door, TwoStepDesk desk, PublicAddress address) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, new ApiRoute("POST", ApiPaths.TwoStep, "Makes the secret for an authenticator app; it counts once a code of it was sent.")
        {
            Name = "beginTwoStep",
            Right = ApiRight.FreshSession,
        }, async call => (await desk.BeginAsync(call.Caller, call.Cancelled)).Map(secret => new TwoStepSecretAnswer
        {
            Secret = Totp.ToText(secret),
            Uri = Totp.ToUri(secret, call.Caller.Email, "Coffre " + address.Authority(call.Http.Request)),
        }));
        door.Map<TwoStepCodeRequest, RecoveryCodesAnswer>(routes, new ApiRoute("POST", ApiPaths.EnableTwoStep, "Turns sign-in in two steps on; other sessions end.")
        {
            Name = "enableTwoStep",
            Right = ApiRight.FreshSession,
        }, async call => (await desk.EnableAsync(call.Caller, call.Request.Code, call.Actor, call.Cancelled)).Map(ToAnswer));
        door.Map(routes, new ApiRoute("POST", ApiPaths.RecoveryCodes, "Makes new recovery codes; the old ones are worth nothing any more, and other sessions end.")
        {
            Name = "renewRecoveryCodes",
            Right = ApiRight.FreshSession,
        }, async call => (await desk.RenewCodesAsync(call.Caller, call.Actor, call.Cancelled)).Map(ToAnswer));
        door.Map(routes, new ApiRoute("DELETE", ApiPaths.TwoStep, "Turns sign-in in two steps off; other sessions end.")
        {
            Name = "disableTwoStep",
            Right = ApiRight.FreshSession,
        }, async call => (await desk.DisableAsync(call.Caller, call.Actor, call.Cancelled)).Map(_ => new RecoveryCodesAnswer()));
    }

    private static RecoveryCodesAnswer ToAnswer(IReadOnlyList<string> codes) => new() { RecoveryCodes = codes };
}
