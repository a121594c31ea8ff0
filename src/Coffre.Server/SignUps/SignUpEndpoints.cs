using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Api;
using Coffre.Server.Door;
using Coffre.Server.Sessions;

namespace Coffre.Server.SignUps;

/// <summary><c>/api/sign-up</c>, <c>/api/invitations</c>: how strangers get an account. See docs/protocol/api.md.</summary>
internal sealed class SignUpEndpoints(ApiDoor door, SignUpDesk desk, InvitationDesk invitations, TimeProvider clock) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, new ApiRoute("GET", ApiPaths.SignUp, "Whether and how strangers get an account.") { Name = "showSignUp", Right = ApiRight.Anyone }, _ =>
            ValueTask.FromResult<Outcome<SignUpView>>(new SignUpView { Mode = desk.Mode, ConfirmsByMail = desk.ConfirmsByMail }));
        door.Map<SignUpRequest, NextAnswer>(routes, new ApiRoute("POST", ApiPaths.SignUp, "Asks for an account.")
        {
            Name = "signUp",
            Right = ApiRight.Anyone,
            Success = StatusCodes.Status202Accepted,
            Description = "The answer is the same whether the address has an account. Where a mail proves the address, the password comes with what it carries.",
        }, async call => (await desk.AskAsync(call.Request.Email, call.Request.Password, call.Request.Invitation, Origin.Of(call.Http, clock), call.Cancelled))
            .Map(mailed => new NextAnswer { Next = mailed ? NextAnswer.Mail : NextAnswer.SignIn }));
        door.Map<LetterPasswordRequest, NextAnswer>(routes, new ApiRoute("POST", ApiPaths.ConfirmSignUp, "Makes the account that a mail was sent for.")
        {
            Name = "confirmSignUp",
            Right = ApiRight.Anyone,
            Success = StatusCodes.Status201Created,
        }, async call => (await desk.ConfirmAsync(call.Request.Token, call.Request.Password, Origin.Of(call.Http, clock), call.Cancelled))
            .Map(_ => new NextAnswer { Next = NextAnswer.SignIn }));
        door.Map<InvitationRequest, NewInvitationAnswer>(routes, new ApiRoute("POST", ApiPaths.Invitations, "Invites somebody to sign up.")
        {
            Name = "invite",
            Scope = KeyScopes.Admin,
            Success = StatusCodes.Status201Created,
        }, async call => (await invitations.MakeAsync(call.Request.Email, call.Request.Days ?? InvitationDesk.DefaultDays, call.Actor, call.Cancelled))
            .Map(issued => new NewInvitationAnswer { Invitation = ToView(issued.Invitation), Secret = issued.Secret }));
        door.Map(routes, new ApiRoute("GET", ApiPaths.Invitations, "The invitations, the newest first.") { Name = "listInvitations", Scope = KeyScopes.Admin, IsListing = true }, ListAsync);
        door.Map(routes, new ApiRoute("DELETE", ApiPaths.InvitationById, "Takes an invitation back.") { Name = "revokeInvitation", Scope = KeyScopes.Admin }, async call =>
            call.Id is { IsFault: false } id ? (await invitations.RevokeAsync(id.Value, call.Actor, call.Cancelled)).Map(ToView) : call.Id.Fault!);
    }

    private async ValueTask<Outcome<Listing<InvitationView>>> ListAsync(ApiCall call)
    {
        var page = call.Page;
        if (page.IsFault)
        {
            return page.Fault;
        }

        var found = await invitations.ListAsync(page.Value.Cursor, page.Value.Limit + 1, call.Cancelled);
        return page.Value.Cut(found, invitation => invitation.Id, ToView);
    }

    private InvitationView ToView(Invitation invitation) => new()
    {
        Id = invitation.Id,
        Email = invitation.Email,
        CreatedAt = invitation.MadeAt,
        ExpiresAt = invitation.EndsAt,
        State = invitation.StateAt(clock.GetUtcNow()).ToString().ToLowerInvariant(),
        UsedBy = invitation.UsedBy,
    };
}
