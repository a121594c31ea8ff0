using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Settings;

namespace Coffre.Server.Access;

/// <summary>The one way from an address (a link, or a folder and a name) to a file that the asker may read.</summary>
/// <remarks>Every route to the bytes passes here, so that no sibling route forgets a rule.</remarks>
internal sealed class LinkResolver(CatalogStore catalog, FileTable files, PlaceFinder places, AccountTable accounts, LinkGuesses guesses, Countries countries, ServerSettings settings)
{
    private readonly bool _guests = settings.Flag(SettingList.Guests);

    /// <param name="session">The snapshot to look in.</param>
    /// <param name="address">What names the file.</param>
    /// <param name="asker">Who asks, and from where.</param>
    public Outcome<FoundFile> Resolve(CatalogSession session, FileAddress address, Asker asker)
    {
        var located = Locate(session, address, asker.Caller);
        if (located.IsFault || located.Value.Grant is not null)
        {
            return located;
        }

        return JudgeStranger(session, located.Value.File, address.Password, asker) is { } refusal ? refusal : located;
    }

    /// <summary>The file behind a link if it is the asker's own; otherwise null.</summary>
    public FileRow? FindOwn(CatalogSession session, Reach reach, string? url) =>
        FindByLink(session, url) is { } file && places.GrantOn(session, reach, file.AccountId, file.FolderId) == Grant.Owner ? file : null;

    /// <summary>The file behind a link if the asker may change it: its own, or one in a folder that it shares for writing.</summary>
    public FileRow? FindWritable(CatalogSession session, Reach reach, string? url) =>
        FindByLink(session, url) is { } file && places.GrantOn(session, reach, file.AccountId, file.FolderId) >= Grant.Write ? file : null;

    public ValueTask<Outcome<FoundFile>> ResolveAsync(FileAddress address, Asker asker, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => Resolve(session, address, asker), cancellationToken);

    private FileRow? FindByLink(CatalogSession session, string? url) =>
        LinkId.TryFind(url, out var link) ? files.FindByLink(session, link) : null;

    /// <summary>Password and access rules: they bind whoever has nothing but the link.</summary>
    private Fault? JudgeStranger(CatalogSession session, FileRow file, string? password, Asker asker)
    {
        if (accounts.IsSuspended(session, file.AccountId))
        {
            return new Fault(KoCode.AccountSuspended);
        }

        if (asker.Caller is null && !_guests)
        {
            return new Fault(KoCode.NotAuthenticated);
        }

        if (file.Rules?.Judge(asker, countries) is { } refusal)
        {
            return refusal;
        }

        if (file.Password is not { } digest)
        {
            return null;
        }

        return guesses.Judge(asker.Address, file.Link, password, digest);
    }

    private Outcome<FoundFile> Locate(CatalogSession session, FileAddress address, Caller? caller)
    {
        if (address.Url is not null)
        {
            return FindByLink(session, address.Url) is { } file ? new FoundFile(file, GrantByLink(session, file, caller)) : new Fault(KoCode.NotFound);
        }

        if (address.FolderId is not { } folderId || address.FileName is not { } name)
        {
            return new Fault(KoCode.MissingParameter, "url, or folder_id and filename");
        }

        if (caller is null)
        {
            return new Fault(KoCode.NotAuthenticated);
        }

        if (caller.FaultWithout(KeyScopes.Read) is { } lack)
        {
            return lack;
        }

        var place = places.Find(session, caller.Reach, folderId, address.SharingUser);
        if (place.IsFault)
        {
            return place.Fault;
        }

        return !place.Value.IsDoorway && files.FindByName(session, place.Value.AccountId, place.Value.FolderId, name) is { } named
            ? new FoundFile(named, place.Value.Grant)
            : new Fault(KoCode.NotFound);
    }

    /// <summary>A link that was hidden from a member, or leads out of what a key reaches, gives no more than it gives a stranger.</summary>
    private Grant? GrantByLink(CatalogSession session, FileRow file, Caller? caller) =>
        caller?.May(KeyScopes.Read) == true && places.GrantOn(session, caller.Reach, file.AccountId, file.FolderId) is { } grant and not Grant.ReadHidden
            ? grant
            : null;
}

/// <summary>A file that the asker may read.</summary>
/// <param name="File">The file.</param>
/// <param name="Grant">What the asker may do in its folder; null for one who has nothing but the link.</param>
internal sealed record FoundFile(FileRow File, Grant? Grant)
{
    public bool IsOwn => Grant == Access.Grant.Owner;
}

/// <summary>A file as a request names it: by link, or by folder and name; with the password that goes with it.</summary>
internal sealed record FileAddress(string? Url, long? FolderId = null, string? FileName = null, string? Password = null, string? SharingUser = null);

/// <summary>Who asks for a file, and from where.</summary>
/// <param name="Caller">Null for a guest.</param>
/// <param name="Address">The other end of the connection.</param>
internal sealed record Asker(Caller? Caller, System.Net.IPAddress? Address)
{
    public static Asker Of(HttpContext http, Caller? caller) => new(caller, http.Connection.RemoteIpAddress);
}
