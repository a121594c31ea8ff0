using System.Collections.Frozen;
using System.Text;

namespace Coffre.Client;

/// <summary>What is known of each kind of error: its stable name, whether it passes by itself, and the cure.</summary>
public static class ErrorBook
{
    private static readonly FrozenDictionary<CoffreError, string> Names =
        Enum.GetValues<CoffreError>().ToFrozenDictionary(error => error, error => SnakeCase(error.ToString()));

    /// <summary>The name in snake case, such as <c>quota_exceeded</c>. Names never change once published.</summary>
    public static string NameOf(CoffreError error) => Names[error];

    /// <summary>Whether the same call may well succeed later without any change.</summary>
    public static bool IsTransient(CoffreError error) => error is CoffreError.Flooded or CoffreError.OtherLocation
        or CoffreError.Unavailable or CoffreError.ServerError or CoffreError.Network or CoffreError.Timeout
        or CoffreError.Integrity;

    /// <summary>What to do about an error of this kind; null where only its message can tell.</summary>
    public static string? AdviceFor(CoffreError error) => error switch
    {
        CoffreError.NotAuthenticated => "log in again with a key from the server's owner (coffre auth login)",
        CoffreError.MustBeCustomer => "this call needs a paying account or a higher tier",
        CoffreError.CdnRequired => "use a residential line, or allow CDN credits for downloads in the account",
        CoffreError.Forbidden => "ask the owner for access, or check that this key belongs to the right account",
        CoffreError.PasswordMissing => "give the password of the file",
        CoffreError.PasswordWrong => "check the password with the owner of the file",
        CoffreError.OwnerLocked => "the owner has to sort this out with the service",
        CoffreError.NotFound => "check the path or link: it may have been moved or removed",
        CoffreError.Conflict => "choose another name, or remove what is there first",
        CoffreError.BadName => "rename it: names have at most 250 characters",
        CoffreError.TooLarge => "split the file, or ask for a higher limit",
        CoffreError.QuotaExceeded => "free some room or ask for a larger quota (coffre quota)",
        CoffreError.EmptyFile => "1fichier.com takes no empty files: leave it out, or put a byte into it",
        CoffreError.Flooded => "wait a minute, then run the same command again",
        CoffreError.Locked => "wait an hour before the next request; more requests make the lock longer",
        CoffreError.OtherLocation => "stop downloads that run elsewhere with this account, then wait five minutes",
        CoffreError.Unavailable or CoffreError.ServerError => "try again later",
        CoffreError.Network => "check the address, the network and the proxy settings",
        CoffreError.Timeout => "check the network, then run the same command again",
        CoffreError.Integrity => "run the same command again; if it repeats, check memory and disk on both sides",
        CoffreError.RemoteChanged => "remove the .part file and start again",
        CoffreError.LocalChanged => "run the same command again once the file is at rest",
        CoffreError.ForeignHost => "use the server's own public address as the base address",
        CoffreError.UnexpectedAnswer => "check that the address is that of a coffre-server or of api.1fichier.com",
        _ => null,
    };

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var character in name)
        {
            if (char.IsUpper(character) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(character));
        }

        return text.ToString();
    }
}
