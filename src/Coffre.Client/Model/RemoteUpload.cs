using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client;

/// <summary>URLs that the service was asked to fetch into the account.</summary>
/// <param name="Id">What names the request in every call.</param>
public sealed record RemoteUpload(long Id)
{
    // Pending requests have no date, or one of 1970.
    private const int FirstYear = 2000;

    /// <summary>When it was asked for; null if the service does not say it in a form that can be read.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>When the last of its URLs had ended, well or not; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its URLs in the order in which they were given; empty in a list, and when it was just made.</summary>
    public IReadOnlyList<RemoteUploadItem> Items { get; init; } = [];

    internal static RemoteUpload From(RemoteLsItem item) => new(item.Id) { RequestedAt = Moment(item.RequestDate), FinishedAt = Moment(item.ExecutionDate) };

    internal static RemoteUpload From(RemoteInfoAnswer answer, long id)
    {
        var finished = Moment(answer.ExecutionDate);
        var (links, results, progress) = (answer.Links ?? [], answer.Result ?? [], answer.Progress ?? []);
        var urls = links.Count > 0 ? links : [.. results.Select(result => result.Url ?? "")];
        return new RemoteUpload(id)
        {
            RequestedAt = Moment(answer.RequestDate),
            FinishedAt = finished,
            Items = [.. urls.Select((url, at) => finished is null
                ? RemoteUploadItem.Pending(url, progress.Count == urls.Count ? progress[at] : null)
                : RemoteUploadItem.Ended(url, ResultOf(results, url, at, urls.Count), progress.Count == urls.Count ? progress[at] : null))],
        };
    }

    private static RemoteResult? ResultOf(IReadOnlyList<RemoteResult> results, string url, int at, int count) =>
        results.Count == count ? results[at] : results.FirstOrDefault(result => result.Url?.Contains(url, StringComparison.Ordinal) is true);

    private static DateTimeOffset? Moment(string? text) => ParisTime.TryParse(text, out var moment) && moment.Year >= FirstYear ? moment : null;
}

/// <summary>How far the service is with one URL.</summary>
public enum RemoteUploadState
{
    /// <summary>Not begun, or the service does not say more than that it has not ended.</summary>
    Waiting,

    /// <summary>Bytes come in.</summary>
    Running,

    /// <summary>It is a file of the account.</summary>
    Done,

    /// <summary>It was given up.</summary>
    Failed,
}

/// <summary>One URL of a <see cref="RemoteUpload"/>.</summary>
/// <param name="Url">As it was asked for, user and password included: never log it.</param>
public sealed record RemoteUploadItem(string Url)
{
    /// <summary>How far it is.</summary>
    public RemoteUploadState State { get; init; }

    /// <summary>Link of the file that came of it; null until the whole request has ended.</summary>
    public string? Link { get; init; }

    /// <summary>The service's words on how it went; empty before.</summary>
    public string Message { get; init; } = "";

    /// <summary>Bytes that are there; null where the service does not say (1fichier.com).</summary>
    public long? Received { get; init; }

    /// <summary>Bytes of the whole; null while that is not known.</summary>
    public long? Size { get; init; }

    internal static RemoteUploadItem Pending(string url, RemoteProgressItem? progress) => new(url)
    {
        State = progress?.State switch
        {
            "running" => RemoteUploadState.Running,
            "done" => RemoteUploadState.Done,
            "failed" => RemoteUploadState.Failed,
            _ => RemoteUploadState.Waiting,
        },
        Received = progress?.Received,
        Size = progress?.Size,
    };

    internal static RemoteUploadItem Ended(string url, RemoteResult? result, RemoteProgressItem? progress) => new(url)
    {
        State = result is { DownloadLink.Length: > 0 } && string.Equals(result.Status, V1Answer.Ok, StringComparison.OrdinalIgnoreCase)
            ? RemoteUploadState.Done : RemoteUploadState.Failed,
        Link = result?.DownloadLink is { Length: > 0 } link ? link : null,
        Message = result is null ? "The service does not say what became of it." : result.Message ?? "",
        Received = progress?.Received,
        Size = progress?.Size,
    };
}
