using System.Globalization;
using Coffre.Protocol;
using Coffre.Server.Access;
using Coffre.Server.Door;
using Coffre.Server.Files;
using Coffre.Server.Keys;
using Coffre.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Coffre.Server.Downloads;

/// <summary>The bytes: <c>/p&lt;digits&gt;</c> with ranges and conditions (RFC 9110). No key is needed: the address is the right.</summary>
internal sealed partial class DownloadEndpoints(
    DownloadTokens tokens, DownloadDesk desk, KeyWatch watch, IBlobStore store, Countries countries, BodyCopy copy, ILogger<DownloadEndpoints> logger) : IEndpoints
{
    // Shown in the page only if no browser runs anything in it.
    private static readonly string[] InlineTypes = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "text/plain", "application/pdf"];

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

        var file = found.Value;

        // The token tells that the person may; where the bytes go to is asked each time.
        if (!token.IsMember && file.Rules?.JudgePlace(http.Connection.RemoteIpAddress, countries) is { } refusal)
        {
            await KoWriter.WriteFaultAsync(http.Response, refusal);
            return;
        }

        using var watched = token.Issuer is { } issuer ? watch.Begin(issuer, http) : null;
        await SendAsync(http, file, token.Inline || file.Inline, isHead);
    }

    private async Task SendAsync(HttpContext http, FileRow file, bool inline, bool isHead)
    {
        var tag = new EntityTagHeaderValue($"\"{file.ChecksumText[..40]}\"");
        var modifiedAt = DateTimeOffset.FromUnixTimeSeconds(file.CreatedAt.ToUnixTimeSeconds());
        Describe(http.Response, file, inline, tag, modifiedAt);
        var headers = http.Request.GetTypedHeaders();
        if (Conditions.Judge(headers, tag, modifiedAt) is { } status)
        {
            http.Response.StatusCode = status;
            http.Response.ContentLength = status == StatusCodes.Status304NotModified ? null : 0;
            return;
        }

        var wish = Conditions.RangeHolds(headers, tag, modifiedAt)
            ? RangeHeader.Parse(http.Request.Headers.Range.Count > 0 ? http.Request.Headers.Range.ToString() : null, file.Length)
            : new RangeWish.Whole();
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

        http.Response.ContentLength = range.Length;
        if (!isHead)
        {
            await CopyAsync(http, file, range);
        }
    }

    private static void Describe(HttpResponse response, FileRow file, bool inline, EntityTagHeaderValue tag, DateTimeOffset modifiedAt)
    {
        var type = ContentTypes.Of(file.Name);
        var mayShow = inline && (InlineTypes.Contains(type) || type.StartsWith("video/", StringComparison.Ordinal)
            || type.StartsWith("audio/", StringComparison.Ordinal));
        var headers = response.GetTypedHeaders();
        headers.ETag = tag;
        headers.LastModified = modifiedAt;
        response.ContentType = type;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ContentDisposition = Disposition.Of(file.Name, mayShow);
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        response.Headers.CacheControl = "private, no-transform";
    }

    private async Task CopyAsync(HttpContext http, FileRow file, ByteRange range)
    {
        await using var bytes = await store.OpenAsync(file.BlobId, range, http.RequestAborted)
            ?? throw new StorageException(StorageTrouble.Corrupt, $"The bytes of file {file.Id} are not in the store.");
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        // The headers first: what is read before they are written lands beside the response's pipe and is copied into it.
        await http.Response.StartAsync(http.RequestAborted);
        if (await copy.RunAsync(bytes, range.Length, http.Response.BodyWriter, http.RequestAborted))
        {
            LogSent(file.Id, file.AccountId, range.Start, range.Length);
        }
    }

    [LoggerMessage(LogLevel.Information, "Sent file {FileId} of account {AccountId} from {Start}, {Bytes} bytes")]
    private partial void LogSent(long fileId, long accountId, long start, long bytes);
}
