using System.Globalization;
using System.Net;
using Coffre.Server.Files;
using Coffre.Server.Limits;
using Coffre.Server.Settings;
using Coffre.Storage;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Primitives;

namespace Coffre.Server.Downloads;

/// <summary>Leaves the bytes of a download to an nginx before this server (<c>X-Accel-Redirect</c>), once everything about it is decided.</summary>
/// <remarks>
/// Only where nginx cannot decide anything differently: a blob with a file of its own, the whole of it or one range, no condition that
/// nginx would judge by tags and dates of its own. And only if a trusted proxy asks for it: anybody else would be shown a path and get no bytes.
/// </remarks>
internal sealed class HandOver(ServerSettings settings, IBlobStore store)
{
    private const string Asked = "X-Sendfile-Type";
    private const string Way = "X-Accel-Redirect";

    private readonly string _prefix = settings.Text(DownloadSettings.AccelPrefix);
    private readonly IReadOnlyList<System.Net.IPNetwork> _proxies = LimitSettings.Networks(settings);

    /// <summary>Answers with the way to the file, if nginx shall send it. Called when status and headers of the answer are set, but for its length.</summary>
    public bool TryTake(HttpContext http, FileRow file, ByteRange range)
    {
        if (_prefix.Length == 0 || range.Length == 0 || !IsAskedFor(http) || IsConditional(http.Request.Headers) || !IsPlain(http.Request.Headers.Range, range)
            || (store as IOwnFiles)?.FindFile(file.BlobId) is not { } path)
        {
            return false;
        }

        // nginx makes status, range and length from the request itself.
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.Headers.ContentRange = default;
        if (http.Request.Headers.Range.Count == 0)
        {
            // Of a whole file it says so itself, of a part it does not.
            http.Response.Headers.AcceptRanges = default;
        }

        http.Response.ContentLength = 0;
        http.Response.Headers[Way] = _prefix + path;
        return true;
    }

    private bool IsAskedFor(HttpContext http)
    {
        if (http.Request.Headers[Asked] != Way || http.Features.Get<IConnectionSocketFeature>()?.Socket.RemoteEndPoint is not IPEndPoint peer)
        {
            return false;
        }

        // The connection's own other end, not what a header tells of the client.
        var address = peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address;
        return _proxies.Any(network => network.Contains(address));
    }

    /// <summary>No range, or one written so that it has one reading only: no suffix, no blanks, nothing past the end, not several.</summary>
    private static bool IsPlain(StringValues text, ByteRange range) =>
        text.Count == 0
        || text == string.Create(CultureInfo.InvariantCulture, $"bytes={range.Start}-{range.End - 1}")
        || text == string.Create(CultureInfo.InvariantCulture, $"bytes={range.Start}-");

    private static bool IsConditional(IHeaderDictionary request) =>
        request.IfMatch.Count > 0 || request.IfNoneMatch.Count > 0 || request.IfModifiedSince.Count > 0
        || request.IfUnmodifiedSince.Count > 0 || request.IfRange.Count > 0;
}
