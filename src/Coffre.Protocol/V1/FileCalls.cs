using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary><c>file/ls.cgi</c>: the files of one folder.</summary>
public sealed record FileLsRequest : V1Request
{
    /// <summary>Folder; 0 or absent is the root, -1 every file of the account.</summary>
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    /// <summary>Owner, when the folder is another account's shared root.</summary>
    [JsonPropertyName("sharing_user")]
    public string? SharingUser { get; init; }

    /// <summary>Only files that arrived before this wire date (Paris time).</summary>
    [JsonPropertyName("sent_before")]
    public string? SentBefore { get; init; }

    /// <summary>Only files that arrived after this wire date (Paris time).</summary>
    [JsonPropertyName("sent_after")]
    public string? SentAfter { get; init; }
}

/// <summary>One file in a listing.</summary>
public sealed record FileItem
{
    [JsonPropertyName("url")]
    public required string Url { get; init; }

    [JsonPropertyName("filename")]
    public required string FileName { get; init; }

    /// <summary>Bytes.</summary>
    [JsonPropertyName("size")]
    [JsonConverter(typeof(LooseLongConverter))]
    public required long Size { get; init; }

    /// <summary>Arrival, <c>YYYY-MM-DD HH:MM:SS</c> in Paris time.</summary>
    [JsonPropertyName("date")]
    public required string Date { get; init; }

    /// <summary>Whirlpool, 128 lower-case hexadecimal digits.</summary>
    [JsonPropertyName("checksum")]
    public string? Checksum { get; init; }

    [JsonPropertyName("content-type")]
    public string? ContentType { get; init; }

    /// <summary>1 if a password protects the file.</summary>
    [JsonPropertyName("pass")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Pass { get; init; }

    /// <summary>1 if an access rule restricts the file.</summary>
    [JsonPropertyName("acl")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Acl { get; init; }

    [JsonPropertyName("cdn")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Cdn { get; init; }
}

public sealed record FileLsAnswer : V1Answer
{
    [JsonPropertyName("count")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Count { get; init; }

    [JsonPropertyName("items")]
    public IReadOnlyList<FileItem>? Items { get; init; }
}

/// <summary><c>file/info.cgi</c> and <c>download/get_token.cgi</c> name a file in the same two ways.</summary>
public abstract record FileAddressRequest : V1Request
{
    [JsonPropertyName("url")]
    public string? Url { get; init; }

    [JsonPropertyName("pass")]
    public string? Pass { get; init; }

    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    [JsonPropertyName("filename")]
    public string? FileName { get; init; }

    [JsonPropertyName("sharing_user")]
    public string? SharingUser { get; init; }
}

public sealed record FileInfoRequest : FileAddressRequest;

/// <summary>One file with everything that its asker may know. Success carries no <c>status</c>.</summary>
public sealed record FileInfoAnswer : V1Answer
{
    [JsonPropertyName("url")]
    public string? Url { get; init; }

    [JsonPropertyName("filename")]
    public string? FileName { get; init; }

    [JsonPropertyName("size")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long Size { get; init; }

    [JsonPropertyName("date")]
    public string? Date { get; init; }

    [JsonPropertyName("checksum")]
    public string? Checksum { get; init; }

    [JsonPropertyName("content-type")]
    public string? ContentType { get; init; }

    /// <summary>The spelling of one transcription; read, never written.</summary>
    [JsonPropertyName("content_type")]
    public string? ContentTypeAlias { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("pass")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Pass { get; init; }

    [JsonPropertyName("inline")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Inline { get; init; }

    [JsonPropertyName("cdn")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Cdn { get; init; }

    /// <summary>Own files only.</summary>
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    /// <summary>Own files only: the parent's path without a leading slash.</summary>
    [JsonPropertyName("path")]
    public string? Path { get; init; }

    /// <summary>Own files only.</summary>
    [JsonPropertyName("no_ssl")]
    [JsonConverter(typeof(LooseNullableIntConverter))]
    public int? NoSsl { get; init; }

    /// <summary>An object of rules for own files (absent when there are none), 0 or 1 for files of others.</summary>
    [JsonPropertyName("acl")]
    public System.Text.Json.JsonElement? Acl { get; init; }
}

/// <summary><c>file/rm.cgi</c>.</summary>
public sealed record FileRmRequest : V1Request
{
    [JsonPropertyName("files")]
    public IReadOnlyList<FileRmItem>? Files { get; init; }
}

public sealed record FileRmItem
{
    [JsonPropertyName("url")]
    public string? Url { get; init; }

    /// <summary>Removal code, only for files that belong to no account.</summary>
    [JsonPropertyName("code")]
    public string? Code { get; init; }
}

public sealed record FileRmAnswer : V1Answer
{
    [JsonPropertyName("removed")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Removed { get; init; }

    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }
}

/// <summary><c>file/mv.cgi</c>.</summary>
public sealed record FileMvRequest : V1Request
{
    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    [JsonPropertyName("destination_folder_id")]
    public long? DestinationFolderId { get; init; }

    [JsonPropertyName("destination_user")]
    public string? DestinationUser { get; init; }

    /// <summary>New name, with exactly one URL.</summary>
    [JsonPropertyName("rename")]
    public string? Rename { get; init; }
}

public sealed record FileMvAnswer : V1Answer
{
    [JsonPropertyName("moved")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Moved { get; init; }

    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    [JsonPropertyName("filename")]
    public string? FileName { get; init; }
}

/// <summary><c>file/rename.cgi</c>.</summary>
public sealed record FileRenameRequest : V1Request
{
    [JsonPropertyName("urls")]
    public IReadOnlyList<FileRenameItem>? Urls { get; init; }
}

public sealed record FileRenameItem
{
    [JsonPropertyName("url")]
    public string? Url { get; init; }

    [JsonPropertyName("filename")]
    public string? FileName { get; init; }
}

public sealed record FileRenameAnswer : V1Answer
{
    [JsonPropertyName("renamed")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Renamed { get; init; }

    [JsonPropertyName("urls")]
    public IReadOnlyList<FileRenamed>? Urls { get; init; }
}

public sealed record FileRenamed
{
    [JsonPropertyName("url")]
    public required string Url { get; init; }

    [JsonPropertyName("old_filename")]
    public required string OldFileName { get; init; }

    [JsonPropertyName("new_filename")]
    public required string NewFileName { get; init; }
}

/// <summary><c>file/cp.cgi</c>: copy, also of other people's files that the caller may read.</summary>
public sealed record FileCpRequest : V1Request
{
    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    /// <summary>What two old clients send instead of <c>folder_id</c>.</summary>
    [JsonPropertyName("destination_folder_id")]
    public long? DestinationFolderId { get; init; }

    [JsonPropertyName("pass")]
    public string? Pass { get; init; }

    [JsonPropertyName("sharing_user")]
    public string? SharingUser { get; init; }

    [JsonPropertyName("rename")]
    public string? Rename { get; init; }
}

public sealed record FileCpAnswer : V1Answer
{
    [JsonPropertyName("copied")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Copied { get; init; }

    [JsonPropertyName("urls")]
    public IReadOnlyList<FileCopied>? Urls { get; init; }

    [JsonPropertyName("filename")]
    public string? FileName { get; init; }
}

public sealed record FileCopied
{
    [JsonPropertyName("from_url")]
    public required string FromUrl { get; init; }

    [JsonPropertyName("to_url")]
    public required string ToUrl { get; init; }
}

/// <summary><c>file/chattr.cgi</c>: what is left out stays as it is.</summary>
public sealed record FileChattrRequest : V1Request
{
    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>New name, with exactly one URL.</summary>
    [JsonPropertyName("filename")]
    public string? FileName { get; init; }

    /// <summary>May be empty.</summary>
    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>At least 6 characters; empty removes it.</summary>
    [JsonPropertyName("pass")]
    public string? Pass { get; init; }

    [JsonPropertyName("no_ssl")]
    public int? NoSsl { get; init; }

    [JsonPropertyName("inline")]
    public int? Inline { get; init; }

    [JsonPropertyName("cdn")]
    public int? Cdn { get; init; }

    /// <summary>An object with <c>ip</c>, <c>country</c>, <c>email</c>, <c>premium</c>; empty removes the rules.</summary>
    [JsonPropertyName("acl")]
    public System.Text.Json.JsonElement? Acl { get; init; }
}

public sealed record FileChattrAnswer : V1Answer
{
    [JsonPropertyName("updated")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Updated { get; init; }

    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }
}

/// <summary><c>file/scan.cgi</c>: looks for viruses in one file.</summary>
public sealed record FileScanRequest : V1Request
{
    [JsonPropertyName("url")]
    public string? Url { get; init; }
}

public sealed record FileScanAnswer : V1Answer
{
    /// <summary>When the file was scanned; absent if that was just now.</summary>
    [JsonPropertyName("date")]
    public string? Date { get; init; }
}
