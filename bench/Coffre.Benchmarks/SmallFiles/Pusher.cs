using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Coffre.Benchmarks.Peers;

namespace Coffre.Benchmarks.SmallFiles;

/// <summary>Sends requests over keep-alive connections, each the next when the last was answered. The same for both sides.</summary>
/// <remarks>One thread a connection and blocking sockets: about 15 µs of processor time a request, whoever answers.</remarks>
internal sealed class Pusher(int port, int connections)
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Sends <paramref name="count"/> requests; how long that took, and the server's processor time.</summary>
    /// <param name="count">How many.</param>
    /// <param name="request">The bytes of each, by its number; made before the clock starts.</param>
    /// <param name="status">What each is answered with.</param>
    /// <param name="cpu">The server's processor time so far, in seconds.</param>
    /// <param name="answers">Takes the body of each answer; null: they are thrown away.</param>
    public (double Seconds, double Cpu) Run(int count, Func<int, byte[]> request, int status, Func<double> cpu, string[]? answers = null)
    {
        var requests = Enumerable.Range(0, count).Select(request).ToArray();
        var sockets = Enumerable.Range(0, connections).Select(_ => Connect()).ToList();
        var next = -1;
        Exception? failure = null;
        var expected = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} ");
        var threads = sockets.ConvertAll(socket => new Thread(() =>
        {
            try
            {
                var buffer = new byte[BufferSize];
                for (int i; (i = Interlocked.Increment(ref next)) < count && failure is null;)
                {
                    Send(socket, requests[i]);
                    var body = Receive(socket, buffer, expected);
                    if (answers is not null)
                    {
                        answers[i] = Encoding.UTF8.GetString(body);
                    }
                }
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }, 256 * 1024));

        var (clock, spent) = (Stopwatch.StartNew(), cpu());
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        var result = (clock.Elapsed.TotalSeconds, cpu() - spent);
        sockets.ForEach(static socket => socket.Dispose());
        return failure is null ? result : throw new InvalidOperationException("A request went wrong.", failure);
    }

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    private static ReadOnlySpan<byte> Receive(Socket socket, byte[] buffer, ReadOnlySpan<byte> expected)
    {
        var have = 0;
        int end;
        while ((end = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
        {
            have += Read(socket, buffer.AsSpan(have));
        }

        var head = buffer.AsSpan(0, end);
        if (!head.StartsWith(expected))
        {
            throw new InvalidOperationException($"Expected {Encoding.ASCII.GetString(expected)}, got: {Encoding.UTF8.GetString(buffer, 0, have)}");
        }

        var whole = end + 4 + LengthOf(Encoding.ASCII.GetString(head));
        while (have < whole)
        {
            have += Read(socket, buffer.AsSpan(have));
        }

        return buffer.AsSpan((end + 4)..whole);
    }

    private static int LengthOf(string head)
    {
        const string name = "\r\ncontent-length:";
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return 0;
        }

        var rest = head.AsSpan(at + name.Length);
        var stop = rest.IndexOf('\r');
        return int.Parse((stop < 0 ? rest : rest[..stop]).Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static int Read(Socket socket, Span<byte> buffer) =>
        socket.Receive(buffer) is var read and not 0 ? read : throw new SocketException((int)SocketError.ConnectionReset);
}
