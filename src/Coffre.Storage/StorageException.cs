namespace Coffre.Storage;

/// <summary>What kind of trouble a store is in.</summary>
public enum StorageTrouble
{
    /// <summary>The disk failed in a way that the engine cannot name.</summary>
    Broken,

    /// <summary>No room is left: no space, no inode, or a quota of the file system.</summary>
    Full,

    /// <summary>The bytes on disk are not the bytes that were committed.</summary>
    Corrupt,
}

/// <summary>The world under the store is broken. Never used for a blob that is merely missing.</summary>
public sealed class StorageException : Exception
{
    public StorageException(StorageTrouble trouble, string message, Exception? innerException = null)
        : base(message, innerException) => Trouble = trouble;

    /// <summary>The kind of trouble; <see cref="StorageTrouble.Full"/> is the one that a caller may answer to.</summary>
    public StorageTrouble Trouble { get; }
}
