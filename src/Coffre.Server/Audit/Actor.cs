using System.Net;
using Coffre.Server.Access;

namespace Coffre.Server.Audit;

/// <summary>Who did something, and from where.</summary>
/// <param name="Kind">What acted.</param>
/// <param name="AccountId">The account behind the key or session.</param>
/// <param name="Id">The number of the key or session.</param>
/// <param name="Address">Null: this machine's command line, or the server itself.</param>
internal sealed record Actor(ActorKind Kind, long? AccountId = null, long? Id = null, IPAddress? Address = null)
{
    /// <summary>Whoever runs commands on the server's machine.</summary>
    public static Actor Operator { get; } = new(ActorKind.Operator);

    public static Actor Server { get; } = new(ActorKind.Server);

    /// <summary>Who sends a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="caller">Null: nobody knows.</param>
    public static Actor Of(HttpContext http, Caller? caller) => Of(http.Connection.RemoteIpAddress, caller);

    public static Actor Of(IPAddress? address, Caller? caller)
    {
        var plain = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        return caller is null
            ? new Actor(ActorKind.Stranger, Address: plain)
            : new Actor(caller.SessionId == 0 ? ActorKind.Key : ActorKind.Session, caller.AccountId, caller.CredentialId, plain);
    }
}

internal enum ActorKind
{
    Key,
    Session,
    Operator,
    Stranger,
    Server,
}
