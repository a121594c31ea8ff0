using System.Net;
using System.Net.Sockets;

namespace Coffre.Server.Access;

/// <summary>Addresses as they are kept for long: not a person's, but their network's.</summary>
internal static class CoarseAddress
{
    private const int Bits4 = 24;
    private const int Bits6 = 48;

    /// <summary>The first 24 bits of an IPv4 address, the first 48 of an IPv6 one.</summary>
    public static IPNetwork Of(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bits = plain.AddressFamily == AddressFamily.InterNetwork ? Bits4 : Bits6;
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return new IPNetwork(new IPAddress(bytes), bits);
    }
}
