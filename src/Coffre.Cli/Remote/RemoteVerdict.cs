using System.Text.RegularExpressions;

namespace Coffre.Cli.Remote;

/// <summary>Whether a URL that failed may do better when it is asked for again. Only words tell.</summary>
internal static partial class RemoteVerdict
{
    public static bool MayPass(string message) => !Final().IsMatch(message);

    // 408, 425 and 429 pass; the other answers of 400 to 499 do not, nor does what names the file, its size or the account.
    [GeneratedRegex(@"\b4(?!08|25|29)\d\d\b|no such file|not found|did not let us in|too large|quota|forbidden|unsupported|no http|leads from one address", RegexOptions.IgnoreCase)]
    private static partial Regex Final();
}
