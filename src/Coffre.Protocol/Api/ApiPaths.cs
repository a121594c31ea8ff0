namespace Coffre.Protocol.Api;

/// <summary>Addresses of the native API.</summary>
public static class ApiPaths
{
    public const string Root = "/api";
    public const string OpenApi = Root + "/openapi.json";

    public const string Keys = Root + "/keys";
    public const string KeyById = Keys + "/{id}";
    public const string CurrentKey = Keys + "/" + Current;
    public const string Regenerate = KeyById + "/regenerate";
    public const string Rotate = KeyById + "/rotate";
    public const string RevokeKeys = Keys + "/revoke";

    /// <summary>What stands in the place of <c>{id}</c> for the key that asks.</summary>
    public const string Current = "current";

    public const string Audit = Root + "/audit";
    public const string AuditOfAll = Root + "/audit/all";

    public const string Sessions = Root + "/sessions";
    public const string SignInCode = Sessions + "/code";
    public const string SessionById = Sessions + "/{id}";
    public const string CurrentSession = Sessions + "/" + Current;
    public const string ConfirmSession = CurrentSession + "/confirm";
    public const string EndOtherSessions = Sessions + "/end-others";

    public const string OwnAccount = Root + "/account";
    public const string AccountKey = OwnAccount + "/key";
    public const string TwoStep = OwnAccount + "/two-step";
    public const string EnableTwoStep = TwoStep + "/enable";
    public const string RecoveryCodes = TwoStep + "/recovery-codes";
    public const string OwnPassword = OwnAccount + "/password";
    public const string OwnEmail = OwnAccount + "/email";
    public const string ConfirmEmail = OwnEmail + "/confirm";
    public const string OwnDeletion = OwnAccount + "/deletion";

    public const string NewPassword = Root + "/password";
    public const string ResetPassword = NewPassword + "/reset";
    public const string SignUp = Root + "/sign-up";
    public const string ConfirmSignUp = SignUp + "/confirm";

    public const string Accounts = Root + "/accounts";
    public const string AccountById = Accounts + "/{id}";
    public const string DeletionOf = AccountById + "/deletion";
    public const string Invitations = Root + "/invitations";
    public const string InvitationById = Invitations + "/{id}";
}
