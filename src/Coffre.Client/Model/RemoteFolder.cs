using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>A folder as its parent's listing shows it.</summary>
/// <param name="Id">What names the folder in every call; 0 is the root.</param>
/// <param name="Name">Name as the service keeps it; <see cref="NameEncoding.Decode"/> gives the local one.</param>
/// <param name="Created">When it was made; null if unknown.</param>
public sealed record RemoteFolder(long Id, string Name, DateTimeOffset? Created)
{
    /// <summary>Id of the folder that holds all others.</summary>
    public const long RootId = 0;

    /// <summary>The folder that holds all others.</summary>
    public static RemoteFolder Root { get; } = new(RootId, "", null);

    internal static RemoteFolder From(FolderItem item) =>
        new(item.Id, item.Name, ParisTime.TryParse(item.CreateDate, out var moment) ? moment : null);
}

/// <summary>What one folder holds.</summary>
/// <param name="Id">The folder.</param>
/// <param name="Name">Its name; empty for the root.</param>
/// <param name="Folders">Folders directly in it.</param>
/// <param name="Files">Files directly in it. Two may have the same name.</param>
public sealed record FolderListing(long Id, string Name, IReadOnlyList<RemoteFolder> Folders, IReadOnlyList<RemoteFile> Files)
{
    /// <summary>Files that the service counts in the folder but did not list (1fichier.com lists 5,000 at most).</summary>
    public long Unlisted { get; init; }
}
