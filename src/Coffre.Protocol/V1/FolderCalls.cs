using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary><c>folder/ls.cgi</c>.</summary>
public sealed record FolderLsRequest : V1Request
{
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    [JsonPropertyName("sharing_user")]
    public string? SharingUser { get; init; }

    /// <summary>1 adds the files of the folder to the answer.</summary>
    [JsonPropertyName("files")]
    public int? Files { get; init; }
}

public sealed record FolderLsAnswer : V1Answer
{
    [JsonPropertyName("folder_id")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long FolderId { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("create_date")]
    public string? CreateDate { get; init; }

    /// <summary>Public link of the folder, only when it has one.</summary>
    [JsonPropertyName("shared")]
    public string? Shared { get; init; }

    [JsonPropertyName("pass")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Pass { get; init; }

    /// <summary>Files directly in the folder.</summary>
    [JsonPropertyName("files")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long Files { get; init; }

    /// <summary>Bytes of the files directly in the folder.</summary>
    [JsonPropertyName("size")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long Size { get; init; }

    [JsonPropertyName("sub_folders")]
    public IReadOnlyList<FolderItem>? SubFolders { get; init; }

    [JsonPropertyName("items")]
    public IReadOnlyList<FileItem>? Items { get; init; }
}

/// <summary>A folder in its parent's listing: here the id is called <c>id</c>.</summary>
public sealed record FolderItem
{
    [JsonPropertyName("id")]
    [JsonConverter(typeof(LooseLongConverter))]
    public required long Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("pass")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Pass { get; init; }

    [JsonPropertyName("create_date")]
    public required string CreateDate { get; init; }
}

/// <summary><c>folder/mkdir.cgi</c>.</summary>
public sealed record FolderMkdirRequest : V1Request
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>Parent; 0 or absent is the root.</summary>
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    [JsonPropertyName("sharing_user")]
    public string? SharingUser { get; init; }
}

public sealed record FolderMkdirAnswer : V1Answer
{
    [JsonPropertyName("folder_id")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long FolderId { get; init; }

    [JsonPropertyName("name")]
    public string? Name { get; init; }
}

/// <summary><c>folder/mv.cgi</c>: move, rename, or both.</summary>
public sealed record FolderMvRequest : V1Request
{
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    [JsonPropertyName("destination_folder_id")]
    public long? DestinationFolderId { get; init; }

    /// <summary>Present without <c>destination_folder_id</c> it means the root: rclone leaves a 0 out.</summary>
    [JsonPropertyName("destination_user")]
    public string? DestinationUser { get; init; }

    [JsonPropertyName("rename")]
    public string? Rename { get; init; }
}

public sealed record FolderMvAnswer : V1Answer
{
    [JsonPropertyName("old_name")]
    public string? OldName { get; init; }

    [JsonPropertyName("new_name")]
    public string? NewName { get; init; }
}

/// <summary><c>folder/rm.cgi</c>.</summary>
public sealed record FolderRmRequest : V1Request
{
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }
}
