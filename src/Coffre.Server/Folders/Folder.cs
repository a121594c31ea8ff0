using Coffre.Server.Access;
using Coffre.Server.Sharing;

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
/// <param name="Self">The folder; a root is made up.</param>
/// <param name="Place">Whose it is, and what the caller may do in it.</param>
/// <param name="OwnerEmail">Address of its owner.</param>
/// <param name="SubFolders">By name.</param>
internal sealed record FolderView(Folder Self, Place Place, string OwnerEmail, IReadOnlyList<Folder> SubFolders)
{
    /// <summary>Files directly in it.</summary>
    public long Files { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>With whom it is shared; only for its owner.</summary>
    public IReadOnlyList<GroupMember> Members { get; init; } = [];

    /// <summary>Folders that others share with the caller; only with the caller's own root.</summary>
    public IReadOnlyList<(Folder Folder, GroupShare Share)> SharedWithCaller { get; init; } = [];
}
