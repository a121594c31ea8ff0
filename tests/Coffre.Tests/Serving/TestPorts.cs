using System.Net;
using System.Net.Sockets;

namespace Coffre.Tests.Serving;

/// <summary>Ports on loopback that nobody uses, below those that the system gives to outgoing connections; none is given twice.</summary>
internal static class TestPorts
{
    private const int First = 10_000;
    private const int Count = 22_000;
    private static readonly int Start = Random.Shared.Next(Count);
    private static int _taken;

    public static int Free()
    {
        while (true)
        {
            var port = First + ((Start + Interlocked.Increment(ref _taken)) % Count);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }
}
