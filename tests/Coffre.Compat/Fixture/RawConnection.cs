using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Coffre.Compat.Fixture;

/// <summary>One connection that says exactly what a test wants said: for requests that no well-behaved client would send.</summary>
public sealed class RawConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawConnection(TcpClient client)
    {
        _client = client;
        _stream = _client.GetStream();
        _stream.ReadTimeout = 60_000;
    }

    public static async Task<RawConnection> OpenAsync(ServerProcess server)
    {
        var connected = new TcpClient { NoDelay = true };
        await connected.ConnectAsync("127.0.0.1", server.Port);
        return new RawConnection(connected);
    }

    /// <summary>Sends one request and reads its answer.</summary>
    public static async Task<RawAnswer> AskAsync(ServerProcess server, string request)
    {
        using var connection = await OpenAsync(server);
        await connection.SendAsync(request);
        return await connection.ReadAsync();
    }

    public async Task SendAsync(string text) => await SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Whether the server has said anything within a time; nothing is read.</summary>
    public bool HasAnswer(TimeSpan within) => _client.Client.Poll(within, SelectMode.SelectRead);

    /// <summary>Hangs up without a word, as a client that crashes: with a reset, not a farewell.</summary>
    public void Cut()
    {
        _client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        _client.Close();
    }

    /// <summary>Tells the server that nothing more will come.</summary>
    public void EndOfSending() => _client.Client.Shutdown(SocketShutdown.Send);

    public async Task<RawAnswer> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var all = new List<byte>();
        var buffer = new byte[16 * 1024];
        while (!IsWhole(all))
        {
            int count;
            try
            {
                count = await _stream.ReadAsync(buffer, deadline.Token);
            }
            catch (IOException)
            {
                break;
            }

            if (count == 0)
            {
                break;
            }

            all.AddRange(buffer.AsSpan(0, count));
        }

        return RawAnswer.Parse(Encoding.UTF8.GetString(all.ToArray()));
    }

    public void Dispose() => _client.Dispose();

    private static bool IsWhole(List<byte> all)
    {
        var text = Encoding.Latin1.GetString(all.ToArray());
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return false;
        }

        var head = text[..end];
        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase));
        return length is not null
            ? text.Length - end - 4 >= int.Parse(length.AsSpan(15).Trim(), NumberStyles.None, CultureInfo.InvariantCulture)
            : text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
    }
}

/// <summary>What came back: the status (0 if nothing did), the head as text, the body (joined if it came in chunks).</summary>
public sealed record RawAnswer(int Status, string Head, string Body)
{
    public static RawAnswer Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            return new RawAnswer(0, text, "");
        }

        var head = text[..end];
        var body = text[(end + 4)..];
        return new RawAnswer(
            int.Parse(head.Split(' ')[1], CultureInfo.InvariantCulture),
            head,
            head.Contains("chunked", StringComparison.OrdinalIgnoreCase) ? Join(body) : body);
    }

    private static string Join(string chunked)
    {
        var joined = new StringBuilder();
        var rest = chunked;
        while (rest.IndexOf("\r\n", StringComparison.Ordinal) is var line and > 0
            && int.TryParse(rest.AsSpan(0, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length)
            && length > 0)
        {
            // The length counts bytes; the bodies that are looked at here are plain ASCII.
            var taken = Math.Min(length, rest.Length - line - 2);
            joined.Append(rest, line + 2, taken);
            rest = rest[Math.Min(rest.Length, line + 4 + taken)..];
        }

        return joined.ToString();
    }
}
