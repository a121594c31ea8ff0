using System.Net;
using Coffre.Server.Audit;
using Coffre.Server.Keys;

namespace Coffre.Server.Sessions;

/// <summary>Where somebody signs in from.</summary>
/// <param name="Address">The other end of the connection.</param>
/// <param name="Use">The same, coarsely, and by what program.</param>
internal sealed record Origin(IPAddress? Address, KeyUse Use)
{
    public static Origin Of(HttpContext http, TimeProvider clock) => new(http.Connection.RemoteIpAddress, KeyUses.Describe(http, clock.GetUtcNow()));

    /// <summary>Nobody yet.</summary>
    public Actor Stranger => Actor.Of(Address, caller: null);
}
