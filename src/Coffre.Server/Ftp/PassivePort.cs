using System.Net;
using System.Net.Sockets;

namespace Coffre.Server.Ftp;

/// <summary>A port that waits for one data connection, of the client that has the control connection and of nobody else.</summary>
internal sealed class PassivePort : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Socket _listener;
    private readonly IPAddress _peer;

    private PassivePort(Socket listener, IPAddress peer) => (_listener, _peer) = (listener, peer);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Opens a port on the address that the client came to; null if none of the range is free.</summary>
    public static PassivePort? Open(IPAddress local, IPAddress peer, string range)
    {
        FtpSettings.TryRange(range, out var first, out var last);

        // Begins somewhere in the range, so that the next port cannot be guessed from the last.
        var count = last - first + 1;
        var offset = Random.Shared.Next(count);
        for (var i = 0; i < count; i++)
        {
            var listener = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(local, first == 0 ? 0 : first + ((offset + i) % count)));
                listener.Listen(1);
                return new PassivePort(listener, peer);
            }
            catch (SocketException)
            {
                listener.Dispose();
            }
        }

        return null;
    }

    /// <summary>The client's data connection; null if it does not come.</summary>
    public async Task<Socket?> AcceptAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(both.Token);
                if (((IPEndPoint)socket.RemoteEndPoint!).Address.Equals(_peer))
                {
                    return socket;
                }

                socket.Dispose();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    public void Dispose() => _listener.Dispose();
}
