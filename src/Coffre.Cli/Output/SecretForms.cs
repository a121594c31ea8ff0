using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace Coffre.Cli.Output;

/// <summary>The shapes in which a text may come along: as it is, in URLs, in JSON, in a page, in base 64 within a longer text.</summary>
internal static class SecretForms
{
    private const int ShortestDerived = 6;

    public static IEnumerable<string> Of(string secret)
    {
        yield return secret;
        foreach (var form in Derived(secret).Where(form => form.Length >= ShortestDerived))
        {
            yield return form;
        }
    }

    private static IEnumerable<string> Derived(string secret)
    {
        var escaped = Uri.EscapeDataString(secret);
        yield return escaped;
        yield return LowerEscapes(escaped);
        yield return WebUtility.UrlEncode(secret);
        yield return WebUtility.HtmlEncode(secret);
        yield return JavaScriptEncoder.Default.Encode(secret);
        yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        foreach (var bytes in new[] { secret, escaped }.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes))
        {
            for (var before = 0; before < 3; before++)
            {
                var inner = InnerBase64(bytes, before);
                yield return inner;
                yield return inner.Replace('+', '-').Replace('/', '_');
            }
        }
    }

    /// <summary>The characters of base 64 that these bytes alone decide, where so many others stand before them.</summary>
    private static string InnerBase64(byte[] bytes, int before)
    {
        var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
        var first = ((before * 8) + 5) / 6;
        return text[first..((before + bytes.Length) * 8 / 6)];
    }

    private static string LowerEscapes(string escaped)
    {
        var text = new StringBuilder(escaped);
        for (var i = 0; i + 2 < text.Length; i++)
        {
            if (text[i] == '%')
            {
                (text[i + 1], text[i + 2]) = (char.ToLowerInvariant(text[i + 1]), char.ToLowerInvariant(text[i + 2]));
            }
        }

        return text.ToString();
    }
}
