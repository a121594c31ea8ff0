using System.Net;
using System.Net.Sockets;

namespace Coffre.Tests.Serving;

/// <summary>Ports on loopback that nobody uses, below those that the system gives to outgoing connections; none is given twice.</summary>
/// <remarks>
/// A port is free when it is looked at and bound a moment later. So that no other run of the tests beside this one takes
/// it in between, each run has a stretch of ports to itself for as long as it lives.
/// </remarks>
internal static class TestPorts
{
    private const int First = 10_000;
    private const int Stretches = 11;
    private const int Length = 2_000;
    private static readonly (int Start, FileStream? Hold) Mine = TakeStretch();
    private static int _taken;

    public static int Free()
    {
        while (true)
        {
            var port = Mine.Start + (int)((uint)Interlocked.Increment(ref _taken) % Length);
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

    /// <summary>The system lets go of the held file when this process ends, however it ends.</summary>
    private static (int Start, FileStream? Hold) TakeStretch()
    {
        for (var i = 0; i < Stretches; i++)
        {
            try
            {
                var hold = new FileStream(Path.Combine(Path.GetTempPath(), $"coffre-test-ports-{i}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return (First + (i * Length), hold);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Another run's, or another user's.
            }
        }

        return (First + (Random.Shared.Next(Stretches) * Length), null);
    }
}
