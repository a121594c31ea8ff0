using System.Net.Http.Headers;
using System.Text;

namespace Coffre.Compat.Fixture;

/// <summary>A multipart form as the clients of 1fichier write it, or as a broken one would.</summary>
public sealed class Multipart
{
    public const string Boundary = "----------------------------4c6f0b1d2e3a";

    private readonly MemoryStream _body = new();

    /// <summary>A form with one file and nothing else.</summary>
    public static Multipart OneFile(string name, ReadOnlySpan<byte> content) => new Multipart().File(name, content);

    public Multipart Field(string name, string value) =>
        Part($"Content-Disposition: form-data; name=\"{name}\"\r\n", Encoding.UTF8.GetBytes(value));

    public Multipart File(string name, ReadOnlySpan<byte> content) =>
        Part($"Content-Disposition: form-data; name=\"file[]\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n", content);

    /// <summary>A part with any headers, each ended by CRLF.</summary>
    public Multipart Part(string headers, ReadOnlySpan<byte> content)
    {
        Write($"--{Boundary}\r\n{headers}\r\n");
        _body.Write(content);
        Write("\r\n");
        return this;
    }

    /// <summary>The whole body, with its last boundary.</summary>
    public byte[] End() => [.. _body.ToArray(), .. Encoding.ASCII.GetBytes($"--{Boundary}--\r\n")];

    /// <summary>The body without its last boundary, as of a client that was cut off between two parts.</summary>
    public byte[] Unfinished() => _body.ToArray();

    /// <summary>The whole body as content for <see cref="HttpClient"/>. The boundary stands unquoted, as rclone and curl write it.</summary>
    public HttpContent Content() => Content(End());

    public static HttpContent Content(byte[] body, string type = "multipart/form-data; boundary=" + Boundary)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private void Write(string text) => _body.Write(Encoding.UTF8.GetBytes(text));
}
