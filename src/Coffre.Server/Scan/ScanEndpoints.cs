using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Door;

namespace Coffre.Server.Scan;

/// <summary><c>file/scan.cgi</c>. See docs/protocol/scan.md.</summary>
internal sealed class ScanEndpoints(V1Door door, ScanDesk desk) : IEndpoints
{
    public void Map(IEndpointRouteBuilder routes) =>
        door.Map(routes, V1Paths.FileScan, KeyScopes.Read, V1Json.Default.FileScanRequest, V1Json.Default.FileScanAnswer, ScanAsync);

    private async ValueTask<Outcome<FileScanAnswer>> ScanAsync(V1Call<FileScanRequest> call)
    {
        if (string.IsNullOrEmpty(call.Request.Url))
        {
            return new Fault(KoCode.MissingParameter, "url");
        }

        var scanned = await desk.ScanAsync(call.Request.Url, call.Asker, call.Cancelled);
        return scanned.Map(cachedAt => new FileScanAnswer
        {
            Status = V1Answer.Ok,
            Message = "No virus was found",
            Date = cachedAt is { } date ? ParisTime.Format(date) : null,
        });
    }
}
