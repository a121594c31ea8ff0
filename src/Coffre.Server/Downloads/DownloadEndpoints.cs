using System.Globalization;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Keys;
using Coffre.Storage;
using Microsoft.AspNetCore.Http.Features;

namespace Coffre.Server.Downloads;

/// <summary>The bytes: <c>/p&lt;digits&gt;</c> with ranges and conditions (RFC 9110). No key is needed: the address is the right.</summary>
internal sealed partial class DownloadEndpoints(
    DownloadTokens tokens, DownloadDesk desk, KeyWatch watch, IBlobStore store, Countries countries, BodyCopy copy, HandOver nginx, ILogger<DownloadEndpoints> logger) : IEndpoints
{
    // What is shorter fits into the socket: it is gone before a key that ended could be noticed.
    private const long WorthWatching = 64 * 1024;

    private static readonly RangeWish Whole = new RangeWish.Whole();

    public void Map(IEndpointRouteBuilder routes) => routes.Map("/p{digits}", ServeAsync);

    private async Task ServeAsync(HttpContext http, string digits)
    {
        var isHead = HttpMethods.IsHead(http.Request.Method);
        if (!isHead && !HttpMethods.IsGet(http.Request.Method))
        {
            await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.MethodNotAllowed, "GET or HEAD"));
            return;
        }

        if (tokens.Redeem(digits) is not { } token)
        {
            await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.TokenExpired));
            return;
        }

        var found = await desk.FindAsync(token, http.RequestAborted);
        if (found.IsFault)
        {
            await KoWriter.WriteFaultAsync(http.Response, found.Fault);
            return;
        }

        var file = found.Value.File;

        // The token tells that the person may; where the bytes go to is asked each time.
        if (!token.IsMember && file.Rules?.JudgePlace(http.Connection.RemoteIpAddress, countries) is { } refusal)
        {
            await KoWriter.WriteFaultAsync(http.Response, refusal);
            return;
        }

        using var watched = token.Issuer is { } issuer && file.Length > WorthWatching ? watch.Begin(issuer, http) : null;
        await SendAsync(http, found.Value, token.Inline || file.Inline, isHead);
    }

    private async Task SendAsync(HttpContext http, Offer offer, bool inline, bool isHead)
    {
        var file = offer.File;
        offer.Describe(http.Response.Headers, inline);
        var headers = http.Request.GetTypedHeaders();
        if (Conditions.Judge(headers, offer.Tag, offer.ModifiedAt) is { } status)
        {
            http.Response.StatusCode = status;
            http.Response.ContentLength = status == StatusCodes.Status304NotModified ? null : 0;
            return;
        }

        var wish = http.Request.Headers.Range is { Count: > 0 } wanted && Conditions.RangeHolds(headers, offer.Tag, offer.ModifiedAt)
            ? RangeHeader.Parse(wanted.ToString(), file.Length)
            : Whole;
        if (wish is RangeWish.Unsatisfiable)
        {
            http.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{file.Length}");
            http.Response.ContentLength = 0;
            return;
        }

        var range = new ByteRange(0, file.Length);
        if (wish is RangeWish.Part part)
        {
            range = part.Range;
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.Headers.ContentRange =
                string.Create(CultureInfo.InvariantCulture, $"bytes {range.Start}-{range.End - 1}/{file.Length}");
        }

        if (!isHead && nginx.TryTake(http, file, range))
        {
            LogHandedOver(file.Id, file.AccountId, range.Start, range.Length);
            return;
        }

        http.Response.ContentLength = range.Length;
        if (!isHead)
        {
            await CopyAsync(http, file, range);
        }
    }

    private async Task CopyAsync(HttpContext http, FileRow file, ByteRange range)
    {
        await using var bytes = await store.OpenAsync(file.BlobId, range, http.RequestAborted)
            ?? throw new StorageException(StorageTrouble.Corrupt, $"The bytes of file {file.Id} are not in the store.");
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The headers first: what is read before they are written lands beside the response's pipe and is copied into it.
        await http.Response.StartAsync(http.RequestAborted);
        if (await copy.RunAsync(bytes, range.Length, http.Response.BodyWriter, http.Features.Get<IFileSend>(), http.RequestAborted))
        {
            LogSent(file.Id, file.AccountId, range.Start, range.Length);
        }
    }

    [LoggerMessage(LogLevel.Information, "Left file {FileId} of account {AccountId} to nginx from {Start}, {Bytes} bytes")]
    private partial void LogHandedOver(long fileId, long accountId, long start, long bytes);

    [LoggerMessage(LogLevel.Information, "Sent file {FileId} of account {AccountId} from {Start}, {Bytes} bytes")]
    private partial void LogSent(long fileId, long accountId, long start, long bytes);
}
