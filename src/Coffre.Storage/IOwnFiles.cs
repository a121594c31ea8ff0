namespace Coffre.Storage;

/// <summary>An engine that keeps blobs as files which another program on the machine may read.</summary>
public interface IOwnFiles
{
    /// <summary>Where the file that holds this blob and nothing else lies, below the engine's root, with <c>/</c>; null if there is none.</summary>
    /// <remarks>A purge may remove the file at any time afterwards.</remarks>
    string? FindFile(BlobId id);
}
