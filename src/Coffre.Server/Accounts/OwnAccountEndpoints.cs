using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Api;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Sessions;

namespace Coffre.Server.Accounts;

/// <summary><c>/api/account</c> and <c>/api/password</c>: the account that asks, and the way back in. See docs/protocol/api.md.</summary>
internal sealed class OwnAccountEndpoints(
    ApiDoor door, CatalogStore catalog, AccountTable accounts, TwoStepTable twoStep, PasswordDesk passwords, EmailDesk emails, DeletionDesk deletions, TimeProvider clock)
    : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, new ApiRoute("GET", ApiPaths.OwnAccount, "The account that asks.") { Name = "showAccount" }, ShowAsync);
        door.Map<PasswordChangeRequest, NextAnswer>(routes, new ApiRoute("POST", ApiPaths.OwnPassword, "Another password, by the old one. All other sessions end.")
        {
            Name = "changePassword",
            Right = ApiRight.Session,
        }, async call => (await passwords.ChangeAsync(call.Caller, call.Request.OldPassword, call.Request.NewPassword, OriginOf(call), call.Cancelled)).Map(Done));
        door.Map<EmailChangeRequest, NextAnswer>(routes, new ApiRoute("POST", ApiPaths.OwnEmail, "Asks for a mail to a new e-mail address, which confirms it.")
        {
            Name = "changeEmail",
            Right = ApiRight.Session,
            Success = StatusCodes.Status202Accepted,
            Description = "The answer is the same whether the address is somebody else's here. The old address is told of the change.",
        }, async call => (await emails.AskAsync(call.Caller, call.Request.Email, call.Request.Password, OriginOf(call), call.Cancelled)).Map(Mail));
        door.Map<LetterRequest, NextAnswer>(routes, new ApiRoute("POST", ApiPaths.ConfirmEmail, "Confirms a new e-mail address with what the mail to it carried.")
        {
            Name = "confirmEmail",
            Right = ApiRight.Anyone,
        }, async call => (await emails.ConfirmAsync(call.Request.Token, OriginOf(call), call.Cancelled)).Map(Done));
        door.Map(routes, new ApiRoute("GET", ApiPaths.OwnDeletion, "What would go if the account were deleted. Nothing is changed.") { Name = "describeDeletion" }, async call =>
            (await deletions.StateAsync(call.Caller.AccountId, call.Cancelled)).Map(ToView));
        door.Map<DeleteAccountRequest, NextAnswer>(routes, new ApiRoute("DELETE", ApiPaths.OwnAccount, "Deletes the account and all that it holds, for good.")
        {
            Name = "deleteAccount",
            Right = ApiRight.FreshSession,
            Description = "The password is typed once more. Links, keys and sessions are dead at once, the bytes go soon after.",
        }, async call => (await deletions.DeleteOwnAsync(call.Caller, call.Request.Password, OriginOf(call), call.Cancelled)).Map(_ => new NextAnswer()));
        door.Map<PasswordResetRequest, NextAnswer>(routes, new ApiRoute("POST", ApiPaths.ResetPassword, "Asks for a mail that lets set another password.")
        {
            Name = "askPasswordReset",
            Right = ApiRight.Anyone,
            Success = StatusCodes.Status202Accepted,
            Description = "The answer is the same whether there is such an account.",
        }, call => ValueTask.FromResult(passwords.AskReset(call.Request.Email, OriginOf(call)).Map(Mail)));
        door.Map<LetterPasswordRequest, NextAnswer>(routes, new ApiRoute("POST", ApiPaths.NewPassword, "Another password, by what the mail carried. All sessions end.")
        {
            Name = "resetPassword",
            Right = ApiRight.Anyone,
        }, async call => (await passwords.ResetAsync(call.Request.Token, call.Request.Password, OriginOf(call), call.Cancelled)).Map(_ => new NextAnswer { Next = NextAnswer.SignIn }));
    }

    public static DeletionView ToView(DeletionCounts counts) => new()
    {
        Files = counts.Files,
        Bytes = counts.Bytes,
        Folders = counts.Folders,
        Pages = counts.Pages,
        Shares = counts.Shares,
        Keys = counts.Keys,
        Sessions = counts.Sessions,
        FtpUsers = counts.FtpUsers,
        RemoteUploads = counts.RemoteUploads,
        Text = DeletionDesk.Describe(counts),
    };

    private async ValueTask<Outcome<OwnAccountView>> ShowAsync(ApiCall call) =>
        await catalog.ReadAsync<Outcome<OwnAccountView>>(
            session =>
            {
                var account = accounts.Find(session, call.Caller.AccountId)!;
                return new OwnAccountView
                {
                    Id = account.Id,
                    Email = account.Email,
                    Role = RoleName.Of(account.Role),
                    Tier = TierName.Of(account.Subscription.At(clock.GetUtcNow())),
                    TierUntil = account.Subscription.Until,
                    QuotaBytes = account.QuotaBytes,
                    UsedBytes = account.UsedBytes,
                    CreatedAt = account.CreatedAt,
                    HasPassword = account.HasPassword,
                    HasTwoStep = account.HasTwoStep,
                    RecoveryCodesLeft = twoStep.CountRecoveryCodes(session, account.Id),
                };
            },
            call.Cancelled);

    private Origin OriginOf(ApiCall call) => Origin.Of(call.Http, clock);

    private static NextAnswer Done(bool done) => new();

    private static NextAnswer Mail(bool asked) => new() { Next = NextAnswer.Mail };
}
