using System.Globalization;

namespace Coffre.Protocol;

/// <summary>One refusal on the wire.</summary>
/// <param name="Text">English sentence, without its number.</param>
/// <param name="Number">What stands behind <c>#</c>. Attested ones as attested, ours from 9001.</param>
/// <param name="HttpStatus">Never 200: clients take a 200 on a list, mkdir or rm for success.</param>
public sealed record KoEntry(string Text, int Number, int HttpStatus)
{
    /// <summary>The message of the envelope.</summary>
    /// <param name="detail">Put behind the text in brackets; must not hold a secret.</param>
    public string Message(string? detail = null) =>
        detail is null
            ? string.Create(CultureInfo.InvariantCulture, $"{Text} #{Number}")
            : string.Create(CultureInfo.InvariantCulture, $"{Text} ({detail}) #{Number}");
}

/// <summary>The one table of refusals: text, number and HTTP status of each <see cref="KoCode"/>.</summary>
public static class KoCatalogue
{
    private static readonly Dictionary<KoCode, KoEntry> Entries = new()
    {
        // Attested by real clients and logs.
        [KoCode.NotAuthenticated] = new("Not authenticated", 247, 401),
        [KoCode.MustBeCustomer] = new("Must be a customer (Premium, Access)", 200, 403),
        [KoCode.ContentTypeNotJson] = new("Content-Type not JSON", 24, 400),
        [KoCode.NotFound] = new("Resource not found", 469, 404),
        [KoCode.NotAllowed] = new("Resource not allowed", 631, 403),
        [KoCode.PasswordMissing] = new("Password not provided. Resource not allowed", 631, 403),
        [KoCode.PasswordWrong] = new("Invalid password. Resource not allowed", 631, 403),
        [KoCode.NothingRenamed] = new("No file has been renamed", 312, 409),
        [KoCode.FloodIp] = new("Flood detected: IP Locked", 374, 403),
        [KoCode.FloodInfo] = new("Flood detected: IP Locked", 38, 403),
        [KoCode.FloodUser] = new("Flood detected: User Locked", 223, 403),
        [KoCode.OtherLocation] = new("Only 1 location allowed at a time", 887, 403),
        [KoCode.AccountSuspended] = new("Owner locked", 620, 403),

        // Ours, where the sources are silent.
        [KoCode.KeyHasBlanks] = new("Not authenticated: the key has blanks or line ends around or inside it", 9001, 401),
        [KoCode.KeyHasTypingError] = new("Not authenticated: the key has a typing error, its checksum does not fit", 9002, 401),
        [KoCode.WrongPassword] = new("Not authenticated: wrong e-mail address or password", 9003, 401),
        [KoCode.TooManySignIns] = new("Too many failed sign-ins: come back later", 9004, 429),
        [KoCode.MalformedBody] = new("Body is not a JSON object of the expected form", 9010, 400),
        [KoCode.MalformedRequest] = new("Malformed request", 9011, 400),
        [KoCode.BodyTooLarge] = new("Body too large", 9012, 413),
        [KoCode.HeadersTooLarge] = new("Request headers too large", 9019, 431),
        [KoCode.MissingParameter] = new("Missing parameter", 9013, 400),
        [KoCode.BadParameter] = new("Bad parameter", 9014, 400),
        [KoCode.BadName] = new("Invalid name", 9015, 400),
        [KoCode.TooManyItems] = new("Too many items in one call", 9016, 413),
        [KoCode.NoSuchCall] = new("No such call", 9017, 404),
        [KoCode.MethodNotAllowed] = new("Method not allowed", 9018, 405),
        [KoCode.NoSuchFolder] = new("Folder not found", 9020, 404),
        [KoCode.NameTaken] = new("Another file or folder has that name", 9021, 409),
        [KoCode.NothingChanged] = new("No changes requested", 9025, 409),
        [KoCode.FolderNotEmpty] = new("Folder not empty", 9022, 409),
        [KoCode.FolderIntoItself] = new("A folder cannot move into itself", 9023, 409),
        [KoCode.FolderTooDeep] = new("Folders nest too deep", 9024, 409),
        [KoCode.NoSuchUpload] = new("Upload not found or expired: ask get_upload_server.cgi for a new id", 9030, 404),
        [KoCode.UploadFinished] = new("This upload id was used already: ask get_upload_server.cgi for a new one", 9031, 409),
        [KoCode.UploadNotMultipart] = new("The upload must be multipart/form-data with a boundary", 9032, 400),
        [KoCode.UploadTruncated] = new("The upload ended before its last boundary: nothing was kept", 9033, 400),
        [KoCode.UploadEmpty] = new("No file found in the upload", 9034, 400),
        [KoCode.UploadTooManyParts] = new("Too many parts in one upload", 9035, 413),
        [KoCode.UploadHeadersTooLarge] = new("The headers of a part are too large", 9036, 400),
        [KoCode.FileTooLarge] = new("File too large for this account", 9040, 413),
        [KoCode.QuotaExceeded] = new("Quota exceeded", 9041, 507),
        [KoCode.DiskFull] = new("The server has no room left", 9042, 507),
        [KoCode.TokenExpired] = new("This download address has expired or never was: ask get_token.cgi for a new one", 9043, 410),
        [KoCode.TooManyUploads] = new("Too many open uploads: finish some, or come back later", 9050, 429),
        [KoCode.FloodKey] = new("Flood detected: User APK Locked", 9051, 403),
        [KoCode.IpLocked] = new("IP Locked", 9052, 403),
        [KoCode.TooManyRequests] = new("Too many requests: slow down", 9053, 429),
        [KoCode.NoSuchVoucher] = new("Voucher not found", 9054, 404),
        [KoCode.VoucherUsed] = new("This voucher was used already, or has ended", 9055, 409),
        [KoCode.VoucherOfNoUse] = new("This voucher does not fit the account's subscription", 9056, 409),
        [KoCode.RemoteOff] = new("This server fetches no URLs", 9070, 404),
        [KoCode.NoSuchRemote] = new("Remote upload not found", 9071, 404),
        [KoCode.TooManyRemotes] = new("Too many remote uploads wait: come back when some have ended", 9072, 429),
        [KoCode.FtpOff] = new("This server takes no files by FTP", 9080, 404),
        [KoCode.FtpUserTaken] = new("Another FTP user has that name", 9081, 409),
        [KoCode.NoSuchFtpUser] = new("FTP user not found", 9082, 404),
        [KoCode.Unavailable] = new("Our services are in maintenance. Please come back later", 9090, 503),
        [KoCode.ScanOff] = new("This server scans no files", 9095, 404),
        [KoCode.ScanTooLarge] = new("File too large to be scanned", 9096, 413),
        [KoCode.ScanFailed] = new("The file could not be scanned: come back later", 9097, 503),
        [KoCode.VirusFound] = new("A virus was found", 9098, 403),
        [KoCode.SessionNeeded] = new("A key may not do this: sign in with the password", 9100, 403),
        [KoCode.ConfirmationNeeded] = new("Confirm with the password first: this wants a fresh sign-in", 9101, 403),
        [KoCode.KeyNeeded] = new("An account with sign-in in two steps uses API keys here, not its password", 9102, 403),
        [KoCode.CodeWrong] = new("Not authenticated: wrong code, or one that was used before", 9103, 401),
        [KoCode.SignInEnded] = new("Not authenticated: this sign-in has ended, begin again with the password", 9104, 401),
        [KoCode.TwoStepOn] = new("Sign-in in two steps is on already", 9105, 409),
        [KoCode.TwoStepOff] = new("Sign-in in two steps is not on, or was not begun", 9106, 409),
        [KoCode.SignUpOff] = new("This server takes no sign-ups: ask its operator for an account", 9107, 403),
        [KoCode.InvitationNotValid] = new("Invitation not valid: used, ended, for somebody else, or never was", 9108, 403),
        [KoCode.LetterNotValid] = new("This mail's code is not valid: used, ended, replaced, or never was", 9109, 403),
        [KoCode.MailOff] = new("This server sends no mail: ask its operator", 9110, 409),
        [KoCode.EmailTaken] = new("Another account has that e-mail address", 9111, 409),
        [KoCode.LastOwner] = new("The last owner stays: make another account owner first", 9112, 409),
        [KoCode.ViewAgainOff] = new("This server shows no key again: make keys, each is shown once", 9149, 403),
        [KoCode.InternalError] = new("Internal error", 9099, 500),
    };

    /// <summary>All of it, in the order of the codes.</summary>
    public static IEnumerable<KeyValuePair<KoCode, KoEntry>> All => Entries.OrderBy(entry => entry.Key);

    public static KoEntry Get(KoCode code) => Entries[code];

    /// <summary>The number at the end of a message (<c>… #374</c>), or null.</summary>
    public static int? NumberOf(string? message)
    {
        if (message is null)
        {
            return null;
        }

        var hash = message.LastIndexOf('#');
        return hash >= 0 && int.TryParse(message.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
