namespace Coffre.Server.Access;

/// <summary>What a caller may do in a folder, the least first.</summary>
internal enum Grant
{
    /// <summary>Read, without being told the links.</summary>
    ReadHidden,

    Read,

    Write,

    Owner,
}

/// <summary>A folder that a caller may look into.</summary>
/// <param name="AccountId">Whose folder it is: files that are put here belong to that account.</param>
/// <param name="FolderId">The folder; 0 is the root.</param>
/// <param name="Grant">What the caller may do.</param>
internal sealed record Place(long AccountId, long FolderId, Grant Grant)
{
    /// <summary>The root of an account that shares some folders, but not its root: it shows these folders and nothing else.</summary>
    public bool IsDoorway { get; init; }

    public bool HidesLinks => Grant == Grant.ReadHidden;
}
