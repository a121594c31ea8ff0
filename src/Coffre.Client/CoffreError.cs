namespace Coffre.Client;

/// <summary>What went wrong, in the few kinds that a caller can act on differently.</summary>
public enum CoffreError
{
    /// <summary>The service answered with something that nobody could foresee.</summary>
    UnexpectedAnswer,

    /// <summary>The service refused, with a text that this version does not know.</summary>
    Refused,

    /// <summary>The key is missing, mistyped, unknown or locked.</summary>
    NotAuthenticated,

    /// <summary>The account's offer does not include this call.</summary>
    MustBeCustomer,

    /// <summary>1fichier.com wants CDN credits from this kind of line.</summary>
    CdnRequired,

    /// <summary>The caller may not do this.</summary>
    Forbidden,

    /// <summary>The file wants a password, and none was given.</summary>
    PasswordMissing,

    /// <summary>The password of the file is another.</summary>
    PasswordWrong,

    /// <summary>The account that owns the file is suspended.</summary>
    OwnerLocked,

    /// <summary>No such file, folder, upload or address.</summary>
    NotFound,

    /// <summary>A name is taken, a folder is not empty, or nothing would change.</summary>
    Conflict,

    /// <summary>The request was malformed.</summary>
    BadRequest,

    /// <summary>A name cannot be used on the service.</summary>
    BadName,

    /// <summary>Larger than the account may upload, or more items than one call may carry.</summary>
    TooLarge,

    /// <summary>The account or the server has no room left.</summary>
    QuotaExceeded,

    /// <summary>1fichier.com refuses files without content.</summary>
    EmptyFile,

    /// <summary>Too many requests: a temporary lock, or HTTP 429.</summary>
    Flooded,

    /// <summary>The address or account is locked for a long time.</summary>
    Locked,

    /// <summary>Another place is using the account.</summary>
    OtherLocation,

    /// <summary>Maintenance, or a node that cannot take the file just now.</summary>
    Unavailable,

    /// <summary>The service broke while it worked (HTTP 5xx).</summary>
    ServerError,

    /// <summary>No connection, or one that was cut.</summary>
    Network,

    /// <summary>Connected, but nothing moved for too long.</summary>
    Timeout,

    /// <summary>Size or checksum of what arrived is not that of what was sent.</summary>
    Integrity,

    /// <summary>The remote file is no longer the one whose first part lies on disk.</summary>
    RemoteChanged,

    /// <summary>The local file changed while it was being read.</summary>
    LocalChanged,

    /// <summary>The service named an address on another host; nothing was sent there.</summary>
    ForeignHost,

    /// <summary>A local file or folder could not be read or written.</summary>
    LocalFile,

    /// <summary>The options of the client do not fit together.</summary>
    Configuration,
}
