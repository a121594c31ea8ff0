using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Places;

/// <summary>What lies at a remote place.</summary>
internal abstract record Found(Account Account, Place Where);

/// <param name="Account">Whose.</param>
/// <param name="Place">As it was written.</param>
/// <param name="Folder">The folder.</param>
/// <param name="Parent">The folder that holds it; null for the root.</param>
internal sealed record FoundFolder(Account Account, RemotePlace Place, RemoteFolder Folder, RemoteNode? Parent) : Found(Account, Place);

/// <param name="Account">Who may fetch it.</param>
/// <param name="Place">As it was written: a path or a link.</param>
/// <param name="Name">Local name.</param>
/// <param name="File">The newest of that name.</param>
/// <param name="Same">All of that name.</param>
/// <param name="Parent">The folder that holds it; null for links.</param>
internal sealed record FoundFile(Account Account, Place Place, string Name, RemoteFile File, IReadOnlyList<RemoteFile> Same, RemoteNode? Parent)
    : Found(Account, Place)
{
    /// <summary>More than the listing says; only for links.</summary>
    public FileDetails? Details { get; init; }
}

internal static class Finder
{
    /// <summary>What lies there; null if nothing does.</summary>
    public static async Task<Found?> FindAsync(Run run, Place place, CancellationToken cancellationToken)
    {
        var account = run.Open(place);
        if (place is LinkPlace link)
        {
            var details = await account.Client.GetFileAsync(link.Link, password: null, cancellationToken);
            return new FoundFile(account, place, NameEncoding.Decode(details.File.Name), details.File, [details.File], Parent: null) { Details = details };
        }

        var remote = (RemotePlace)place;
        if (remote.IsRoot)
        {
            return new FoundFolder(account, remote, RemoteFolder.Root, Parent: null);
        }

        if (await account.Index.FindFolderAsync(remote.ParentNames, cancellationToken) is not { } parent)
        {
            return null;
        }

        if (parent.FindFolder(remote.Name) is { } folder)
        {
            return new FoundFolder(account, remote, folder, parent);
        }

        return !remote.EndsWithSlash && parent.FindFiles(remote.Name) is { Count: > 0 } files
            ? new FoundFile(account, remote, remote.Name, files[0], files, parent)
            : null;
    }

    /// <exception cref="CliException">Nothing lies there.</exception>
    public static async Task<Found> GetAsync(Run run, Place place, CancellationToken cancellationToken) =>
        await FindAsync(run, place, cancellationToken) ?? throw CliException.NotFound($"{place} does not exist.");

    /// <exception cref="CliException">No folder lies there.</exception>
    public static async Task<FoundFolder> GetFolderAsync(Run run, RemotePlace place, CancellationToken cancellationToken) =>
        await GetAsync(run, place, cancellationToken) as FoundFolder
        ?? throw CliException.Usage($"{place} is a file; a folder is wanted here.");

    /// <summary>What lies at each of the places, in their order.</summary>
    /// <exception cref="CliException">Nothing lies at one of them.</exception>
    public static async Task<IReadOnlyList<Found>> GetAllAsync(Run run, IEnumerable<Place> places, CancellationToken cancellationToken)
    {
        List<Found> found = [];
        foreach (var place in places)
        {
            found.Add(await GetAsync(run, place, cancellationToken));
        }

        return found;
    }

    /// <exception cref="CliException">No file lies there.</exception>
    public static async Task<FoundFile> GetFileAsync(Run run, Place place, CancellationToken cancellationToken) =>
        await GetAsync(run, place, cancellationToken) as FoundFile
        ?? throw CliException.Usage($"{place} is a folder; a file is wanted here.");
}
