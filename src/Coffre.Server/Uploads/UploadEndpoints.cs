using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Door;
using Coffre.Server.Keys;
using Coffre.Server.Limits;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Coffre.Server.Uploads;

/// <summary><c>upload/get_upload_server.cgi</c>, <c>upload.cgi</c> and <c>end.pl</c>. See docs/protocol/upload.md.</summary>
internal sealed class UploadEndpoints(CallerFinder callers, FloodGate floods, UploadDesk desk, KeyWatch watch, UploadReportWriter reports, BodyDrain drain, PublicAddress address) : IEndpoints
{
    private const int MaxBoundary = 70;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Map(V1Paths.UploadServer, OpenAsync);
        routes.Map(V1Paths.Upload, ReceiveAsync);
        routes.Map(V1Paths.UploadEnd, ReportAsync);
    }

    private async Task OpenAsync(HttpContext http)
    {
        var caller = await AdmitAsync(http, HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsPost(http.Request.Method));
        var ticket = caller.IsFault ? caller.Fault : await desk.OpenAsync(caller.Value, http.RequestAborted);
        if (ticket.IsFault)
        {
            await KoWriter.WriteFaultAsync(http.Response, ticket.Fault);
            return;
        }

        var answer = new UploadServerAnswer { Url = address.Authority(http.Request), Id = ticket.Value.Id };
        await KoWriter.WriteAsync(http.Response, answer, V1Json.Default.UploadServerAnswer, pretty: false);
    }

    private async ValueTask<Outcome<Caller?>> AdmitAsync(HttpContext http, bool isAllowedMethod)
    {
        if (!isAllowedMethod)
        {
            return new Fault(KoCode.MethodNotAllowed, "GET or POST");
        }

        if (!JsonBody.IsSaid(http.Request))
        {
            return new Fault(KoCode.ContentTypeNotJson);
        }

        var caller = await callers.FindAsync(http, takesPassword: false);
        return !caller.IsFault && caller.Value is { } known && await floods.AdmitCallerAsync(http, known) is { } refusal ? refusal : caller;
    }

    private async Task ReceiveAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.MethodNotAllowed, "POST"));
            return;
        }

        // The limits of uploads are the desk's: Kestrel's own would cut the connection instead of answering.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var received = await TakeAsync(http);
        if (received.IsFault)
        {
            await drain.DrainAsync(http);
            await KoWriter.WriteFaultAsync(http.Response, received.Fault);
            return;
        }

        await drain.DrainAsync(http);
        await reports.WriteRedirectAsync(http.Response, received.Value.Id);
    }

    private async Task<Outcome<UploadTicket>> TakeAsync(HttpContext http)
    {
        var caller = await callers.FindAsync(http);
        if (caller.IsFault)
        {
            return caller.Fault;
        }

        if (BoundaryOf(http.Request) is not { } boundary)
        {
            return new Fault(KoCode.UploadNotMultipart, $"a boundary of 1 to {MaxBoundary} characters");
        }

        using var watched = watch.Begin(caller.Value, http);
        var body = new MultipartBody(http.Request.BodyReader, boundary, desk.MaxParts);
        return await desk.ReceiveAsync(http.Request.Query["id"], Asker.Of(http, caller.Value), http.Request, body, http.RequestAborted);
    }

    private async Task ReportAsync(HttpContext http)
    {
        var report = await desk.ReportAsync(http.Request.Query["xid"], http.RequestAborted);
        await (report.IsFault
            ? KoWriter.WriteFaultAsync(http.Response, report.Fault)
            : reports.WriteAsync(http, report.Value));
    }

    private static string? BoundaryOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return boundary is { Length: > 0 and <= MaxBoundary } && boundary.All(char.IsAscii) ? boundary : null;
    }
}
