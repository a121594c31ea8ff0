using Coffre.Client;

namespace Coffre.Cli.Running;

/// <summary>How the command ends. The numbers are a promise to scripts.</summary>
internal enum ExitCode
{
    Success = 0,
    Failure = 1,
    Usage = 2,
    NotLoggedIn = 3,
    Forbidden = 4,
    NotFound = 5,
    Conflict = 6,
    TryLater = 7,
    Partial = 8,

    /// <summary>More would be deleted than the limits allow: nothing was done.</summary>
    Guard = 10,
    Integrity = 11,
    QuotaOrPlan = 12,
    Network = 13,

    /// <summary>Another run holds what this one needs for itself.</summary>
    Busy = 14,

    /// <summary><c>keys scan</c> has found keys.</summary>
    KeysFound = 15,
    Interrupted = 130,

    /// <summary>Whoever read our output has enough: 128 + SIGPIPE, as other programs end then.</summary>
    PipeClosed = 141,
    Terminated = 143,
}

internal static class ExitCodes
{
    /// <summary>The exit code of a run that this error ended.</summary>
    public static ExitCode Of(CoffreError error) => error switch
    {
        CoffreError.NotAuthenticated => ExitCode.NotLoggedIn,
        CoffreError.Forbidden or CoffreError.PasswordMissing or CoffreError.PasswordWrong or CoffreError.OwnerLocked => ExitCode.Forbidden,
        CoffreError.NotFound => ExitCode.NotFound,
        CoffreError.Conflict => ExitCode.Conflict,
        CoffreError.Flooded or CoffreError.Locked or CoffreError.OtherLocation or CoffreError.Unavailable => ExitCode.TryLater,
        CoffreError.Integrity or CoffreError.RemoteChanged => ExitCode.Integrity,
        CoffreError.QuotaExceeded or CoffreError.TooLarge or CoffreError.MustBeCustomer or CoffreError.CdnRequired => ExitCode.QuotaOrPlan,
        CoffreError.Network or CoffreError.Timeout => ExitCode.Network,
        CoffreError.Configuration or CoffreError.ForeignHost or CoffreError.BadName => ExitCode.Usage,
        _ => ExitCode.Failure,
    };

    /// <summary>Whether it is pointless to go on with the next item of a run.</summary>
    public static bool StopsRun(CoffreError error) => error is CoffreError.NotAuthenticated or CoffreError.MustBeCustomer
        or CoffreError.QuotaExceeded or CoffreError.Flooded or CoffreError.Locked or CoffreError.OtherLocation
        or CoffreError.ForeignHost or CoffreError.CdnRequired;
}
