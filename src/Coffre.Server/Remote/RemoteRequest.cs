namespace Coffre.Server.Remote;

/// <summary>One wish to have URLs fetched.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="Id">Its number.</param>
/// <param name="FolderId">Where the files go.</param>
/// <param name="Headers">Sent along to the sources.</param>
/// <param name="RequestedAt">UTC.</param>
/// <param name="FinishedAt">When the last of its URLs had ended; null before.</param>
internal sealed record RemoteRequest(
    long AccountId, long Id, long FolderId, IReadOnlyDictionary<string, string> Headers, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt);

internal enum RemoteState
{
    Waiting,
    Running,
    Done,
    Failed,
}

/// <summary>One URL of a request.</summary>
/// <param name="Key">Which.</param>
/// <param name="Url">As it was asked for.</param>
/// <param name="State">How far it is.</param>
/// <param name="Link">Id of the file's link; null unless it is done.</param>
/// <param name="Message">What became of it, for people; empty before.</param>
internal sealed record RemoteUrl(RemoteKey Key, string Url, RemoteState State, string? Link, string Message);

/// <summary>Names one URL of one request.</summary>
internal readonly record struct RemoteKey(long AccountId, long RequestId, int Sequence);
