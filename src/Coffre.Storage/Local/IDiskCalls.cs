using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage.Local;

/// <summary>What the engine asks of the file system, where systems differ and where the order of calls is the promise.</summary>
/// <remarks>
/// Every member blocks, and fails with what the framework throws: <see cref="IOException"/> with the system's number in
/// <see cref="Exception.HResult"/>, or <see cref="UnauthorizedAccessException"/>. <see cref="DiskTrouble"/> reads both.
/// </remarks>
internal interface IDiskCalls
{
    /// <summary>Makes one folder that only the owner may enter. Its parent exists; it may exist itself.</summary>
    void CreateFolder(string path);

    /// <summary>Makes a new file for writing that only the owner may read; an existing one is an error.</summary>
    SafeFileHandle CreateFile(string path);

    /// <summary>Reserves room without changing the file's length. Does nothing where the file system cannot.</summary>
    void Preallocate(SafeFileHandle file, long length);

    void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Gives back what was reserved past <paramref name="length"/>.</summary>
    void Trim(SafeFileHandle file, long length);

    void SetDate(SafeFileHandle file, DateTimeOffset writtenAt);

    /// <summary>Returns once the bytes and the length are on the device.</summary>
    void SyncFile(SafeFileHandle file);

    /// <summary>Returns once the bytes are on the device, and the length if it has changed; dates may come later.</summary>
    void SyncData(SafeFileHandle file);

    /// <summary>Moves a file within the file system, in one step.</summary>
    void Rename(string from, string to);

    /// <summary>Returns once the names in the folder are on the device.</summary>
    void SyncFolder(string path);

    /// <summary>Removes a file or a link; false if there is none.</summary>
    bool Delete(string path);

    /// <summary>Opens a file for reading, or null if there is none. Never follows a link.</summary>
    /// <exception cref="StorageException">What stands there is not a file.</exception>
    SafeFileHandle? OpenForReading(string path);

    /// <summary>Opens a file of the store's own for writing into it, or null if there is none.</summary>
    SafeFileHandle? OpenForWriting(string path);
}
