using System.Text;

namespace Coffre.Server.Downloads;

/// <summary>Writes <c>Content-Disposition</c> (RFC 6266, RFC 8187) for any name.</summary>
internal static class Disposition
{
    private const string Unreserved = "!#$&+-.^_`|~";

    public static string Of(string name, bool inline)
    {
        var kind = inline ? "inline" : "attachment";
        var plain = new string([.. name.Select(c => c is >= ' ' and < '\u007f' and not ('"' or '\\' or '%') ? c : '_')]);
        return plain == name ? $"{kind}; filename=\"{plain}\"" : $"{kind}; filename=\"{plain}\"; filename*=UTF-8''{Encode(name)}";
    }

    private static string Encode(string name)
    {
        var text = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || Unreserved.Contains((char)octet, StringComparison.Ordinal))
            {
                text.Append((char)octet);
            }
            else
            {
                text.Append('%').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
