using System.Net;
using System.Net.Sockets;
using Coffre.Server.Settings;

namespace Coffre.Server.Remote;

/// <summary>Turns host names into addresses.</summary>
internal interface INameResolver
{
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <summary>The machine's own resolver.</summary>
internal sealed class SystemResolver : INameResolver
{
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken);
}

/// <summary>Opens connections to sources: the one place from which the server connects to what a user named.</summary>
/// <remarks>
/// A name is resolved once, each of its addresses is judged, and the connection goes to a judged address, not to the name: what the name means
/// a moment later does not matter. One address that is forbidden forbids the name.
/// </remarks>
internal sealed class SourceConnector(INameResolver resolver, ServerSettings settings)
{
    private readonly AddressJudge _judge = new(RemoteSettings.Networks(settings));
    private readonly IReadOnlySet<int>? _ports = RemoteSettings.PortsOf(settings);
    private readonly TimeSpan _patience = settings.Seconds(RemoteSettings.ConnectSeconds);

    /// <summary>Whether sources may be on this port.</summary>
    public bool MayUse(int port) => _ports?.Contains(port) ?? true;

    /// <exception cref="SourceException">The port or an address is forbidden, or nobody answers: on purpose, one cannot tell which.</exception>
    public async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        if (!MayUse(port))
        {
            throw SourceException.Unreachable();
        }

        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await resolver.ResolveAsync(host, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw SourceException.Unreachable(exception);
        }

        return addresses.Length > 0 && addresses.All(_judge.MayConnect)
            ? await ConnectAsync(addresses, port, cancellationToken)
            : throw SourceException.Unreachable();
    }

    /// <summary>A second connection to a host that is connected already (FTP's data).</summary>
    public Task<Socket> ConnectAgainAsync(IPAddress address, int port, CancellationToken cancellationToken) =>
        _judge.MayConnect(address) ? ConnectAsync([address], port, cancellationToken) : throw SourceException.Unreachable();

    private async Task<Socket> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timer.CancelAfter(_patience);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), timer.Token);
                return socket;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                socket.Dispose();
                last = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw SourceException.Unreachable(last);
    }
}
