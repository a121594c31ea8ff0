using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Coffre.Server.Remote;

/// <summary>Whether the server may connect to an address on somebody's behalf. It judges addresses, never their spelling.</summary>
/// <param name="allowed">Networks that the operator opened although they are not public.</param>
/// <param name="own">This machine's own addresses; null: as they are when somebody asks.</param>
internal sealed class AddressJudge(IReadOnlyList<IPNetwork> allowed, Func<IEnumerable<IPAddress>>? own = null)
{
    // IANA's registry of special-purpose addresses, what leads into them, and the one public address behind which a cloud keeps its keys.
    private static readonly IPNetwork[] Special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "168.63.129.16/32", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    // Of IPv6 only 2000::/3 is given out to the public; inside it: Teredo and other protocols' own, documentation, 6to4.
    private static readonly IPNetwork Public6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Special6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    public bool MayConnect(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return allowed.Any(network => network.Contains(plain)) || (IsPublic(plain) && !IsOwn(plain));
    }

    private static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Special4.Any(network => network.Contains(address)),
        AddressFamily.InterNetworkV6 => address.ScopeId == 0 && Public6.Contains(address) && !Special6.Any(network => network.Contains(address))
            && !IsTunnel(address),
        _ => false,
    };

    /// <summary>ISATAP: an IPv4 address in the second half of an IPv6 one, to which a tunnel may lead (RFC 5214).</summary>
    private static bool IsTunnel(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes[8] is 0 or 2 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
    }

    /// <summary>This machine's own addresses are public to others, but from here they lead behind its firewall.</summary>
    private bool IsOwn(IPAddress address) => (own ?? OfThisMachine)().Contains(address);

    private static IEnumerable<IPAddress> OfThisMachine() =>
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address);
}
