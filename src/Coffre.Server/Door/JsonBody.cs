using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Coffre.Protocol;
using Coffre.Server.Settings;

namespace Coffre.Server.Door;

/// <summary>Reads the body of a call: one JSON object of bounded size.</summary>
internal sealed class JsonBody(ServerSettings settings)
{
    private const int MaxDepth = 32;
    private readonly long _most = settings.Bytes(SettingList.MaxJson);

    /// <summary>Whether the request says that its body is JSON.</summary>
    public static bool IsSaid(HttpRequest request) =>
        request.ContentType is { } type && TypeOf(type).Equals("application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the body whole; no body means an empty object.</summary>
    public async ValueTask<Outcome<T>> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class, new()
    {
        if (http.Request.ContentLength > _most)
        {
            return TooLarge();
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted);
            if (read.Buffer.Length > _most)
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

    /// <summary>The type without its parameters.</summary>
    private static ReadOnlySpan<char> TypeOf(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return contentType.AsSpan(0, end < 0 ? contentType.Length : end).Trim();
    }

    private static Outcome<T> Parse<T>(ReadOnlySequence<byte> body, JsonTypeInfo<T> type)
        where T : class, new()
    {
        if (body.IsEmpty)
        {
            return new T();
        }

        try
        {
            var json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
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

    private Fault TooLarge() => new(KoCode.BodyTooLarge, $"at most {ByteCount.Format(_most)}");
}
