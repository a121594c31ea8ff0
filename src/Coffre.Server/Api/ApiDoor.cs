using System.Text.Json.Serialization.Metadata;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Server.Access;
using Coffre.Server.Door;
using Coffre.Server.Limits;
using Microsoft.AspNetCore.Http.Metadata;

namespace Coffre.Server.Api;

/// <summary>What every operation of the native API has in common: who asks, a JSON object of bounded size, a record or a problem as the answer.</summary>
internal sealed class ApiDoor(KeyGate gate, FloodGate floods, JsonBody body)
{
    private const string Json = "application/json";

    /// <summary>Maps an operation without a body.</summary>
    public void Map<TAnswer>(IEndpointRouteBuilder routes, ApiRoute route, Func<ApiCall, ValueTask<Outcome<TAnswer>>> handle) =>
        Add(routes, route, AnswerAsync<TAnswer>(route, async http =>
        {
            var caller = await AdmitAsync(http, route);
            return caller.IsFault ? caller.Fault : await handle(new ApiCall(caller.Value, http));
        }), []);

    /// <summary>Maps an operation that takes a record.</summary>
    public void Map<TRequest, TAnswer>(IEndpointRouteBuilder routes, ApiRoute route, Func<ApiCall<TRequest>, ValueTask<Outcome<TAnswer>>> handle)
        where TRequest : class, new()
    {
        var type = TypeOf<TRequest>();
        Add(routes, route, AnswerAsync<TAnswer>(route, async http =>
        {
            var caller = await AdmitAsync(http, route);
            if (caller.IsFault)
            {
                return caller.Fault;
            }

            var request = await ReadAsync(http, type);
            return request.IsFault ? request.Fault : await handle(new ApiCall<TRequest>(request.Value, caller.Value, http));
        }), [new AcceptsMetadata([Json], typeof(TRequest))]);
    }

    private static void Add(IEndpointRouteBuilder routes, ApiRoute route, (RequestDelegate Handle, Type Answer) operation, IEnumerable<object> metadata) =>
        routes.MapMethods(route.Path, [route.Method], operation.Handle)
            .WithName(route.Name)
            .WithMetadata([route, operation.Handle.Method, new ProducesResponseTypeMetadata(route.Success, operation.Answer, [Json]), .. metadata]);

    private static (RequestDelegate Handle, Type Answer) AnswerAsync<TAnswer>(ApiRoute route, Func<HttpContext, ValueTask<Outcome<TAnswer>>> ask)
    {
        var type = TypeOf<TAnswer>();
        return (async http =>
        {
            var answer = await ask(http);
            await (answer.IsFault
                ? KoWriter.WriteFaultAsync(http.Response, answer.Fault)
                : ProblemWriter.WriteAsync(http.Response, route.Success, answer.Value, type));
        }, typeof(TAnswer));
    }

    private async ValueTask<Outcome<Caller?>> AdmitAsync(HttpContext http, ApiRoute route)
    {
        if (route.Right == ApiRight.Anyone)
        {
            return (Caller?)null;
        }

        var found = await gate.AuthenticateAsync(http, http.RequestAborted, takesSession: true);
        if (found.IsFault)
        {
            return found.Fault;
        }

        http.Items[typeof(Caller)] = found.Value;
        return (await floods.AdmitCallerAsync(http, found.Value) ?? RightFault(route, found.Value)) is { } refusal ? refusal : found.Value;
    }

    private static Fault? RightFault(ApiRoute route, Caller caller) => route.Right switch
    {
        ApiRight.Session or ApiRight.FreshSession when caller.SessionId == 0 => new Fault(KoCode.SessionNeeded),
        ApiRight.FreshSession when !caller.IsFresh => new Fault(KoCode.ConfirmationNeeded, $"POST {ApiPaths.ConfirmSession}"),
        _ => caller.FaultWithout(route.Scope),
    };

    private async ValueTask<Outcome<TRequest>> ReadAsync<TRequest>(HttpContext http, JsonTypeInfo<TRequest> type)
        where TRequest : class, new() =>
        JsonBody.IsSaid(http.Request) || http.Request.ContentLength is null or 0
            ? await body.ReadAsync(http, type)
            : new Fault(KoCode.ContentTypeNotJson);

    private static JsonTypeInfo<T> TypeOf<T>() =>
        (JsonTypeInfo<T>?)ApiJson.Default.GetTypeInfo(typeof(T)) ?? throw new InvalidOperationException($"{nameof(ApiJson)} does not know {typeof(T)}.");
}
