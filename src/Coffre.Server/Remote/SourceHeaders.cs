using System.Buffers;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Server.Door;

namespace Coffre.Server.Remote;

/// <summary>Headers that a user wants to be sent along to the source.</summary>
internal static class SourceHeaders
{
    private const int MaxCount = 20;
    private const int MaxValue = 4096;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    // What rules the connection, the body or the part that is fetched is ours to say; some belong to answers only.
    private static readonly string[] Reserved =
    [
        "Host", "Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Range", "Accept-Encoding", "Via", "Forwarded",
        "Allow", "Expires", "Last-Modified",
    ];

    private static readonly string[] ReservedBeginnings = ["Content-", "Proxy-", "If-", "X-Forwarded-", "Sec-"];

    /// <summary>Reads the object form (<c>{"Referer":"…"}</c>) and the list form (<c>["Referer: …"]</c>).</summary>
    public static Outcome<IReadOnlyDictionary<string, string>> Read(JsonElement? element)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in Pairs(element))
        {
            if (pair is not var (name, value))
            {
                return new Fault(KoCode.BadParameter, "headers is an object of name and value, or a list of 'Name: value'");
            }

            if (Trouble(name, value) is { } trouble)
            {
                return new Fault(KoCode.BadParameter, $"headers: {trouble}");
            }

            headers[Normal(name)] = value.Trim(' ', '\t');
        }

        return headers.Count <= MaxCount ? headers : new Fault(KoCode.BadParameter, $"at most {MaxCount} headers");
    }

    private static IEnumerable<(string Name, string Value)?> Pairs(JsonElement? element)
    {
        switch (element?.ValueKind)
        {
            case null or JsonValueKind.Null or JsonValueKind.Undefined:
                return [];
            case JsonValueKind.Object:
                return element.Value.EnumerateObject().Select(property =>
                    property.Value.ValueKind == JsonValueKind.String ? (property.Name, property.Value.GetString()!) : ((string, string)?)null);
            case JsonValueKind.Array:
                return element.Value.EnumerateArray().Select(item =>
                    item.ValueKind == JsonValueKind.String && item.GetString()!.Split(':', 2) is [var name, var value] ? (name.Trim(), value) : ((string, string)?)null);
            default:
                return [null];
        }
    }

    private static string? Trouble(string name, string value)
    {
        if (name.Length is 0 or > 100 || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            return "a name has letters, digits and -";
        }

        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase) || ReservedBeginnings.Any(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
        {
            return $"{Normal(name)} cannot be set";
        }

        return value.Length > MaxValue || value.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? $"the value of {Normal(name)} has at most {MaxValue} printable ASCII characters"
            : null;
    }

    /// <summary>Lower case, with a capital where a word begins.</summary>
    private static string Normal(string name) =>
        string.Join('-', name.Split('-').Select(word => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..].ToLowerInvariant()));
}
