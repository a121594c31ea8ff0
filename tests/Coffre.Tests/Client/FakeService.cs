using System.Net;
using System.Text;
using Coffre.Client;
using Coffre.Client.Testing;
using Coffre.Protocol.Api;

namespace Coffre.Tests.Client;

/// <summary>The fake of <c>Coffre.Client.Testing</c> without an account: it knows only the answers that a test lays out.</summary>
internal sealed class FakeService : FakeCoffre
{
    private readonly Dictionary<string, Queue<Func<FakeRequest, HttpResponseMessage>>> _script = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public const string Key = ApiKey;

    public List<FakeRequest> Asked => Requests;

    public CoffreClient Client(string address = "https://files.example.org/", Func<CoffreClientOptions, CoffreClientOptions>? change = null) =>
        NewClient(options => (change ?? (same => same))(options with { BaseAddress = new Uri(address) }));

    /// <summary>The next answer of a path; the last one laid out for it repeats.</summary>
    public FakeService On(string path, Func<FakeRequest, HttpResponseMessage> answer)
    {
        if (!_script.TryGetValue(path, out var answers))
        {
            _script[path] = answers = new Queue<Func<FakeRequest, HttpResponseMessage>>();
        }

        answers.Enqueue(answer);
        return this;
    }

    public FakeService On(string path, string json, HttpStatusCode status = HttpStatusCode.OK) => On(path, _ => Json(json, status));

    /// <summary>Answers for the key that asks as a coffre-server does: a problem without a key, and else what it is.</summary>
    public FakeService OnCurrentKey(string name = "fake") => On(
        ApiPaths.CurrentKey,
        asked => asked.Authorization is null ? Problem("not_authenticated", HttpStatusCode.Unauthorized) : Json($$"""{"id":7,"name":"{{name}}","state":"active","scopes":["read","account"]}"""));

    public FakeRequest Last(string path) => Asked.Last(asked => asked.Path == path);

    public IReadOnlyList<FakeRequest> All(string path) => RequestsTo(path);

    public static HttpResponseMessage Problem(string code, HttpStatusCode status, string title = "Not so") => new(status)
    {
        Content = new StringContent($$"""{"type":"about:blank","title":"{{title}}","status":{{(int)status}},"code":"{{code}}"}""", Encoding.UTF8, "application/problem+json"),
    };

    protected override HttpResponseMessage Answer(FakeRequest request)
    {
        Func<FakeRequest, HttpResponseMessage> answer;
        lock (_gate)
        {
            if (!_script.TryGetValue(request.Path, out var answers))
            {
                throw new InvalidOperationException($"Nothing was laid out for {request.Uri}.");
            }

            answer = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        }

        return answer(request);
    }
}
