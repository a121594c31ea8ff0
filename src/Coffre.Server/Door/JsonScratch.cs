using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Coffre.Server.Door;

/// <summary>Where short answers are put together before their length is known: one buffer a thread, used between two awaits.</summary>
internal sealed class JsonScratch : IDisposable
{
    private const int FirstLength = 1024;
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static JsonScratch? _own;

    private readonly ArrayBufferWriter<byte> _buffer = new(FirstLength);
    private readonly Utf8JsonWriter _writer;

    private JsonScratch() => _writer = new Utf8JsonWriter(_buffer, KoWriter.WriterOptions(pretty: false));

    /// <summary>Writes an answer and its length into the response's buffer; whoever calls flushes.</summary>
    public static void Write<T>(HttpResponse response, T answer, JsonTypeInfo<T> type)
    {
        // Taken out while it is used: whatever a property of the answer does, it cannot meet itself.
        var scratch = _own ?? new JsonScratch();
        _own = null;
        scratch._buffer.ResetWrittenCount();
        scratch._writer.Reset(scratch._buffer);
        JsonSerializer.Serialize(scratch._writer, answer, type);
        scratch._writer.Flush();
        KoWriter.Put(response, scratch._buffer.WrittenSpan);
        if (scratch._buffer.Capacity <= MostKept)
        {
            _own = scratch;
        }
        else
        {
            scratch.Dispose();
        }
    }

    public void Dispose() => _writer.Dispose();
}
