using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coffre.Tests.Serving;

/// <summary>A host on loopback that files are fetched from; the test says byte by byte what it answers.</summary>
internal sealed class SourceServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<SourceAsk, Task> _answer;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly Task _accepting;
    private int _asked;

    public SourceServer(Func<SourceAsk, Task> answer, string address = "127.0.0.2")
    {
        _answer = answer;
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>The heads of the requests that came, in their order.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // In this order: a listener that has stopped refuses to accept, cancelled or not.
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Connections++;
                _ = ServeAsync(socket);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
            var head = new StringBuilder();
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
            {
                head.Append(line).Append('\n');
            }

            var number = Interlocked.Increment(ref _asked);
            _requests.Enqueue(head.ToString());
            await _answer(new SourceAsk(number, head.ToString(), stream, _stop.Token));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // The fetcher hung up.
        }
    }
}

/// <summary>One request to a <see cref="SourceServer"/>.</summary>
/// <param name="Number">The how many-th it is, from 1.</param>
/// <param name="Head">Request line and headers.</param>
/// <param name="Stream">Where the answer goes.</param>
/// <param name="Stopped">The test is over.</param>
internal sealed record SourceAsk(int Number, string Head, NetworkStream Stream, CancellationToken Stopped)
{
    public Task WriteAsync(string head, byte[]? body = null) => WriteAsync(Encoding.Latin1.GetBytes(head.ReplaceLineEndings("\r\n") + "\r\n\r\n"), body ?? []);

    public Task OkAsync(byte[] body, string headers = "") =>
        WriteAsync($"HTTP/1.1 200 OK\nConnection: close\nContent-Length: {body.Length}{(headers.Length == 0 ? "" : "\n" + headers)}", body);

    public async Task WriteAsync(byte[] head, byte[] body)
    {
        await Stream.WriteAsync(head, Stopped);
        await Stream.WriteAsync(body, Stopped);
    }

    /// <summary>The first byte that was asked for; null without a range.</summary>
    public int? From => Head.Split('\n').FirstOrDefault(line => line.StartsWith("Range: bytes=", StringComparison.Ordinal)) is { } line
        ? int.Parse(line["Range: bytes=".Length..].TrimEnd('-', '\r'))
        : null;
}
