using System.Text.Json.Serialization.Metadata;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Server.Access;
using Coffre.Server.Limits;

namespace Coffre.Server.Door;

/// <summary>What every v1 call has in common: content type, key, a JSON object of bounded size, an envelope for the answer.</summary>
internal sealed class V1Door(KeyGate gate, FloodGate floods, JsonBody body)
{
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

    private async ValueTask<Outcome<V1Call<TRequest>>> AdmitAsync<TRequest>(HttpContext http, KeyScopes scope, JsonTypeInfo<TRequest> type)
        where TRequest : V1Request, new()
    {
        // The protocol wants that even where there is no body.
        if (!JsonBody.IsSaid(http.Request))
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

        var request = await body.ReadAsync(http, type);
        if (request.IsFault)
        {
            return request.Fault;
        }

        return new V1Call<TRequest>(request.Value, caller.Value, http);
    }
}

/// <summary>One admitted call.</summary>
internal sealed record V1Call<TRequest>(TRequest Request, Caller Caller, HttpContext Http)
{
    public Asker Asker => Asker.Of(Http, Caller);

    public CancellationToken Cancelled => Http.RequestAborted;
}
