using System.Net;
using Coffre.Server.Limits;
using Microsoft.AspNetCore.Connections.Features;

namespace Coffre.Server.Access;

/// <summary>What a key is remembered under: where it came from, and its digest; never the key itself.</summary>
internal readonly record struct KnownKey(Subject From, UInt128 High, UInt128 Low);

/// <summary>The digest of the key that a connection presented last, so that it is not computed again for each call.</summary>
/// <remarks>
/// Kestrel keeps the text of a header that is the same as in the request before, as the same object: so the object tells, and the key
/// is not kept for longer than it is anyhow. HTTP/1 only: there the requests of a connection come one after the other.
/// </remarks>
internal sealed class KeyOnConnection
{
    private static readonly object Place = new();

    private readonly string _header;
    private readonly IPAddress? _address;
    private readonly KnownKey _key;

    private KeyOnConnection(string header, IPAddress? address, KnownKey key) => (_header, _address, _key) = (header, address, key);

    /// <summary>The name of the request's key, if the request before on this connection had the same one, and came from the same address.</summary>
    public static KnownKey? Find(HttpContext http) =>
        ItemsOf(http) is { } items && items.TryGetValue(Place, out var kept) && kept is KeyOnConnection known
        && http.Request.Headers.Authorization is [{ } header] && ReferenceEquals(header, known._header)
        && Equals(http.Connection.RemoteIpAddress, known._address)
            ? known._key
            : null;

    /// <summary>Remembers it for the next request.</summary>
    public static void Keep(HttpContext http, KnownKey key)
    {
        if (ItemsOf(http) is { } items && http.Request.Headers.Authorization is [{ } header])
        {
            items[Place] = new KeyOnConnection(header, http.Connection.RemoteIpAddress, key);
        }
    }

    private static IDictionary<object, object?>? ItemsOf(HttpContext http) =>
        HttpProtocol.IsHttp11(http.Request.Protocol) ? http.Features.Get<IConnectionItemsFeature>()?.Items : null;
}
