using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Coffre.Server.Door;

/// <summary>Lets the connections of a port without TLS write to their socket themselves.</summary>
/// <remarks>
/// The framework's transport has a pipe and a task of its own for each connection's output: every response is handed to another thread. Here
/// the thread that made it sends it, and waits for nothing unless the socket is full. The input, and noticing that a client
/// went away, stay the transport's.
/// </remarks>
internal static class DirectOutput
{
    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            await next(connection);
            return;
        }

        var transport = connection.Transport;
        var pool = connection.Features.Get<IMemoryPoolFeature>()?.MemoryPool ?? MemoryPool<byte>.Shared;
        var writer = new DirectWriter(connection, socket, pool);
        connection.Transport = new Sides(transport.Input, writer);
        if (KernelSend.IsSupported)
        {
            connection.Features.Set<IFileSend>(writer);
        }

        try
        {
            await next(connection);
        }
        finally
        {
            // What the transport closes itself, it must find.
            connection.Transport = transport;
            writer.Complete();
        }
    }

    private sealed record Sides(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
