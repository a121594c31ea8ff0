using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coffre.Benchmarks.Peers;

/// <summary>Downloads as fast as sockets go: one thread a connection, large reads, bytes thrown away. The same for both sides.</summary>
/// <remarks>wrk reads 8 KiB at a time and curl writes what it reads: both would be what is measured.</remarks>
internal sealed class Puller(int port, IReadOnlyList<string> paths, string? range, int connections)
{
    private const int BufferSize = 256 * 1024;
    private const double Giga = 1e9;
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(2);
    private long _bytes;
    private volatile bool _stopped;

    /// <summary>GB a second, and the server's processor time for each.</summary>
    public Turn Run(Func<double> cpu)
    {
        var sockets = Enumerable.Range(0, connections).Select(_ => Connect()).ToList();
        var failures = new List<Exception>();
        var threads = sockets.Select((socket, i) => new Thread(() => Pull(socket, i, failures), 256 * 1024)).ToList();
        threads.ForEach(static thread => thread.Start());
        Thread.Sleep(WarmUp);

        var (clock, bytes, spent) = (Stopwatch.StartNew(), Interlocked.Read(ref _bytes), cpu());
        Thread.Sleep(Measured);
        var seconds = clock.Elapsed.TotalSeconds;
        (bytes, spent) = (Interlocked.Read(ref _bytes) - bytes, cpu() - spent);

        _stopped = true;
        sockets.ForEach(static socket => socket.Dispose());
        threads.ForEach(static thread => thread.Join());
        if (failures.Count > 0)
        {
            throw new InvalidOperationException("A download went wrong.", failures[0]);
        }

        return new Turn(bytes / Giga / seconds, spent / (bytes / Giga));
    }

    private Socket Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private void Pull(Socket socket, int first, List<Exception> failures)
    {
        var buffer = new byte[BufferSize];
        try
        {
            for (var i = first; !_stopped; i++)
            {
                PullOne(socket, paths[i % paths.Count], buffer);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException && _stopped)
        {
            // Cut off in mid download, as it is meant to be.
        }
        catch (Exception exception)
        {
            lock (failures)
            {
                failures.Add(exception);
            }
        }
    }

    private void PullOne(Socket socket, string path, byte[] buffer)
    {
        var rangeLine = range is null ? "" : $"Range: bytes={range}\r\n";
        socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{rangeLine}\r\n"));
        var have = 0;
        int end;
        while ((end = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
        {
            have += Receive(socket, buffer.AsSpan(have));
        }

        var left = LengthOf(Encoding.ASCII.GetString(buffer, 0, end)) - (have - end - 4);
        Interlocked.Add(ref _bytes, have - end - 4);
        while (left > 0)
        {
            var read = Receive(socket, buffer);
            left -= read;
            Interlocked.Add(ref _bytes, read);
        }
    }

    private long LengthOf(string head)
    {
        const string name = "content-length:";
        var wanted = range is null ? "HTTP/1.1 200" : "HTTP/1.1 206";
        if (!head.StartsWith(wanted, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"Asked for {wanted}, got: {head}");
        }

        var line = head.Split("\r\n").First(static text => text.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return long.Parse(line.AsSpan(name.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
    }

    private static int Receive(Socket socket, Span<byte> buffer) =>
        socket.Receive(buffer) is var read and not 0 ? read : throw new SocketException((int)SocketError.ConnectionReset);
}
