using Coffre.Protocol;
using Coffre.Server.Catalog;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Folders;
using Coffre.Server.Settings;

namespace Coffre.Server.Access;

/// <summary>The one way from an address (a link, or a folder and a name) to a file that the asker may read.</summary>
/// <remarks>Every route to the bytes passes here, so that no sibling route forgets a rule.</remarks>
internal sealed class LinkResolver(CatalogStore catalog, FileTable files, FolderTable folders, ServerSettings settings)
{
    private readonly bool _guests = settings.Flag(SettingList.Guests);

    /// <param name="session">The snapshot to look in.</param>
    /// <param name="address">What names the file.</param>
    /// <param name="asker">Who asks, and from where.</param>
    public Outcome<FileRow> Resolve(CatalogSession session, FileAddress address, Asker asker)
    {
        var caller = asker.Caller;
        var found = Locate(session, address, caller);
        if (found.IsFault)
        {
            return found;
        }

        var file = found.Value;
        if (file.AccountId == caller?.AccountId)
        {
            return file;
        }

        if (caller is null && !_guests)
        {
            return new Fault(KoCode.NotAuthenticated);
        }

        if (file.Rules?.Judge(asker) is { } refusal)
        {
            return refusal;
        }

        if (file.Password is not { } digest)
        {
            return file;
        }

        if (string.IsNullOrEmpty(address.Password))
        {
            return new Fault(KoCode.PasswordMissing);
        }

        return LinkPassword.Fits(address.Password, digest) ? file : new Fault(KoCode.PasswordWrong);
    }

    /// <summary>The file behind a link if it belongs to the account; otherwise null.</summary>
    public FileRow? FindOwn(CatalogSession session, long accountId, string? url) =>
        LinkId.TryFind(url, out var link) && files.FindByLink(session, link) is { } file && file.AccountId == accountId ? file : null;

    public ValueTask<Outcome<FileRow>> ResolveAsync(FileAddress address, Asker asker, CancellationToken cancellationToken) =>
        catalog.ReadAsync(session => Resolve(session, address, asker), cancellationToken);

    private Outcome<FileRow> Locate(CatalogSession session, FileAddress address, Caller? caller)
    {
        if (address.Url is not null)
        {
            return LinkId.TryFind(address.Url, out var link) && files.FindByLink(session, link) is { } file
                ? file
                : new Fault(KoCode.NotFound);
        }

        if (address.FolderId is not { } folderId || address.FileName is not { } name)
        {
            return new Fault(KoCode.MissingParameter, "url, or folder_id and filename");
        }

        if (caller is null)
        {
            return new Fault(KoCode.NotAuthenticated);
        }

        if (!folders.Exists(session, caller.AccountId, folderId))
        {
            return new Fault(KoCode.NoSuchFolder);
        }

        return files.FindByName(session, caller.AccountId, folderId, name) is { } named ? named : new Fault(KoCode.NotFound);
    }
}

/// <summary>A file as a request names it: by link, or by folder and name; with the password that goes with it.</summary>
internal sealed record FileAddress(string? Url, long? FolderId = null, string? FileName = null, string? Password = null);

/// <summary>Who asks for a file, and from where.</summary>
/// <param name="Caller">Null for a guest.</param>
/// <param name="Address">The other end of the connection.</param>
internal sealed record Asker(Caller? Caller, System.Net.IPAddress? Address)
{
    public static Asker Of(HttpContext http, Caller? caller) => new(caller, http.Connection.RemoteIpAddress);
}
