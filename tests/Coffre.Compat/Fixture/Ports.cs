using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Coffre.Compat.Fixture;

/// <summary>Hands out loopback ports, each once.</summary>
public static class Ports
{
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>
    /// A port that nobody listens on now. Below the range from which Linux takes the ports of outgoing connections: one from that range
    /// could be taken between this answer and the server's bind.
    /// </summary>
    public static int Take()
    {
        for (var tries = 0; tries < 1000; tries++)
        {
            var port = Random.Shared.Next(12_000, 32_000);
            if (Given.TryAdd(port, true) && IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No free port on loopback.");
    }

    /// <summary>Whether somebody takes connections there.</summary>
    public static async Task<bool> ListensAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
