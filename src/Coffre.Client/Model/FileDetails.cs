using System.Text.Json;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>A file with everything that the caller may know of it.</summary>
/// <param name="File">What a listing shows too.</param>
public sealed record FileDetails(RemoteFile File)
{
    /// <summary>Folder that holds it; null for files of other accounts.</summary>
    public long? FolderId { get; init; }

    /// <summary>Path of that folder, names divided by <c>/</c>, without one in front; null for files of other accounts.</summary>
    public string? FolderPath { get; init; }

    /// <summary>What its owner wrote about it.</summary>
    public string? Description { get; init; }

    /// <summary>Whether browsers show it instead of saving it.</summary>
    public bool IsInline { get; init; }

    internal static FileDetails From(FileInfoAnswer answer, string link) =>
        new(new RemoteFile
        {
            Link = string.IsNullOrEmpty(answer.Url) ? link : answer.Url,
            Name = answer.FileName ?? "",
            Size = answer.Size,
            Arrived = ParisTime.TryParse(answer.Date, out var moment) ? moment : null,
            Checksum = Checksums.Clean(answer.Checksum),
            ContentType = answer.ContentType ?? answer.ContentTypeAlias,
            HasPassword = answer.Pass != 0,
            IsRestricted = Restricts(answer.Acl),
        })
        {
            FolderId = answer.FolderId,
            FolderPath = answer.Path,
            Description = string.IsNullOrEmpty(answer.Description) ? null : answer.Description,
            IsInline = answer.Inline != 0,
        };

    /// <summary>An object of rules for own files, 0 or 1 (perhaps as text) for those of others.</summary>
    private static bool Restricts(JsonElement? acl) => acl switch
    {
        { ValueKind: JsonValueKind.Object } rules => rules.EnumerateObject().Any(rule => Says(rule.Value)),
        { } other => Says(other),
        null => false,
    };

    private static bool Says(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Number => value.TryGetInt64(out var number) && number != 0,
        JsonValueKind.String => value.GetString() is not (null or "" or "0"),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };
}
