using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Protocol;
using Coffre.Protocol.V1;

namespace Coffre.Server.Door;

/// <summary>Writes JSON answers, the refusals among them: the only place where a fault becomes bytes (the native API's by <see cref="ProblemWriter"/>).</summary>
internal static class KoWriter
{
    private const string JsonType = "application/json; charset=utf-8";

    // Names travel as they are: the answer is never read as HTML (its type says so, and nosniff holds to it).
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    public static JsonWriterOptions WriterOptions(bool pretty) => pretty ? Indented : Compact;

    public static Task WriteFaultAsync(HttpResponse response, Fault fault)
    {
        var entry = KoCatalogue.Get(fault.Code);
        response.StatusCode = entry.HttpStatus;
        response.HttpContext.Items[typeof(Fault)] = fault;
        if (fault.Code is KoCode.NotAuthenticated or KoCode.KeyHasBlanks or KoCode.KeyHasTypingError || (entry.HttpStatus == StatusCodes.Status401Unauthorized && ProblemWriter.IsFor(response.HttpContext.Request)))
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        SetRetryAfter(response, fault);
        if (ProblemWriter.IsFor(response.HttpContext.Request))
        {
            return ProblemWriter.WriteAsync(response, fault);
        }

        var answer = new V1Answer { Status = V1Answer.Ko, Message = entry.Message(fault.Detail) };
        return WriteAsync(response, answer, V1Json.Default.V1Answer, pretty: false);
    }

    /// <summary>Whole seconds, never too few.</summary>
    public static void SetRetryAfter(HttpResponse response, Fault fault)
    {
        if (fault.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    public static async Task WriteAsync<T>(HttpResponse response, T answer, JsonTypeInfo<T> type, bool pretty)
    {
        Begin(response);
        if (pretty)
        {
            var buffer = new ArrayBufferWriter<byte>(512);
            await using var writer = new Utf8JsonWriter(buffer, Indented);
            JsonSerializer.Serialize(writer, answer, type);
            await writer.FlushAsync();
            Put(response, buffer.WrittenSpan);
        }
        else
        {
            JsonScratch.Write(response, answer, type);
        }

        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }

    /// <summary>The whole of an answer, with its length; not yet sent.</summary>
    public static void Put(HttpResponse response, ReadOnlySpan<byte> answer)
    {
        response.ContentLength = answer.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            response.BodyWriter.Write(answer);
        }
    }

    /// <summary>Headers of a JSON answer whose body the caller streams.</summary>
    public static void Begin(HttpResponse response, string mediaType = JsonType)
    {
        response.ContentType = mediaType;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
    }
}
