using Coffre.Server.Access;
using Coffre.Server.Door;
using Coffre.Storage;

namespace Coffre.Server.Files;

/// <summary>A name in a folder, and the bytes that it shows.</summary>
internal sealed record FileRow
{
    public required long AccountId { get; init; }

    public required long Id { get; init; }

    public required long FolderId { get; init; }

    public required string Name { get; init; }

    /// <summary>Id in public links.</summary>
    public required string Link { get; init; }

    public required BlobId BlobId { get; init; }

    /// <summary>Bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Whirlpool, 64 bytes.</summary>
    public required byte[] Checksum { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Which address its link shows.</summary>
    public int Domain { get; init; }

    public PublicLink PublicLink => new(Link, Domain, NoSsl);

    public bool Inline { get; init; }

    public bool NoSsl { get; init; }

    public bool Cdn { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Digest of the password that downloads need, or null.</summary>
    public string? Password { get; init; }

    /// <summary>Who may read it, or null for whoever has the link.</summary>
    public AccessRules? Rules { get; init; }

    /// <summary>What removes the file without a key; only for files that were uploaded without one.</summary>
    public string? RemovalCode { get; init; }

    public string ChecksumText => Convert.ToHexStringLower(Checksum);
}
