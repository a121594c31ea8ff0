namespace Coffre.Protocol;

/// <summary>The refusals that the protocol can express. What each says on the wire stands in <see cref="KoCatalogue"/>.</summary>
public enum KoCode
{
    // Who is asking
    NotAuthenticated,
    KeyHasBlanks,
    KeyHasTypingError,
    WrongPassword,
    TooManySignIns,
    MustBeCustomer,
    AccountSuspended,

    // How it was asked
    ContentTypeNotJson,
    MalformedBody,
    MalformedRequest,
    BodyTooLarge,
    HeadersTooLarge,
    MissingParameter,
    BadParameter,
    BadName,
    TooManyItems,
    NoSuchCall,
    MethodNotAllowed,

    // What was asked for
    NotFound,
    NoSuchFolder,
    NotAllowed,
    PasswordMissing,
    PasswordWrong,
    NameTaken,
    NothingRenamed,
    NothingChanged,
    FolderNotEmpty,
    FolderIntoItself,
    FolderTooDeep,

    // Bytes
    NoSuchUpload,
    UploadFinished,
    UploadNotMultipart,
    UploadTruncated,
    UploadEmpty,
    UploadTooManyParts,
    UploadHeadersTooLarge,
    FileTooLarge,
    QuotaExceeded,
    DiskFull,
    TokenExpired,

    // How often
    FloodIp,
    FloodInfo,
    FloodUser,
    FloodKey,
    IpLocked,
    OtherLocation,
    TooManyRequests,
    TooManyUploads,

    // Remote uploads
    RemoteOff,
    NoSuchRemote,
    TooManyRemotes,

    // FTP
    FtpOff,
    FtpUserTaken,
    NoSuchFtpUser,

    // Scans
    ScanOff,
    ScanTooLarge,
    ScanFailed,
    VirusFound,

    // Vouchers
    NoSuchVoucher,
    VoucherUsed,
    VoucherOfNoUse,

    // Accounts
    SessionNeeded,
    ConfirmationNeeded,
    KeyNeeded,
    CodeWrong,
    SignInEnded,
    TwoStepOn,
    TwoStepOff,
    SignUpOff,
    InvitationNotValid,
    LetterNotValid,
    MailOff,
    EmailTaken,
    LastOwner,
    ViewAgainOff,

    // Us
    Unavailable,
    InternalError,
}
