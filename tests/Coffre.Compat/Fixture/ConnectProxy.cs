using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coffre.Compat.Fixture;

/// <summary>
/// The only way out for a client whose base address is fixed: a CONNECT proxy on loopback that takes <c>*.1fichier.com:443</c> to a local
/// port. Every other wish is refused and kept, so that a test can say that nothing else was asked for.
/// </summary>
public sealed class ConnectProxy : IAsyncDisposable
{
    private const int LongestHead = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<string> _refused = new();
    private readonly int _target;
    private readonly Task _accepting;
    private int _tunnels;

    /// <param name="target">The loopback port that speaks TLS for 1fichier's names.</param>
    public ConnectProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>First lines of the requests that were refused.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>How many tunnels were opened.</summary>
    public int Tunnels => _tunnels;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // In this order: a listener that has stopped refuses to accept, cancelled or not.
        await _accepting;
        _listener.Stop();
        _stopping.Dispose();
    }

    private static bool IsOurs(string authority) =>
        authority == "1fichier.com:443" || authority.EndsWith(".1fichier.com:443", StringComparison.Ordinal);

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _ = Task.Run(() => ServeAsync(client));
            }
            catch (Exception trouble) when (trouble is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        client.NoDelay = true;
        try
        {
            var stream = client.GetStream();
            var head = await ReadHeadAsync(stream);
            var line = head.Split("\r\n")[0];
            if (line.Split(' ') is not ["CONNECT", var authority, _] || !IsOurs(authority))
            {
                _refused.Enqueue(line);
                await stream.WriteAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
                return;
            }

            using var server = new TcpClient { NoDelay = true };
            await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray());
            Interlocked.Increment(ref _tunnels);
            await Task.WhenAll(CopyAsync(stream, server), CopyAsync(server.GetStream(), client));
        }
        catch (Exception trouble) when (trouble is IOException or SocketException or OperationCanceledException)
        {
            // Either side may hang up at any time; the client under test sees it as it would see it from a real proxy.
        }
    }

    // One byte at a time, so that nothing that belongs to the tunnel is swallowed. Heads are short.
    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < LongestHead && await stream.ReadAsync(one, _stopping.Token) == 1)
        {
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                break;
            }
        }

        return head.ToString();
    }

    private async Task CopyAsync(NetworkStream from, TcpClient to)
    {
        try
        {
            await from.CopyToAsync(to.GetStream(), 128 * 1024, _stopping.Token);
        }
        catch (IOException)
        {
            // Told to the other side below.
        }

        try
        {
            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Already gone.
        }
    }
}
