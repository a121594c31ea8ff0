using Microsoft.Win32.SafeHandles;

namespace Coffre.Storage;

/// <summary>A stream of an engine whose bytes lie in a file, one behind the other: whoever can hand a file to the kernel need not read it.</summary>
/// <remarks>Only what the stream spans may be taken from the file. Setting <see cref="Stream.Position"/> passes over what was.</remarks>
public interface IFileRun
{
    /// <summary>The file; open until the stream is disposed, and others may read from it at the same time.</summary>
    SafeFileHandle File { get; }

    /// <summary>Where the stream's next byte lies in the file.</summary>
    long FileOffset { get; }
}
