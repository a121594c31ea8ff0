namespace Coffre.Client.Testing;

/// <summary>A file on the fake service.</summary>
public sealed record FakeFile
{
    /// <summary>Public link.</summary>
    public required string Link { get; init; }

    /// <summary>Name, as the service keeps it.</summary>
    public required string Name { get; init; }

    /// <summary>Folder that holds it; 0 is the root.</summary>
    public required long FolderId { get; init; }

    /// <summary>Its bytes.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whirlpool of them, 128 lower-case hexadecimal digits.</summary>
    public required string Checksum { get; init; }

    /// <summary>Password that readers have to give; null if there is none.</summary>
    public string? Password { get; init; }

    /// <summary>When it arrived, by the fake clock.</summary>
    public required DateTimeOffset Arrived { get; init; }
}

/// <summary>A folder on the fake service.</summary>
/// <param name="Id">What names it; 0 is the root.</param>
/// <param name="ParentId">Folder that holds it.</param>
/// <param name="Name">Name, as the service keeps it.</param>
/// <param name="Created">When it was made, by the fake clock.</param>
public sealed record FakeFolder(long Id, long ParentId, string Name, DateTimeOffset Created);
