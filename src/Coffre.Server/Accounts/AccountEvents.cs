namespace Coffre.Server.Accounts;

/// <summary>The words of the audit log for accounts and their sessions.</summary>
internal static class AccountEvents
{
    public const string Made = "account.made";
    public const string SignedUp = "account.signed_up";
    public const string Changed = "account.changed";
    public const string RoleChanged = "account.role_changed";
    public const string Suspended = "account.suspended";
    public const string Resumed = "account.resumed";
    public const string Deleted = "account.deleted";
    public const string FtpUserMade = "ftp_user.made";
    public const string FtpUserRemoved = "ftp_user.removed";
    public const string Invited = "invitation.made";
    public const string InvitationRevoked = "invitation.revoked";
    public const string PasswordChanged = "password.changed";
    public const string PasswordSet = "password.set";
    public const string PasswordRemoved = "password.removed";
    public const string ResetAsked = "password.reset_asked";
    public const string PasswordReset = "password.reset";
    public const string EmailAsked = "email.change_asked";
    public const string EmailChanged = "email.changed";
    public const string SignedIn = "session.started";
    public const string SessionConfirmed = "session.confirmed";
    public const string SessionEnded = "session.ended";
    public const string OtherSessionsEnded = "session.others_ended";
    public const string TwoStepOn = "two_step.on";
    public const string TwoStepOff = "two_step.off";
    public const string RecoveryCodesMade = "two_step.recovery_codes_made";
    public const string RecoveryCodeUsed = "two_step.recovery_code_used";
    public const string WrongCode = "two_step.wrong_code";
}
