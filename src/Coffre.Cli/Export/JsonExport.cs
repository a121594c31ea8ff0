using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Coffre.Cli.Export;

/// <summary>JSON: exact names, sizes in bytes, dates in UTC.</summary>
internal static class JsonExport
{
    public const string Schema = "coffre-export/1";

    public static void Write(ExportList list, TextWriter output)
    {
        using var text = new Utf8TextStream(output);
        using var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("folder", list.Title);
        json.WriteString("made", list.Made.UtcDateTime);
        if (list.AsOf is { } asOf)
        {
            json.WriteString("as_of", asOf.UtcDateTime);
        }

        json.WriteStartArray("files");
        foreach (var file in list.Files)
        {
            Write(json, file);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        output.WriteLine();
    }

    private static void Write(Utf8JsonWriter json, ExportFile file)
    {
        json.WriteStartObject();
        json.WriteString("path", file.Path);
        json.WriteString("name", file.Name);
        json.WriteNumber("size", file.File.Size);
        if (file.File.Arrived is { } arrived)
        {
            json.WriteString("arrived", arrived.UtcDateTime);
        }

        json.WriteString("link", file.File.Link);
        json.WriteString("whirlpool", file.File.Checksum);
        json.WriteString("type", file.File.ContentType);
        json.WriteBoolean("has_password", file.File.HasPassword);
        json.WriteBoolean("is_restricted", file.File.IsRestricted);
        json.WriteEndObject();
    }
}

/// <summary>Takes UTF-8 and hands it on as text, for writers of JSON that know streams only.</summary>
internal sealed class Utf8TextStream(TextWriter output) : Stream
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var chars = new char[_decoder.GetCharCount(buffer, flush: false)];
        output.Write(chars, 0, _decoder.GetChars(buffer, chars, flush: false));
    }

    public override void Flush()
    {
        // The writer behind flushes by itself.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
