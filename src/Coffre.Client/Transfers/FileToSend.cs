namespace Coffre.Client;

/// <summary>A file on its way into a remote folder.</summary>
public sealed record FileToSend
{
    /// <summary>Name that it gets on the service: see <see cref="NameEncoding"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes when it was found.</summary>
    public required long Length { get; init; }

    /// <summary>Where it is read; null if <see cref="Content"/> holds it.</summary>
    public string? LocalPath { get; init; }

    /// <summary>The whole of it; null: it is read from <see cref="LocalPath"/>.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Files that go once it is safe.</summary>
    public IReadOnlyList<RemoteFile> Replaces { get; init; } = [];

    /// <summary>What the local file must still look like when it was read; null: anything goes.</summary>
    public LocalStamp? Stamp { get; init; }

    /// <summary>Whatever the caller wants to know again.</summary>
    public object? Tag { get; init; }
}

/// <summary>What became of a file.</summary>
/// <param name="File">The file.</param>
/// <param name="Kept">As the service keeps it; null if it does not.</param>
/// <param name="Trouble">Why it does not.</param>
public sealed record SendOutcome(FileToSend File, RemoteFile? Kept, Exception? Trouble)
{
    /// <summary>It is there, but this went wrong behind it: what it replaces could not be removed.</summary>
    public string? Warning { get; init; }
}
