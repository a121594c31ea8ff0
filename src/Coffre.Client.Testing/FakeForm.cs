using System.Text;

namespace Coffre.Client.Testing;

/// <summary>A form with files, taken apart (<c>multipart/form-data</c>).</summary>
internal sealed class FakeForm
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    public List<(string Name, byte[] Content)> Files { get; } = [];

    public string? Field(string name) => _fields.GetValueOrDefault(name);

    public static FakeForm Parse(FakeRequest request)
    {
        var form = new FakeForm();
        var boundary = Encoding.ASCII.GetBytes("--" + request.Header("Content-Type")?.Split("boundary=")[^1]);
        ReadOnlySpan<byte> rest = request.Body;
        for (var start = rest.IndexOf(boundary); start >= 0; start = rest.IndexOf(boundary))
        {
            rest = rest[(start + boundary.Length)..];
            var end = rest.IndexOf(boundary);
            if (end < 0)
            {
                break;
            }

            form.Add(rest[..end]);
        }

        return form;
    }

    // A line end, headers, an empty line, the content, a line end.
    private void Add(ReadOnlySpan<byte> part)
    {
        var split = part.IndexOf("\r\n\r\n"u8);
        var head = Encoding.UTF8.GetString(part[..split]);
        var content = part[(split + 4)..^2];
        if (Quoted(head, "filename=") is { } file)
        {
            Files.Add((file, content.ToArray()));
        }
        else if (Quoted(head, "name=") is { } field)
        {
            _fields[field] = Encoding.UTF8.GetString(content);
        }
    }

    private static string? Quoted(string head, string name)
    {
        var start = head.IndexOf(name + '"', StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var text = head[(start + name.Length + 1)..];

        // As browsers write it: these three and nothing else.
        return text[..text.IndexOf('"', StringComparison.Ordinal)]
            .Replace("%22", "\"", StringComparison.Ordinal).Replace("%0D", "\r", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal);
    }
}
