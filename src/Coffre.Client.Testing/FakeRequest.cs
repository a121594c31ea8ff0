using System.Globalization;
using System.Text;

namespace Coffre.Client.Testing;

/// <summary>One request as it went out.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Uri">Where it went.</param>
/// <param name="Authorization">The header with the key; null if none went along.</param>
/// <param name="Body">Its bytes, whole; empty if it had none.</param>
/// <param name="Request">The request itself. Its content was read already.</param>
public sealed record FakeRequest(HttpMethod Method, Uri Uri, string? Authorization, byte[] Body, HttpRequestMessage Request)
{
    /// <summary>What its header said of the length of the body; null if nothing.</summary>
    public long? ContentLength { get; init; }

    /// <summary>Path without the query, such as <c>/v1/file/ls.cgi</c>.</summary>
    public string Path => Uri.AbsolutePath;

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>A header of the request or of its content, values joined by commas; null if it is not there.</summary>
    public string? Header(string name) =>
        string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase) ? ContentLength?.ToString(CultureInfo.InvariantCulture)
        : Request.Headers.TryGetValues(name, out var values) ? string.Join(',', values)
        : Request.Content?.Headers.TryGetValues(name, out var inner) is true ? string.Join(',', inner) : null;
}
