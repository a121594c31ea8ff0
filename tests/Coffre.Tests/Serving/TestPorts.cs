using System.Net;
using System.Net.Sockets;

namespace Coffre.Tests.Serving;

/// <summary>Ports on loopback that nobody uses at this moment.</summary>
internal static class TestPorts
{
    public static int Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
