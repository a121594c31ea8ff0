using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary><c>ftp/process.cgi</c>: names the files that wait.</summary>
public sealed record FtpProcessAnswer : V1Answer
{
    /// <summary>How many were named. Ours: the form of this answer is not known.</summary>
    [JsonPropertyName("processed")]
    public int Processed { get; init; }
}

/// <summary><c>ftp/users/add.cgi</c>.</summary>
public sealed record FtpUsersAddRequest : V1Request
{
    [JsonPropertyName("user")]
    public string? User { get; init; }

    [JsonPropertyName("pass")]
    public string? Pass { get; init; }

    /// <summary>Where the user's files go; 0 is the root.</summary>
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }
}

/// <summary><c>ftp/users/rm.cgi</c>.</summary>
public sealed record FtpUsersRmRequest : V1Request
{
    [JsonPropertyName("user")]
    public string? User { get; init; }
}

/// <summary><c>ftp/users/ls.cgi</c>. Ours: the form of this answer is not known.</summary>
public sealed record FtpUsersLsAnswer : V1Answer
{
    [JsonPropertyName("data")]
    public IReadOnlyList<FtpUserItem> Data { get; init; } = [];
}

public sealed record FtpUserItem
{
    [JsonPropertyName("user")]
    public string User { get; init; } = "";

    [JsonPropertyName("folder_id")]
    public long FolderId { get; init; }
}
