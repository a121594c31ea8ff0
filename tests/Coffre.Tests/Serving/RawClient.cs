using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coffre.Tests.Serving;

/// <summary>One connection to a server: what goes over it, and when it is read, is the test's own affair.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _have;
    private int _passed;

    /// <param name="address">Whose port.</param>
    /// <param name="window">Bytes that the system takes ahead of the test; null: its own choice.</param>
    public RawClient(Uri address, int? window = null)
    {
        if (window is { } bytes)
        {
            _socket.ReceiveBufferSize = bytes;
        }

        _socket.Connect(IPAddress.Loopback, address.Port);
    }

    /// <summary>How long one read may take; without end by default.</summary>
    public TimeSpan Patience
    {
        get => TimeSpan.FromMilliseconds(_socket.ReceiveTimeout);
        set => _socket.ReceiveTimeout = (int)value.TotalMilliseconds;
    }

    public static byte[] GetRequest(Uri url, string? range = null) =>
        Encoding.ASCII.GetBytes($"GET {url.PathAndQuery} HTTP/1.1\r\nHost: 127.0.0.1\r\n{(range is null ? "" : $"Range: bytes={range}\r\n")}\r\n");

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>The head of the next answer.</summary>
    public string ReadHead()
    {
        int end;
        while ((end = Unread.IndexOf("\r\n\r\n"u8)) < 0)
        {
            Assert.True(Fill(), "The connection ended before an answer.");
        }

        var head = Encoding.ASCII.GetString(Unread[..end]);
        _passed += end + 4;
        return head;
    }

    /// <summary>Reads as many bytes as fit; returns how many came before the connection ended.</summary>
    public int ReadBody(Span<byte> body)
    {
        var filled = 0;
        while (filled < body.Length && (!Unread.IsEmpty || Fill()))
        {
            var taken = Math.Min(Unread.Length, body.Length - filled);
            Unread[..taken].CopyTo(body[filled..]);
            _passed += taken;
            filled += taken;
        }

        return filled;
    }

    /// <summary>Asks, and reads the whole answer into the buffer; returns its status and length. Allocates nothing.</summary>
    public (int Status, int Length) Exchange(ReadOnlySpan<byte> request, Span<byte> body)
    {
        Send(request);
        int end;
        while ((end = Unread.IndexOf("\r\n\r\n"u8)) < 0)
        {
            Assert.True(Fill());
        }

        var status = int.Parse(Unread.Slice("HTTP/1.1 ".Length, 3), CultureInfo.InvariantCulture);
        var at = Unread.IndexOf("Content-Length: "u8) + "Content-Length: ".Length;
        var length = int.Parse(Unread[at..(at + Unread[at..].IndexOf((byte)'\r'))], CultureInfo.InvariantCulture);
        _passed += end + 4;
        return (status, ReadBody(body[..length]));
    }

    public void Dispose() => _socket.Dispose();

    private ReadOnlySpan<byte> Unread => _buffer.AsSpan(_passed, _have - _passed);

    private bool Fill()
    {
        Unread.CopyTo(_buffer);
        (_have, _passed) = (_have - _passed, 0);
        var read = _socket.Receive(_buffer.AsSpan(_have));
        _have += read;
        return read > 0;
    }
}
