using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coffre.Tests.Serving;

/// <summary>Budgets of the hot paths in bytes that the server allocates: exact where time is noisy. The client here allocates nothing.</summary>
[Collection(nameof(Storage.Alone))]
public sealed class CallAllocationTests : IAsyncLifetime
{
    // A fifth over what was measured when the budget was set: small changes of the framework must not break it, a forgotten copy must.
    private const long CallBudget = 2_600;
    private const long UploadBudget = 17_500;
    private const double RowBudget = 4;
    private const int Warm = 300;
    private const int Measured = 300;

    private TestServer _server = null!;
    private Socket _socket = null!;
    private readonly byte[] _buffer = new byte[1 << 16];

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(
            null, services => services.Configure<LoggerFilterOptions>(filter => filter.MinLevel = LogLevel.Warning), ("Limits:KeyRate", "0"));
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(IPAddress.Loopback, _server.Address.Port);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public void A_call_with_a_key_stays_within_its_budget()
    {
        var request = Request("/v1/vouchers/ls.cgi", "application/json", "{}"u8);
        var bytes = PerTurn(_ => Send(request));
        Assert.InRange(bytes, 1, CallBudget);
    }

    [Fact]
    public async Task A_small_upload_stays_within_its_budget()
    {
        var ids = new List<string>();
        for (var i = 0; i < Warm + Measured; i++)
        {
            ids.Add(await _server.OpenUploadAsync());
        }

        var form = Form(4096);
        var requests = ids.ConvertAll(id => Request($"/upload.cgi?id={id}", "multipart/form-data; boundary=x", form));
        var bytes = PerTurn(i => Send(requests[i]));
        Assert.InRange(bytes, 1, UploadBudget);
    }

    [Fact]
    public async Task A_listing_allocates_for_blocks_and_not_for_rows()
    {
        await _server.UploadAsync("first", [1]);
        await FileRows.MultiplyAsync(_server, 1000);
        var request = Request("/v1/file/ls.cgi", "application/json", "{}"u8);
        var few = Least(request);
        await FileRows.MultiplyAgainAsync(_server, 1000, 20_000);
        var many = Least(request);
        Assert.InRange((many - few) / 20_000.0, double.MinValue, RowBudget);
    }

    private long Least(byte[] request) => Allocated.ByProcess(() => Send(request), rounds: 12);

    private static long PerTurn(Action<int> turn)
    {
        var next = 0;
        Times(Warm);
        return Allocated.ByProcess(() => Times(Measured / 3), rounds: 3) / (Measured / 3);

        void Times(int times)
        {
            for (var i = 0; i < times; i++)
            {
                turn(next++);
            }
        }
    }

    private byte[] Request(string path, string type, ReadOnlySpan<byte> body) =>
        [.. Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {_server.Key}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    private static byte[] Form(int length) =>
        [.. "--x\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"a.bin\"\r\n\r\n"u8, .. new byte[length], .. "\r\n--x--\r\n"u8];

    /// <summary>Sends and reads the whole answer, by its length or its last chunk.</summary>
    private void Send(byte[] request)
    {
        _socket.Send(request);
        var have = 0;
        int head;
        while ((head = _buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
        {
            have += Receive(have);
        }

        var text = _buffer.AsSpan(0, head);
        if (!text.StartsWith("HTTP/1.1 200"u8) && !text.StartsWith("HTTP/1.1 302"u8))
        {
            throw new InvalidOperationException(Encoding.ASCII.GetString(_buffer, 0, have));
        }

        var name = "\r\nContent-Length: "u8;
        if (text.IndexOf(name) is var at and >= 0 && Utf8Parser.TryParse(text[(at + name.Length)..], out int length, out _))
        {
            for (have -= head + 4; have < length;)
            {
                have += Receive(0);
            }

            return;
        }

        while (!_buffer.AsSpan(0, have).EndsWith("\r\n0\r\n\r\n"u8))
        {
            // Only the end is looked at.
            var keep = Math.Min(have, 16);
            _buffer.AsSpan(have - keep, keep).CopyTo(_buffer);
            have = keep + Receive(keep);
        }
    }

    private int Receive(int at) =>
        _socket.Receive(_buffer.AsSpan(at)) is var read and > 0 ? read : throw new InvalidOperationException("The connection ended.");
}
