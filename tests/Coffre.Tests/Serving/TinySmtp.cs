using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Coffre.Tests.Serving;

/// <summary>The least that takes mail.</summary>
internal sealed class TinySmtp : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<MimeMessage> _mails = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Task _accepting;
    private int _waited;

    public TinySmtp(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string? Refuses { get; init; }

    /// <summary>Name and password of the last who signed in.</summary>
    public string? SignedIn { get; private set; }

    public IReadOnlyList<MimeMessage> Mails => [.. _mails];

    public async Task WaitAsync(int count)
    {
        for (; _waited < count; _waited++)
        {
            Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30)), $"Mail {_waited + 1} of {count} did not come.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // In this order: a listener that has stopped refuses to accept, cancelled or not.
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            await ReplyAsync("220 tiny");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                switch (line.Split(' ', ':')[0].ToUpperInvariant())
                {
                    case "EHLO":
                        await ReplyAsync("250-tiny\r\n250-AUTH PLAIN\r\n250 8BITMIME");
                        break;
                    case "AUTH":
                        SignedIn = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[^1])).TrimStart('\0').Replace('\0', ' ');
                        await ReplyAsync("235 welcome");
                        break;
                    case "RCPT" when Refuses is { } refused && line.Contains(refused, StringComparison.Ordinal):
                        await ReplyAsync("550 nobody here");
                        break;
                    case "DATA":
                        await ReplyAsync("354 go on");
                        await TakeAsync(reader);
                        await ReplyAsync("250 taken");
                        break;
                    case "QUIT":
                        await ReplyAsync("221 bye");
                        return;
                    default:
                        await ReplyAsync("250 ok");
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The server hung up, or the test is over.
        }

        Task ReplyAsync(string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), _stop.Token).AsTask();
    }

    private async Task TakeAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line and not ".")
        {
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        _mails.Enqueue(await MimeMessage.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(text.ToString()))));
        _arrived.Release();
    }
}
