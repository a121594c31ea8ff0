using System.Net;
using System.Text;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Client.Testing;

/// <summary>A file host in memory that speaks the v1 protocol, for tests of programs that use <see cref="CoffreClient"/>.</summary>
/// <remarks>
/// <para>It keeps folders and files, takes uploads, gives out download addresses, serves ranges, and refuses what a service refuses.
/// Faults and locks come when a test asks for them. Nothing goes over a network, and waiting takes no time.</para>
/// <para>May be used by several clients and from any thread.</para>
/// </remarks>
public class FakeCoffre : HttpMessageHandler
{
    /// <summary>The key that opens the account; every other is refused.</summary>
    public const string ApiKey = "cof_canaryCANARYcanary1234abcdef";

    private readonly Dictionary<string, Queue<Func<FakeRequest, HttpResponseMessage?>>> _next = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly FakeCalls _calls;
    private readonly FakeTransfers _transfers;
    private readonly FakeLimits _limits;

    /// <summary>Makes an empty account.</summary>
    public FakeCoffre()
    {
        Account = new FakeAccount(Address, Clock);
        _calls = new FakeCalls(Account);
        _transfers = new FakeTransfers(Account, Address);
        _limits = new FakeLimits(Clock);
    }

    /// <summary>Where it is called.</summary>
    public Uri Address { get; } = new("https://files.example.org/");

    /// <summary>What it holds.</summary>
    public FakeAccount Account { get; }

    /// <summary>Its clock, and that of the clients that it makes.</summary>
    public FakeClock Clock { get; } = new();

    /// <summary>Every request so far, in order.</summary>
    public List<FakeRequest> Requests { get; } = [];

    /// <summary>What the clients that it made said of waits and second tries.</summary>
    public List<string> Notices { get; } = [];

    /// <summary>Whether it keeps the limits of 1fichier.com, says so, and locks for half a minute whoever breaks them.</summary>
    public bool KeepsLimits { get; set; }

    /// <summary>Whether requests for a part of a file are answered with that part; else the whole file comes, as some proxies do it.</summary>
    public bool ServesRanges { get => _transfers.ServesRanges; set => _transfers.ServesRanges = value; }

    /// <summary>A client of this service, with its key and its clock.</summary>
    /// <param name="change">Changes the options; null leaves them as they are.</param>
    public CoffreClient NewClient(Func<CoffreClientOptions, CoffreClientOptions>? change = null)
    {
        var options = new CoffreClientOptions
        {
            BaseAddress = Address,
            ApiKey = ApiKey,
            Handler = this,
            TimeProvider = Clock,
            OnNotice = Notices.Add,
        };
        return new CoffreClient(change?.Invoke(options) ?? options);
    }

    /// <summary>Lays out the next answer to a path. Those of one path come in the order in which they were laid out.</summary>
    /// <param name="path">Such as <see cref="V1Paths.FileLs"/>; of downloads <see cref="DownloadPath"/>.</param>
    /// <param name="answer">Makes the answer; null lets the account answer. May throw what a network throws.</param>
    public FakeCoffre AnswerNext(string path, Func<FakeRequest, HttpResponseMessage?> answer)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(answer);
        lock (_gate)
        {
            if (!_next.TryGetValue(path, out var answers))
            {
                _next[path] = answers = new Queue<Func<FakeRequest, HttpResponseMessage?>>();
            }

            answers.Enqueue(answer);
        }

        return this;
    }

    /// <summary>Refuses the next requests to a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="code">Why; <see cref="KoCatalogue"/> has its words.</param>
    /// <param name="times">How many requests; 1 or more.</param>
    /// <param name="retryAfter">What the answer says of when to come again; null: nothing.</param>
    public FakeCoffre Refuse(string path, KoCode code, int times = 1, TimeSpan? retryAfter = null)
    {
        for (var i = 0; i < times; i++)
        {
            AnswerNext(path, _ => Refusal(code, retryAfter));
        }

        return this;
    }

    /// <summary>Does what the next requests to a path ask for, but their answers are lost on the way.</summary>
    /// <param name="path">The path.</param>
    /// <param name="times">How many requests; 1 or more.</param>
    public FakeCoffre LoseAnswer(string path, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            AnswerNext(path, request =>
            {
                Serve(request).Dispose();
                throw new HttpRequestException("The connection was reset.");
            });
        }

        return this;
    }

    /// <summary>Breaks the connections of the next downloads.</summary>
    /// <param name="bytes">How many bytes of a body come before that.</param>
    /// <param name="times">How many downloads; 1 or more.</param>
    public FakeCoffre CutDownload(long bytes, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            AnswerNext(DownloadPath, request => _transfers.Serve(request, bytes));
        }

        return this;
    }

    /// <summary>Ends the life of all download addresses that were given out.</summary>
    public void ExpireAddresses() => _transfers.ExpireAddresses();

    /// <summary>The path of download addresses.</summary>
    public static string DownloadPath => FakeTransfers.DownloadPath;

    /// <summary>Requests to one path, in order.</summary>
    public IReadOnlyList<FakeRequest> RequestsTo(string path)
    {
        lock (_gate)
        {
            return [.. Requests.Where(request => string.Equals(request.Path, path, StringComparison.Ordinal))];
        }
    }

    /// <summary>A refusal in the words of the protocol.</summary>
    /// <param name="code">Why.</param>
    /// <param name="retryAfter">When to come again; null says nothing of it.</param>
    public static HttpResponseMessage Refusal(KoCode code, TimeSpan? retryAfter = null)
    {
        var entry = KoCatalogue.Get(code);
        var answer = Json($$"""{"status":"KO","message":"{{JsonEncoded(entry.Message())}}"}""", (HttpStatusCode)entry.HttpStatus);
        answer.Headers.RetryAfter = retryAfter is { } pause ? new System.Net.Http.Headers.RetryConditionHeaderValue(pause) : null;
        return answer;
    }

    /// <summary>An answer that is JSON.</summary>
    public static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    /// <summary>An answer that is a page for people.</summary>
    public static HttpResponseMessage Html(string page, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(page, Encoding.UTF8, "text/html") };

    /// <summary>An answer that sends elsewhere.</summary>
    public static HttpResponseMessage Redirect(string location)
    {
        var answer = Html("<h1>Moved ! Temporary Redirect</h1>", HttpStatusCode.Found);
        answer.Headers.Location = new Uri(location, UriKind.RelativeOrAbsolute);
        return answer;
    }

    /// <summary>Answers a request: as it was laid out, else as the account does.</summary>
    protected virtual HttpResponseMessage Answer(FakeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Func<FakeRequest, HttpResponseMessage?>? next = null;
        lock (_gate)
        {
            if (_next.TryGetValue(request.Path, out var answers))
            {
                answers.TryDequeue(out next);
            }
        }

        return next?.Invoke(request) ?? Serve(request);
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        byte[] body = [];
        if (request.Content is { } content)
        {
            // As on a socket: the body is pulled through, its own exceptions come out.
            using var sink = new MemoryStream();
            await content.CopyToAsync(sink, cancellationToken).ConfigureAwait(false);
            body = sink.ToArray();
        }

        var seen = new FakeRequest(request.Method, request.RequestUri!, request.Headers.Authorization?.ToString(), body, request)
        {
            ContentLength = request.Content?.Headers.ContentLength,
        };
        lock (_gate)
        {
            Requests.Add(seen);
        }

        var answer = Answer(seen);
        answer.RequestMessage ??= request;
        return answer;
    }

    private HttpResponseMessage Serve(FakeRequest request)
    {
        if (_transfers.Find(request) is { } transfer)
        {
            return transfer(request);
        }

        if (!string.Equals(request.Authorization, "Bearer " + ApiKey, StringComparison.Ordinal))
        {
            return Refusal(KoCode.NotAuthenticated);
        }

        var answer = (KeepsLimits ? _limits.Judge(request) : null) ?? _calls.Answer(request) ?? _transfers.OpenUpload(request) ?? Refusal(KoCode.NoSuchCall);
        if (KeepsLimits)
        {
            answer.Headers.TryAddWithoutValidation("RateLimit-Policy", FakeLimits.Policy);
        }

        return answer;
    }

    private static string JsonEncoded(string text) => System.Text.Json.JsonEncodedText.Encode(text).ToString();
}
