using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary><c>upload/get_upload_server.cgi</c>. Success carries no <c>status</c>.</summary>
public sealed record UploadServerAnswer : V1Answer
{
    /// <summary>Host, with its port where that is not the scheme's own.</summary>
    [JsonPropertyName("url")]
    public string? Url { get; init; }

    /// <summary>10 characters of <c>[A-Za-z0-9]</c>.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }
}

/// <summary>The report of an upload: <c>end.pl</c> with the header <c>JSON: 1</c>.</summary>
public sealed record UploadReport
{
    /// <summary>1 if the files went to a member's incoming folder.</summary>
    [JsonPropertyName("incoming")]
    [JsonConverter(typeof(LooseIntConverter))]
    public int Incoming { get; init; }

    [JsonPropertyName("links")]
    public IReadOnlyList<UploadedLink>? Links { get; init; }
}

public sealed record UploadedLink
{
    [JsonPropertyName("download")]
    public required string Download { get; init; }

    [JsonPropertyName("filename")]
    public required string FileName { get; init; }

    /// <summary>Removal link; empty for files that belong to an account.</summary>
    [JsonPropertyName("remove")]
    public string? Remove { get; init; }

    /// <summary>Bytes, as text: rclone takes nothing else here.</summary>
    [JsonPropertyName("size")]
    [JsonConverter(typeof(LooseStringConverter))]
    public required string Size { get; init; }

    [JsonPropertyName("whirlpool")]
    public string? Whirlpool { get; init; }
}

/// <summary><c>download/get_token.cgi</c>.</summary>
public sealed record DownloadTokenRequest : FileAddressRequest
{
    [JsonPropertyName("inline")]
    public int? Inline { get; init; }

    [JsonPropertyName("cdn")]
    public int? Cdn { get; init; }

    [JsonPropertyName("restrict_ip")]
    public int? RestrictIp { get; init; }

    [JsonPropertyName("single")]
    public int? Single { get; init; }

    [JsonPropertyName("no_ssl")]
    public int? NoSsl { get; init; }
}

public sealed record DownloadTokenAnswer : V1Answer
{
    [JsonPropertyName("url")]
    public string? Url { get; init; }
}
