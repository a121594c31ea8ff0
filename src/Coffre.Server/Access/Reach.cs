using Coffre.Server.Folders;

namespace Coffre.Server.Access;

/// <summary>In whose name something is done, and how far that reaches: the whole account, or one folder of it and what lies below.</summary>
/// <param name="AccountId">Whose name.</param>
/// <param name="RootId">The folder that stands for the root (<c>folder_id</c> 0); the account's own root is 0.</param>
internal readonly record struct Reach(long AccountId, long RootId = Folder.RootId)
{
    public bool IsFenced => RootId != Folder.RootId;
}
