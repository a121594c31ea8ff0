using System.Collections.Frozen;
using System.Net;
using System.Text;
using Coffre.Client.Budget;
using Coffre.Client.Calls;
using Coffre.Protocol;

namespace Coffre.Client;

/// <summary>What is known of each kind of error: its stable name, whether it passes by itself, and the cure.</summary>
public static class ErrorBook
{
    // Those below are 1fichier.com's, and move with its releases.
    private const int FirstOwnNumber = 9000;

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
        CoffreError.Refused => "look the number behind # up (coffre errors explain), or ask the service's support with the request's number",
        CoffreError.BadRequest => "check the names and values that were given; if they are right, the client is at fault: bring it up to date, or report it",
        CoffreError.LocalFile => "check that the path is there, that you may read and write it, and that the disk has room",
        CoffreError.Configuration => "check the settings that the message names",
        _ => null,
    };

    /// <summary>What an error of this kind is, one sentence.</summary>
    public static string MeaningOf(CoffreError error) => error switch
    {
        CoffreError.UnexpectedAnswer => "What came back is no answer of this kind of service.",
        CoffreError.Refused => "The service refused with a text that this version does not know.",
        CoffreError.NotAuthenticated => "The key is missing, mistyped, unknown, ended or locked.",
        CoffreError.MustBeCustomer => "The account's offer does not include this call.",
        CoffreError.CdnRequired => "1fichier.com wants CDN credits from this kind of line.",
        CoffreError.Forbidden => "This key or account may not do that.",
        CoffreError.PasswordMissing => "The file wants a password, and none was given.",
        CoffreError.PasswordWrong => "The password of the file is another one.",
        CoffreError.OwnerLocked => "The account that owns the file is suspended.",
        CoffreError.NotFound => "There is no such file, folder, link, upload or address.",
        CoffreError.Conflict => "A name is taken, a folder is not empty, or nothing would change.",
        CoffreError.BadRequest => "The service understood the request, and found it malformed.",
        CoffreError.BadName => "The service takes no such name.",
        CoffreError.TooLarge => "Larger than the account may upload, or more items than one call may carry.",
        CoffreError.QuotaExceeded => "The account or the server has no room left.",
        CoffreError.EmptyFile => "1fichier.com takes no files without content.",
        CoffreError.Flooded => "Too many requests in too little time: the service locked them out for a moment.",
        CoffreError.Locked => "The address or the account is locked for a long time.",
        CoffreError.OtherLocation => "Another place is using the account; the service allows one at a time.",
        CoffreError.Unavailable => "The service, or a node of it, is out of service for now.",
        CoffreError.ServerError => "The service broke while it worked on the request.",
        CoffreError.Network => "There was no connection, or it was cut.",
        CoffreError.Timeout => "There was a connection, but nothing moved for too long.",
        CoffreError.Integrity => "Size or checksum of what arrived is not that of what was sent.",
        CoffreError.RemoteChanged => "The remote file is no longer the one whose first part lies on disk.",
        CoffreError.LocalChanged => "The local file changed while it was being read.",
        CoffreError.ForeignHost => "The service named an address on another host; nothing was sent there.",
        CoffreError.LocalFile => "A local file or folder could not be read or written.",
        CoffreError.Configuration => "The settings of the client do not fit together.",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, null),
    };

    /// <summary>The refusals of which something is known: those of 1fichier.com by text, those of coffre-server by number.</summary>
    public static IEnumerable<KnownRefusal> Refusals
    {
        get
        {
            foreach (var fact in ServiceFacts.Known.Refusals.Concat(ServiceFacts.Known.Numbers))
            {
                yield return new KnownRefusal(fact.Text, fact.Number, fact.Error, fact.PauseSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            }

            foreach (var (_, entry) in KoCatalogue.All)
            {
                var fact = entry.Number < FirstOwnNumber ? ServiceFacts.Known.Find(entry.Text, entry.Number) : null;
                yield return new KnownRefusal(
                    entry.Text, entry.Number, AnswerJudge.Judge((HttpStatusCode)entry.HttpStatus, entry.Text, entry.Number), fact?.PauseSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
            }
        }
    }

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

/// <summary>A refusal of which something is known.</summary>
/// <param name="Text">What its message holds; null where only the number is known.</param>
/// <param name="Number">The number behind <c>#</c>; null where only the text is known: 1fichier.com's numbers move.</param>
/// <param name="Error">What it means.</param>
/// <param name="Pause">How long nothing should be asked after it; null: it is of the one call.</param>
public sealed record KnownRefusal(string? Text, int? Number, CoffreError Error, TimeSpan? Pause);
