using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>A file as a listing shows it.</summary>
public sealed record RemoteFile
{
    /// <summary>Public link: what names the file in every call.</summary>
    public required string Link { get; init; }

    /// <summary>Name as the service keeps it; <see cref="NameEncoding.Decode"/> gives the local one.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>When it arrived on the service; null if the service did not say it in a form that can be read.</summary>
    public DateTimeOffset? Arrived { get; init; }

    /// <summary>Whirlpool over the content, 128 lower-case hexadecimal digits; null if unknown.</summary>
    public string? Checksum { get; init; }

    /// <summary>Media type.</summary>
    public string? ContentType { get; init; }

    /// <summary>Whether a password protects it.</summary>
    public bool HasPassword { get; init; }

    /// <summary>Whether an access rule restricts it.</summary>
    public bool IsRestricted { get; init; }

    /// <summary>Whether sync keeps its notes on a folder in it (<c>.coffre-sidecar</c>): it is no file of the user's.</summary>
    public bool IsSidecar => Name is Sync.Sidecar.FileName;

    internal static RemoteFile From(FileItem item) => new()
    {
        Link = item.Url,
        Name = item.FileName,
        Size = item.Size,
        Arrived = ParisTime.TryParse(item.Date, out var moment) ? moment : null,
        Checksum = Checksums.Clean(item.Checksum),
        ContentType = item.ContentType,
        HasPassword = item.Pass != 0,
        IsRestricted = item.Acl != 0,
    };
}
