using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Api;
using Coffre.Server.Door;

namespace Coffre.Server.Sessions;

/// <summary><c>/api/sessions</c>: signing in and out. See docs/protocol/api.md.</summary>
internal sealed class SessionEndpoints(ApiDoor door, SessionDesk desk, SessionTable table, TimeProvider clock) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map<SignInRequest, SignInAnswer>(routes, new ApiRoute("POST", ApiPaths.Sessions, "Signs in with e-mail address and password.")
        {
            Name = "signIn",
            Right = ApiRight.Anyone,
            Success = StatusCodes.Status201Created,
            Description = "Of an account with sign-in in two steps the answer holds a challenge in the place of a session; it has no rights.",
        }, async call => (await desk.SignInAsync(call.Request.Email, call.Request.Password, Origin.Of(call.Http, clock), call.Cancelled)).Map(ToAnswer));
        door.Map<SignInCodeRequest, SignInAnswer>(routes, new ApiRoute("POST", ApiPaths.SignInCode, "The second step of signing in.")
        {
            Name = "answerChallenge",
            Right = ApiRight.Anyone,
            Success = StatusCodes.Status201Created,
        }, async call => (await desk.AnswerAsync(call.Request.Challenge, call.Request.Code, Origin.Of(call.Http, clock), call.Cancelled)).Map(ToAnswer));
        door.Map(routes, new ApiRoute("GET", ApiPaths.Sessions, "The account's sessions, the newest first.") { Name = "listSessions", IsListing = true }, ListAsync);
        door.Map(routes, new ApiRoute("GET", ApiPaths.CurrentSession, "The session that asks.") { Name = "showCurrentSession", Right = ApiRight.Session }, async call =>
            (await desk.FindAsync(call.Caller.AccountId, call.Caller.SessionId, call.Cancelled)).Map(row => ToView(row, call)));
        door.Map<ConfirmRequest, SessionView>(routes, new ApiRoute("POST", ApiPaths.ConfirmSession, "The password once more: for five minutes the session is fresh.")
        {
            Name = "confirmSession",
            Right = ApiRight.Session,
        }, async call => (await desk.ConfirmAsync(call.Caller, call.Request.Password, call.Request.Code, Origin.Of(call.Http, clock), call.Cancelled)).Map(row => ToView(row, call)));
        door.Map(routes, new ApiRoute("DELETE", ApiPaths.CurrentSession, "Signs out.") { Name = "signOut", Right = ApiRight.Session }, call =>
            EndAsync(call, call.Caller.SessionId));
        door.Map(routes, new ApiRoute("DELETE", ApiPaths.SessionById, "Ends a session.") { Name = "endSession" }, async call =>
            call.Id is { IsFault: false } id ? await EndAsync(call, id.Value) : call.Id.Fault!);
        door.Map(routes, new ApiRoute("POST", ApiPaths.EndOtherSessions, "Ends all sessions but the one that asks.") { Name = "endOtherSessions" }, async call =>
            (await desk.EndOthersAsync(call.Caller, call.Actor, call.Cancelled)).Map(ToAnswer));
    }

    private async ValueTask<Outcome<Listing<SessionView>>> ListAsync(ApiCall call)
    {
        var page = call.Page;
        if (page.IsFault)
        {
            return page.Fault;
        }

        var found = await desk.ListAsync(call.Caller.AccountId, page.Value.Cursor, page.Value.Limit + 1, call.Cancelled);
        return page.Value.Cut(found, row => row.Id, row => ToView(row, call));
    }

    private async ValueTask<Outcome<EndedSessionsAnswer>> EndAsync(ApiCall call, long id) =>
        (await desk.EndAsync(call.Caller.AccountId, id, call.Actor, call.Cancelled)).Map(ToAnswer);

    private static EndedSessionsAnswer ToAnswer(int ended) => new() { Ended = ended };

    private SignInAnswer ToAnswer(SignInResult result) => new()
    {
        Session = result.Session is { } issued ? ToView(issued.Row, call: null) : null,
        Token = result.Session?.Token,
        Challenge = result.Challenge is { } challenge ? new ChallengeView { Challenge = challenge.Token, ExpiresAt = challenge.EndsAt } : null,
    };

    /// <param name="row">The session.</param>
    /// <param name="call">Who asks; null: the session itself, which was just started.</param>
    private SessionView ToView(SessionRow row, ApiCall? call) => new()
    {
        Id = row.Id,
        IsCurrent = call is null || call.Caller.SessionId == row.Id,
        CreatedAt = row.CreatedAt,
        ExpiresAt = table.EndOf(row),
        FreshUntil = row.FreshUntil > clock.GetUtcNow() ? row.FreshUntil : null,
        LastUsed = new KeyUseView { At = row.LastUse.At, Network = row.LastUse.Network, Client = row.LastUse.Client },
    };
}
