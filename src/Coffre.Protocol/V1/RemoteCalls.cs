using System.Text.Json;
using System.Text.Json.Serialization;

namespace Coffre.Protocol.V1;

/// <summary><c>remote/request.cgi</c>: the host fetches URLs.</summary>
public sealed record RemoteRequestRequest : V1Request
{
    /// <summary>http, https and ftp.</summary>
    [JsonPropertyName("urls")]
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>Where the files go; 0 is the root.</summary>
    [JsonPropertyName("folder_id")]
    public long? FolderId { get; init; }

    /// <summary>Sent along to the source: an object of name and value, or a list of <c>Name: value</c>.</summary>
    [JsonPropertyName("headers")]
    public JsonElement? Headers { get; init; }
}

public sealed record RemoteRequestAnswer : V1Answer
{
    [JsonPropertyName("id")]
    public long Id { get; init; }

    [JsonPropertyName("date")]
    public string Date { get; init; } = "";

    [JsonPropertyName("urls")]
    public IReadOnlyList<string> Urls { get; init; } = [];

    [JsonPropertyName("headers")]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>As much of the same answer as a client needs: the rest has been seen in more than one shape.</summary>
public sealed record RemoteReceipt : V1Answer
{
    [JsonPropertyName("id")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long Id { get; init; }
}

/// <summary><c>remote/ls.cgi</c>: the requests, the newest first.</summary>
public sealed record RemoteLsAnswer : V1Answer
{
    [JsonPropertyName("data")]
    public IReadOnlyList<RemoteLsItem> Data { get; init; } = [];
}

public sealed record RemoteLsItem
{
    [JsonPropertyName("id")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long Id { get; init; }

    [JsonPropertyName("request_date")]
    public string RequestDate { get; init; } = "";

    /// <summary>Empty until all of its URLs have ended.</summary>
    [JsonPropertyName("execution_date")]
    public string ExecutionDate { get; init; } = "";
}

public sealed record RemoteInfoRequest : V1Request
{
    [JsonPropertyName("id")]
    public long? Id { get; init; }
}

/// <summary><c>remote/info.cgi</c>: what became of each URL. Without a status, as the protocol has it.</summary>
public sealed record RemoteInfoAnswer : V1Answer
{
    [JsonPropertyName("id")]
    [JsonConverter(typeof(LooseLongConverter))]
    public long Id { get; init; }

    [JsonPropertyName("request_date")]
    public string RequestDate { get; init; } = "";

    [JsonPropertyName("execution_date")]
    public string ExecutionDate { get; init; } = "";

    [JsonPropertyName("links")]
    public IReadOnlyList<string> Links { get; init; } = [];

    /// <summary>Empty until all of the URLs have ended.</summary>
    [JsonPropertyName("result")]
    public IReadOnlyList<RemoteResult> Result { get; init; } = [];

    /// <summary>Ours: how far each URL is.</summary>
    [JsonPropertyName("progress")]
    public IReadOnlyList<RemoteProgressItem> Progress { get; init; } = [];
}

public sealed record RemoteResult
{
    [JsonPropertyName("status")]
    public string Status { get; init; } = "";

    [JsonPropertyName("url")]
    public string Url { get; init; } = "";

    [JsonPropertyName("download_link")]
    public string? DownloadLink { get; init; }

    [JsonPropertyName("message")]
    public string Message { get; init; } = "";
}

public sealed record RemoteProgressItem
{
    [JsonPropertyName("url")]
    public string Url { get; init; } = "";

    /// <summary><c>waiting</c>, <c>running</c>, <c>done</c> or <c>failed</c>.</summary>
    [JsonPropertyName("state")]
    public string State { get; init; } = "";

    /// <summary>Bytes that are there.</summary>
    [JsonPropertyName("received")]
    public long Received { get; init; }

    /// <summary>Bytes of the whole; absent while that is not known.</summary>
    [JsonPropertyName("size")]
    public long? Size { get; init; }
}
