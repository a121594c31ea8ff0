using System.Net;
using System.Text;
using Coffre.Client;
using Coffre.Protocol.Api;

namespace Coffre.Tests.Client;

/// <summary>A service made of answers that a test lays out; remembers what it was asked.</summary>
internal sealed class FakeService : HttpMessageHandler
{
    private readonly Dictionary<string, Queue<Func<Asked, HttpResponseMessage>>> _script = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public const string Key = "cof_canaryCANARYcanary1234abcdef";

    public List<Asked> Asked { get; } = [];

    /// <summary>Told what the client says that it waits for.</summary>
    public List<string> Notices { get; } = [];

    public SwiftClock Clock { get; } = new();

    public CoffreClient Client(string address = "https://files.example.org/", Func<CoffreClientOptions, CoffreClientOptions>? change = null)
    {
        var options = new CoffreClientOptions
        {
            BaseAddress = new Uri(address),
            ApiKey = Key,
            Handler = this,
            TimeProvider = Clock,
            OnNotice = Notices.Add,
        };
        return new CoffreClient(change?.Invoke(options) ?? options);
    }

    /// <summary>The next answer of a path; the last one laid out for it repeats.</summary>
    public FakeService On(string path, Func<Asked, HttpResponseMessage> answer)
    {
        if (!_script.TryGetValue(path, out var answers))
        {
            _script[path] = answers = new Queue<Func<Asked, HttpResponseMessage>>();
        }

        answers.Enqueue(answer);
        return this;
    }

    public FakeService On(string path, string json, HttpStatusCode status = HttpStatusCode.OK) => On(path, _ => Json(json, status));

    /// <summary>Answers for the key that asks as a coffre-server does: a problem without a key, and else what it is.</summary>
    public FakeService OnCurrentKey(string name = "fake") => On(
        ApiPaths.CurrentKey,
        asked => asked.Authorization is null ? Problem("not_authenticated", HttpStatusCode.Unauthorized) : Json($$"""{"id":7,"name":"{{name}}","state":"active","scopes":["read","account"]}"""));

    public Asked Last(string path) => Asked.Last(asked => asked.Uri.AbsolutePath == path);

    public IReadOnlyList<Asked> All(string path) => [.. Asked.Where(asked => asked.Uri.AbsolutePath == path)];

    public static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    public static HttpResponseMessage Problem(string code, HttpStatusCode status, string title = "Not so") => new(status)
    {
        Content = new StringContent($$"""{"type":"about:blank","title":"{{title}}","status":{{(int)status}},"code":"{{code}}"}""", Encoding.UTF8, "application/problem+json"),
    };

    public static HttpResponseMessage Html(string page, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(page, Encoding.UTF8, "text/html") };

    public static HttpResponseMessage Redirect(string location)
    {
        var answer = Html("<h1>Moved ! Temporary Redirect</h1>", HttpStatusCode.Found);
        answer.Headers.Location = new Uri(location, UriKind.RelativeOrAbsolute);
        return answer;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] body = [];
        if (request.Content is { } content)
        {
            // As on a socket: the body is pulled through, its own exceptions come out.
            using var sink = new MemoryStream();
            await content.CopyToAsync(sink, cancellationToken);
            body = sink.ToArray();
        }

        Func<Asked, HttpResponseMessage> answer;
        var asked = new Asked(request.Method, request.RequestUri!, request.Headers.Authorization?.ToString(), body, request)
        {
            ContentLength = request.Content?.Headers.ContentLength,
        };
        lock (_gate)
        {
            Asked.Add(asked);
            if (!_script.TryGetValue(asked.Uri.AbsolutePath, out var answers))
            {
                throw new InvalidOperationException($"Nothing was laid out for {asked.Uri}.");
            }

            answer = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        }

        var response = answer(asked);
        response.RequestMessage ??= request;
        return response;
    }
}

/// <summary>One request as it went out.</summary>
internal sealed record Asked(HttpMethod Method, Uri Uri, string? Authorization, byte[] Body, HttpRequestMessage Request)
{
    public long? ContentLength { get; init; }

    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) =>
        name == "Content-Length" ? ContentLength?.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Request.Headers.TryGetValues(name, out var values) ? string.Join(",", values)
        : Request.Content?.Headers.TryGetValues(name, out var inner) == true ? string.Join(",", inner) : null;
}

/// <summary>A clock on which waiting takes no time: the timer of a wait fires at once and moves the clock.</summary>
internal sealed class SwiftClock : TimeProvider
{
    private readonly Lock _gate = new();
    private TimeSpan _now = TimeSpan.Zero;

    /// <summary>What was waited for, in order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    public TimeSpan Waited => Waits.Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero).AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A limit (the timer of a cancellation) never strikes here: at once would be before the answer.
        if (dueTime >= TimeSpan.Zero && state is not CancellationTokenSource)
        {
            lock (_gate)
            {
                Waits.Add(dueTime);
                _now += dueTime;
            }

            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new Spent();
    }

    private sealed class Spent : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
