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

    /// <summary>Accounts that the folder is shared with; only for its owner, only when there are any.</summary>
    [JsonPropertyName("shares")]
    public IReadOnlyList<FolderMember>? Shares { get; init; }

    /// <summary>Owner of a folder that is shared with the caller; absent from own folders.</summary>
    [JsonPropertyName("user")]
    public string? User { get; init; }

    /// <summary>1 if the caller may write in another's folder; absent from own folders.</summary>
    [JsonPropertyName("rw")]
    [JsonConverter(typeof(LooseNullableIntConverter))]
    public int? MayWrite { get; init; }

    /// <summary>1 if the caller is not told the links of another's folder; absent from own folders.</summary>
    [JsonPropertyName("hide_links")]
    [JsonConverter(typeof(LooseNullableIntConverter))]
    public int? HideLinks { get; init; }

    [JsonPropertyName("sub_folders")]
    public IReadOnlyList<FolderItem>? SubFolders { get; init; }

    /// <summary>Folders that others share with the caller; coffre-server only, with the caller's own root, when there are any.</summary>
    [JsonPropertyName("shared_with_me")]
    public IReadOnlyList<SharedFolderItem>? SharedWithMe { get; init; }

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

/// <summary>An account that a folder is shared with.</summary>
public sealed record FolderMember
{
    [JsonPropertyName("email")]
    public string? Email { get; init; }

    /// <summary>1: may write.</summary>
    [JsonPropertyName("rw")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int MayWrite { get; init; }

    /// <summary>1: is not told the links of the files; then it cannot write.</summary>
    [JsonPropertyName("hide_links")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int HideLinks { get; init; }
}

/// <summary>A folder that another account shares with the caller.</summary>
public sealed record SharedFolderItem
{
    [JsonPropertyName("id")]
    [JsonConverter(typeof(LooseLongConverter))]
    public required long Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Its owner.</summary>
    [JsonPropertyName("email")]
    public required string Email { get; init; }

    [JsonPropertyName("rw")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int MayWrite { get; init; }

    [JsonPropertyName("hide_links")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int HideLinks { get; init; }
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

/// <summary><c>folder/share.cgi</c>: gives a folder a public page, or takes it away.</summary>
public sealed record FolderShareRequest : V1Request
{
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    /// <summary>1 gives the page, 0 takes it away.</summary>
    [JsonPropertyName("share")]
    public int? Share { get; init; }

    /// <summary>Password of the page, at least 6 characters; empty removes it.</summary>
    [JsonPropertyName("pass")]
    public string? Pass { get; init; }

    /// <summary>Shares with other accounts: a list, or 0 for none.</summary>
    [JsonPropertyName("shares")]
    public System.Text.Json.JsonElement? Shares { get; init; }
}

public sealed record FolderShareAnswer : V1Answer
{
    /// <summary>Address of the public page, if there is one.</summary>
    [JsonPropertyName("url")]
    public string? Url { get; init; }
}

/// <summary>A file on the public page of a folder, asked for with <c>json=1</c>.</summary>
public sealed record SharedFile
{
    [JsonPropertyName("filename")]
    public required string FileName { get; init; }

    /// <summary>Bytes.</summary>
    [JsonPropertyName("size")]
    [JsonConverter(typeof(LooseLongConverter))]
    public required long Size { get; init; }

    [JsonPropertyName("link")]
    public required string Link { get; init; }

    /// <summary>1 if the file has a password of its own.</summary>
    [JsonPropertyName("password")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Password { get; init; }

    /// <summary>1 if an access rule restricts the file.</summary>
    [JsonPropertyName("acl")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Acl { get; init; }
}
