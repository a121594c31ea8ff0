using System.Net;
using System.Net.Sockets;
using Coffre.Server.Remote;

namespace Coffre.Tests.Serving;

/// <summary>Knows no name at all: nothing leaves this machine, and nobody waits for a name server.</summary>
internal sealed class NamelessResolver : INameResolver
{
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
}
