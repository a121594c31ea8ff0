using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Coffre.Compat.Fixture;

/// <summary>A line on loopback that passes bytes on and counts them both ways: what a killed client sent or got again shows here.</summary>
public sealed class Meter : IAsyncDisposable
{
    private const int BufferSize = 256 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly List<(bool IsUp, long At, TaskCompletionSource Reached)> _marks = [];
    private readonly int _target;
    private readonly Task _accepting;
    private long _up;
    private long _down;
    private long _busy;

    /// <param name="target">The loopback port that is called.</param>
    public Meter(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Bytes from clients so far.</summary>
    public long Up => Interlocked.Read(ref _up);

    /// <summary>Bytes to clients so far.</summary>
    public long Down => Interlocked.Read(ref _down);

    /// <summary>How long connections, all together, were not idle: from the first byte of a request to the first one of its answer.</summary>
    public TimeSpan Busy => new(Interlocked.Read(ref _busy));

    /// <summary>Done when so many more bytes have passed.</summary>
    public Task WhenPassed(bool up, long bytes)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _marks.Add((up, (up ? _up : _down) + bytes, reached));
        }

        return reached.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        // In this order: a listener that has stopped refuses to accept, cancelled or not.
        await _accepting;
        _listener.Stop();
        _stopping.Dispose();
    }

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
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            var line = new Line();
            await Task.WhenAll(CopyAsync(client, server, line, isUp: true), CopyAsync(server, client, line, isUp: false));
        }
        catch (Exception trouble) when (trouble is IOException or SocketException or OperationCanceledException)
        {
            // Either side may hang up at any time.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, Line line, bool isUp)
    {
        var buffer = new byte[BufferSize];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, _stopping.Token)) > 0)
            {
                Count(isUp, read);
                Interlocked.Add(ref _busy, line.Turn(isUp).Ticks);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
            }

            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception trouble) when (trouble is IOException or SocketException or ObjectDisposedException)
        {
            // A killed client resets its connection: the other side is told at once.
            to.Close();
            from.Close();
        }
    }

    private void Count(bool isUp, int bytes)
    {
        var now = isUp ? Interlocked.Add(ref _up, bytes) : Interlocked.Add(ref _down, bytes);
        lock (_gate)
        {
            foreach (var mark in _marks.Where(mark => mark.IsUp == isUp && mark.At <= now).ToArray())
            {
                mark.Reached.SetResult();
                _marks.Remove(mark);
            }
        }
    }

    /// <summary>Whose turn it is on one connection.</summary>
    private sealed class Line
    {
        private readonly Lock _gate = new();
        private long _asked;

        /// <summary>How long the client had waited, if these are the first bytes that answer it.</summary>
        public TimeSpan Turn(bool isUp)
        {
            lock (_gate)
            {
                if (isUp)
                {
                    _asked = _asked == 0 ? Stopwatch.GetTimestamp() : _asked;
                    return TimeSpan.Zero;
                }

                var waited = _asked == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_asked);
                _asked = 0;
                return waited;
            }
        }
    }
}
