using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Protocol;
using Coffre.Protocol.Api;

namespace Coffre.Server.Door;

/// <summary>Answers of the native API: records as JSON, refusals as <c>application/problem+json</c> (RFC 9457).</summary>
internal static class ProblemWriter
{
    /// <summary>Whether the request is one of the native API.</summary>
    public static bool IsFor(HttpRequest request) => request.Path.StartsWithSegments(ApiPaths.Root, StringComparison.Ordinal);

    /// <summary>The word for a refusal: its name, in <c>snake_case</c>.</summary>
    public static string WordOf(KoCode code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString());

    /// <summary>The refusal as the API tells it.</summary>
    public static Problem Describe(HttpContext http, Fault fault)
    {
        var entry = KoCatalogue.Get(fault.Code);
        return new Problem
        {
            Title = entry.Text,
            Status = entry.HttpStatus,
            Detail = fault.Detail,
            Code = WordOf(fault.Code),
            RequestId = http.TraceIdentifier,
        };
    }

    public static Task WriteAsync(HttpResponse response, Fault fault)
    {
        var problem = Describe(response.HttpContext, fault);
        return WriteAsync(response, problem.Status, problem, ApiJson.Default.Problem, Problem.MediaType);
    }

    public static async Task WriteAsync<T>(HttpResponse response, int status, T answer, JsonTypeInfo<T> type, string mediaType = "application/json")
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        await using (var writer = new Utf8JsonWriter(buffer, KoWriter.WriterOptions(pretty: false)))
        {
            JsonSerializer.Serialize(writer, answer, type);
        }

        response.StatusCode = status;
        KoWriter.Begin(response, mediaType);
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, response.HttpContext.RequestAborted);
    }
}
