namespace Coffre.Server.Folders;

/// <summary>A folder. The root of each account has id 0, no name and no row.</summary>
internal sealed record Folder(long Id, long ParentId, string Name, DateTimeOffset CreatedAt)
{
    public const long RootId = 0;

    /// <summary>Id of its public page, or null.</summary>
    public string? ShareLink { get; init; }

    /// <summary>Digest of the password of that page, or null.</summary>
    public string? SharePassword { get; init; }
}

/// <summary>A folder with what a listing says of it.</summary>
/// <param name="Self">The folder; the root is made up.</param>
/// <param name="Files">Files directly in it.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="SubFolders">By name.</param>
internal sealed record FolderView(Folder Self, long Files, long Bytes, IReadOnlyList<Folder> SubFolders);
