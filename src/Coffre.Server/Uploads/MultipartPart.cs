using System.Text;
using Coffre.Protocol;

namespace Coffre.Server.Uploads;

/// <summary>What the headers of a part say.</summary>
/// <param name="Name">Name of the form field.</param>
/// <param name="FileName">Name of the file; null for a text field.</param>
internal sealed record MultipartPart(string Name, string? FileName)
{
    private const int MaxHeaders = 16;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="headers">The lines between delimiter and empty line; the first line end included.</param>
    public static MultipartPart Parse(byte[] headers)
    {
        var lines = Decode(headers).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > MaxHeaders)
        {
            throw new MultipartException(KoCode.UploadHeadersTooLarge, $"at most {MaxHeaders} headers in a part");
        }

        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Trim().Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase))
            {
                return FromDisposition(line[(colon + 1)..]);
            }
        }

        throw new MultipartException(KoCode.UploadNotMultipart, "a part has no Content-Disposition");
    }

    private static MultipartPart FromDisposition(string value)
    {
        string? name = null, fileName = null;
        foreach (var (key, text) in Parameters(value))
        {
            if (key.Equals("name", StringComparison.OrdinalIgnoreCase))
            {
                name = text;
            }
            else if (key.Equals("filename", StringComparison.OrdinalIgnoreCase))
            {
                fileName = text;
            }
        }

        return name is not null || fileName is not null
            ? new MultipartPart(name ?? "", fileName)
            : throw new MultipartException(KoCode.UploadNotMultipart, "a part has no name");
    }

    /// <summary>The parameters behind <c>form-data</c>: <c>key="text"</c> or <c>key=text</c>, separated by semicolons.</summary>
    private static IEnumerable<(string Key, string Text)> Parameters(string value)
    {
        var at = value.IndexOf(';', StringComparison.Ordinal);
        while (at >= 0 && at < value.Length)
        {
            var equals = value.IndexOf('=', at);
            if (equals < 0)
            {
                yield break;
            }

            var key = value[(at + 1)..equals].Trim();
            string text;
            (text, at) = equals + 1 < value.Length && value[equals + 1] == '"'
                ? Quoted(value, equals + 2)
                : Bare(value, equals + 1);
            yield return (key, text);
        }
    }

    /// <summary>Text up to the closing quote; <c>\"</c> and <c>\\</c> are escapes, any other backslash stands for itself.</summary>
    private static (string Text, int Next) Quoted(string value, int start)
    {
        var text = new StringBuilder();
        var i = start;
        for (; i < value.Length && value[i] != '"'; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length && value[i + 1] is '"' or '\\')
            {
                i++;
            }

            text.Append(value[i]);
        }

        return (text.ToString(), i < value.Length ? value.IndexOf(';', i) : -1);
    }

    private static (string Text, int Next) Bare(string value, int start)
    {
        var end = value.IndexOf(';', start);
        return end < 0 ? (value[start..].Trim(), -1) : (value[start..end].Trim(), end);
    }

    private static string Decode(byte[] bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
