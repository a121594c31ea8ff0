using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Limits;
using Coffre.Server.Settings;

namespace Coffre.Server.Door;

/// <summary>What every v1 call has in common: content type, key, a JSON object of bounded size, an envelope for the answer.</summary>
internal sealed class V1Door(KeyGate gate, FloodGate floods, ServerSettings settings)
{
    private readonly long _maxBody = settings.Bytes(SettingList.MaxJson);

    /// <summary>Maps a call that answers with one record.</summary>
    /// <param name="routes">Where it is mapped.</param>
    /// <param name="path">Its path.</param>
    /// <param name="scope">What the caller's key must be good for; none: any key will do.</param>
    /// <param name="requestType">How the body is read.</param>
    /// <param name="answerType">How the answer is written.</param>
    /// <param name="handle">What is done.</param>
    public void Map<TRequest, TAnswer>(
        IEndpointRouteBuilder routes, string path, KeyScopes scope, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType,
        Func<V1Call<TRequest>, ValueTask<Outcome<TAnswer>>> handle)
        where TRequest : V1Request, new()
        where TAnswer : V1Answer =>
        MapStream(routes, path, scope, requestType, async call =>
        {
            var outcome = await handle(call);
            if (outcome.IsFault)
            {
                return outcome.Fault;
            }

            return (Func<Task>)(() => KoWriter.WriteAsync(call.Http.Response, outcome.Value, answerType, call.Request.Pretty == 1));
        });

    /// <summary>Maps a call that writes its answer itself, once it is known that there is one.</summary>
    public void MapStream<TRequest>(
        IEndpointRouteBuilder routes, string path, KeyScopes scope, JsonTypeInfo<TRequest> requestType,
        Func<V1Call<TRequest>, ValueTask<Outcome<Func<Task>>>> handle)
        where TRequest : V1Request, new() =>
        routes.Map(path, async (HttpContext http) =>
        {
            if (!HttpMethods.IsPost(http.Request.Method))
            {
                await KoWriter.WriteFaultAsync(http.Response, new Fault(KoCode.MethodNotAllowed, "POST"));
                return;
            }

            var call = await AdmitAsync(http, scope, requestType);
            var answer = call.IsFault ? call.Fault : await handle(call.Value);
            await (answer.IsFault ? KoWriter.WriteFaultAsync(http.Response, answer.Fault) : answer.Value());
        });

    /// <summary>Whether the request says that its body is JSON; the protocol wants that even where there is no body.</summary>
    public static bool SaysJson(HttpRequest request) =>
        request.ContentType is { } type && type.Split(';', 2)[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);

    private async ValueTask<Outcome<V1Call<TRequest>>> AdmitAsync<TRequest>(HttpContext http, KeyScopes scope, JsonTypeInfo<TRequest> type)
        where TRequest : V1Request, new()
    {
        if (!SaysJson(http.Request))
        {
            return new Fault(KoCode.ContentTypeNotJson);
        }

        var caller = await gate.AuthenticateAsync(http, http.RequestAborted);
        if (caller.IsFault)
        {
            return caller.Fault;
        }

        http.Items[typeof(Caller)] = caller.Value;
        if ((await floods.AdmitCallerAsync(http, caller.Value) ?? caller.Value.FaultWithout(scope)) is { } refusal)
        {
            return refusal;
        }

        var request = await ReadAsync(http, type);
        if (request.IsFault)
        {
            return request.Fault;
        }

        return new V1Call<TRequest>(request.Value, caller.Value, http);
    }

    /// <summary>Reads the body as a JSON object; no body means an empty one.</summary>
    private async ValueTask<Outcome<TRequest>> ReadAsync<TRequest>(HttpContext http, JsonTypeInfo<TRequest> type)
        where TRequest : class, new()
    {
        if (http.Request.ContentLength > _maxBody)
        {
            return TooLarge();
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > _maxBody)
            {
                reader.AdvanceTo(read.Buffer.End);
                return TooLarge();
            }

            if (read.IsCompleted)
            {
                var body = Parse(read.Buffer, type);
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static Outcome<TRequest> Parse<TRequest>(ReadOnlySequence<byte> body, JsonTypeInfo<TRequest> type)
        where TRequest : class, new()
    {
        if (body.IsEmpty)
        {
            return new TRequest();
        }

        try
        {
            var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = V1Json.MaxDepth });
            return JsonSerializer.Deserialize(ref json, type) is { } request && !json.Read()
                ? request
                : new Fault(KoCode.MalformedBody);
        }
        catch (JsonException exception)
        {
            return new Fault(KoCode.MalformedBody, exception.Path is { Length: > 1 and < 100 } path ? $"at {path}" : null);
        }
        catch (InvalidOperationException)
        {
            // Text that is not valid UTF-16 once unescaped.
            return new Fault(KoCode.MalformedBody);
        }
    }

    private Fault TooLarge() => new(KoCode.BodyTooLarge, $"at most {ByteCount.Format(_maxBody)}");
}

/// <summary>One admitted call.</summary>
internal sealed record V1Call<TRequest>(TRequest Request, Caller Caller, HttpContext Http)
{
    public Asker Asker => Asker.Of(Http, Caller);

    public CancellationToken Cancelled => Http.RequestAborted;
}
