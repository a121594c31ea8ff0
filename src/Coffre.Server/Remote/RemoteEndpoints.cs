using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Door;
using Coffre.Server.Folders;

namespace Coffre.Server.Remote;

/// <summary><c>remote/request.cgi</c>, <c>ls.cgi</c>, <c>info.cgi</c>. See docs/protocol/remote.md.</summary>
internal sealed class RemoteEndpoints(V1Door door, RemoteDesk desk, RemoteSignal signal, PublicAddress address) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes)
    {
        door.Map(routes, V1Paths.RemoteRequest, KeyScopes.Remote, V1Json.Default.RemoteRequestRequest, V1Json.Default.RemoteRequestAnswer, RequestAsync);
        door.Map(routes, V1Paths.RemoteLs, KeyScopes.Remote, V1Json.Default.EmptyRequest, V1Json.Default.RemoteLsAnswer, ListAsync);
        door.Map(routes, V1Paths.RemoteInfo, KeyScopes.Remote, V1Json.Default.RemoteInfoRequest, V1Json.Default.RemoteInfoAnswer, ShowAsync);
    }

    private async ValueTask<Outcome<RemoteRequestAnswer>> RequestAsync(V1Call<RemoteRequestRequest> call)
    {
        if (desk.OffFault is { } off)
        {
            return off;
        }

        var headers = SourceHeaders.Read(call.Request.Headers);
        if (headers.IsFault)
        {
            return headers.Fault;
        }

        var urls = call.Request.Urls ?? [];
        var made = await desk.RequestAsync(call.Caller.Reach, urls, call.Request.FolderId ?? Folder.RootId, headers.Value, call.Cancelled);
        return made.Map(request => new RemoteRequestAnswer
        {
            Status = V1Answer.Ok,
            Id = request.Id,
            Date = ParisTime.Format(request.RequestedAt),
            Urls = urls,
            Headers = request.Headers,
        });
    }

    private async ValueTask<Outcome<RemoteLsAnswer>> ListAsync(V1Call<EmptyRequest> call)
    {
        var requests = await desk.ListAsync(call.Caller.AccountId, call.Cancelled);
        return new RemoteLsAnswer
        {
            Status = V1Answer.Ok,
            Data = [.. requests.Select(request => new RemoteLsItem
            {
                Id = request.Id,
                RequestDate = ParisTime.Format(request.RequestedAt),
                ExecutionDate = ExecutionDate(request),
            })],
        };
    }

    private async ValueTask<Outcome<RemoteInfoAnswer>> ShowAsync(V1Call<RemoteInfoRequest> call)
    {
        if (call.Request.Id is not { } id)
        {
            return new Fault(KoCode.MissingParameter, "id");
        }

        var found = await desk.ShowAsync(call.Caller.AccountId, id, call.Cancelled);
        return found.Map(view => new RemoteInfoAnswer
        {
            Id = view.Request.Id,
            RequestDate = ParisTime.Format(view.Request.RequestedAt),
            ExecutionDate = ExecutionDate(view.Request),
            Links = [.. view.Urls.Select(pair => pair.Url.Url)],
            Result = view.Request.FinishedAt is null ? [] : [.. view.Urls.Select(pair => ToResult(call.Http.Request, pair))],
            Progress = [.. view.Urls.Select(ToProgress)],
        });
    }

    private static string ExecutionDate(RemoteRequest request) => request.FinishedAt is { } end ? ParisTime.Format(end) : "";

    private RemoteResult ToResult(HttpRequest http, (RemoteUrl Url, Files.FileRow? File) pair) => new()
    {
        Status = pair.Url.State == RemoteState.Done ? V1Answer.Ok : V1Answer.Ko,
        Url = pair.Url.Url,
        DownloadLink = pair.File is { } file ? address.Link(http, file.PublicLink) : null,
        Message = pair.Url.Message,
    };

    private RemoteProgressItem ToProgress((RemoteUrl Url, Files.FileRow? File) pair)
    {
        var progress = signal.Progress(pair.Url.Key);
        return new RemoteProgressItem
        {
            Url = pair.Url.Url,
            State = pair.Url.State.ToString().ToLowerInvariant(),
            Received = progress?.Received ?? pair.File?.Length ?? 0,
            Size = progress?.Size ?? pair.File?.Length,
        };
    }
}
