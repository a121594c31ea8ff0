namespace Coffre.Server.Accounts;

/// <summary>The words of the audit log for accounts and their sessions.</summary>
internal static class AccountEvents
{
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
