using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Coffre.Server.Settings;

namespace Coffre.Server.Remote;

/// <summary>Fetches by HTTP and HTTPS.</summary>
internal sealed class HttpSource : IDisposable
{
    private const int MaxRedirects = 5;
    private readonly SourceConnector _connector;
    private readonly HttpMessageInvoker _http;
    private readonly TimeSpan _patience;

    public HttpSource(SourceConnector connector, ServerSettings settings)
    {
        _connector = connector;
        _patience = settings.Seconds(RemoteSettings.ConnectSeconds);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // Redirects are followed by hand and judged again; no proxy, which would do the connecting; no cookies of one user for another;
            // nothing is unpacked, so that a small answer stays small.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = TimeSpan.Zero,
            MaxResponseHeadersLength = 64,
            ConnectCallback = async (context, token) =>
                new NetworkStream(await connector.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, token), ownsSocket: true),
        });
    }

    /// <summary>One try. What is there already is gone on with if the source can.</summary>
    /// <param name="url">Where to begin.</param>
    /// <param name="headers">The user's; they go to this scheme, host and port only.</param>
    /// <param name="body">Takes the bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What the file is called.</returns>
    public async Task<string> FetchAsync(Uri url, IReadOnlyDictionary<string, string> headers, SourceBody body, CancellationToken cancellationToken)
    {
        var at = url;
        var isHome = true;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            // Once they were dropped they stay away: whoever leads back may not be the one that they were meant for.
            isHome &= IsSame(at, url);
            using var request = Ask(at, isHome ? headers : null, body);
            using var answer = await SendAsync(request, cancellationToken);
            if (Redirect(answer, at) is { } next)
            {
                at = next;
                continue;
            }

            await TakeAsync(answer, body, cancellationToken);
            return SourceUrl.NameOf(at, answer.Content.Headers.ContentDisposition);
        }

        throw SourceException.Final("The source leads from one address to the next, too often");
    }

    public void Dispose() => _http.Dispose();

    private static bool IsSame(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && one.IdnHost == other.IdnHost;

    private static HttpRequestMessage Ask(Uri url, IReadOnlyDictionary<string, string>? headers, SourceBody body)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(url) { UserName = "", Password = "" }.Uri)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("User-Agent", "coffre-server");
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        if (headers is not null)
        {
            if (SourceUrl.Login(url) is var (user, password))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
            }

            foreach (var (name, value) in headers)
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        if (body is { Length: > 0, Validator: { } validator })
        {
            request.Headers.Range = new RangeHeaderValue(body.Length, null);
            request.Headers.TryAddWithoutValidation("If-Range", validator);
        }

        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(_patience);
        try
        {
            return await _http.SendAsync(request, timer.Token);
        }
        catch (HttpRequestException exception) when (exception.InnerException is SourceException source)
        {
            throw new SourceException(source.Message, source.IsFinal, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or InvalidOperationException
            && !cancellationToken.IsCancellationRequested)
        {
            throw SourceException.Unreachable(exception);
        }
    }

    private Uri? Redirect(HttpResponseMessage answer, Uri at)
    {
        if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308))
        {
            return null;
        }

        // Another scheme, a forbidden port: told like a host that does not answer.
        return answer.Headers.Location is { } location && Uri.TryCreate(at, location, out var next) && SourceUrl.TryRead(next.AbsoluteUri, out next)
            && next.Scheme is "http" or "https" && !(at.Scheme == "https" && next.Scheme == "http") && _connector.MayUse(next.Port)
            ? next
            : throw SourceException.Unreachable();
    }

    private static async Task TakeAsync(HttpResponseMessage answer, SourceBody body, CancellationToken cancellationToken)
    {
        var length = answer.Content.Headers.ContentLength;
        switch (answer.StatusCode)
        {
            case HttpStatusCode.PartialContent when answer.Content.Headers.ContentRange is { From: { } from } range && from == body.Length && body.Length > 0
                && (answer.Headers.ETag is not { } tag || tag.Tag == body.Validator):
                await body.AnnounceAsync(range.Length ?? body.Announced, cancellationToken);
                break;
            case HttpStatusCode.OK:
                body.Validator = ValidatorOf(answer);
                await body.AnnounceAsync(length, cancellationToken);
                await body.RestartAsync(cancellationToken);
                break;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                // It does not go on where we stopped: the next try begins anew.
                body.Validator = null;
                throw SourceException.Broken();
            default:
                throw SourceException.OfStatus((int)answer.StatusCode);
        }

        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await body.CopyAsync(stream, cancellationToken);
        if (body.Announced is { } announced && announced != body.Length)
        {
            throw SourceException.Broken();
        }
    }

    /// <summary>Only a strong tag, or a date, tells one state of a file from the next (RFC 9110, 13.1.5).</summary>
    private static string? ValidatorOf(HttpResponseMessage answer) =>
        answer.Headers.ETag is { IsWeak: false } tag ? tag.Tag
        : answer.Headers.ETag is null && answer.Content.Headers.LastModified is { } date ? date.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
        : null;
}
