using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Coffre.Tests.Serving;

/// <summary>Sources by FTP.</summary>
public sealed class RemoteFtpTests
{
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(200_000);

    private static readonly (string, string)[] Open =
    [
        ("Remote:AllowNetworks", "127.0.0.2/32"), ("Remote:Ports", "0"), ("Remote:RetrySeconds", "0"), ("Remote:Tries", "3"),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_is_fetched_by_either_passive_command_from_the_host_that_was_judged(bool knowsEpsv)
    {
        await using var source = new TinyFtp(Content) { KnowsEpsv = knowsEpsv };
        var result = await FetchAsync(source.Url("ann:p%40ss@", "dir/a%20b.bin"));
        Assert.Equal("OK", result.GetProperty("status").GetString());
        Assert.Contains("USER ann", source.Lines);
        Assert.Contains("PASS p@ss", source.Lines);
        Assert.Contains("RETR dir/a b.bin", source.Lines);
    }

    [Fact]
    public async Task A_transfer_that_breaks_goes_on_where_it_stopped()
    {
        await using var source = new TinyFtp(Content) { BreaksAt = 50_000 };
        var result = await FetchAsync(source.Url("", "a.bin"));
        Assert.Equal("OK", result.GetProperty("status").GetString());
        Assert.Contains("USER anonymous", source.Lines);
        Assert.Contains("REST 50000", source.Lines);
    }

    [Theory]
    [InlineData("530 no", null, "The source did not let us in")]
    [InlineData(null, "550 no such file", "The source has no such file")]
    public async Task A_refusal_is_told_and_not_tried_again(string? signIn, string? retrieve, string message)
    {
        await using var source = new TinyFtp(Content) { SignInReply = signIn, RetrieveReply = retrieve };
        var result = await FetchAsync(source.Url("", "a.bin"));
        Assert.Equal(message, result.GetProperty("message").GetString());
        Assert.Equal(1, source.Lines.Count(line => line.StartsWith("USER", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_file_is_told_to_have_and_has_not_is_no_file()
    {
        await using var source = new TinyFtp(Content) { LiesAboutSize = 7 };
        var result = await FetchAsync(source.Url("", "a.bin"));
        Assert.Equal("The connection to the source broke", result.GetProperty("message").GetString());
    }

    private static async Task<JsonElement> FetchAsync(string url)
    {
        await using var server = await TestServer.StartAsync(Open);
        var asked = await server.CallAsync("remote/request.cgi", JsonSerializer.Serialize(new { urls = new[] { url } }));
        asked.IsOk();
        await server.Log.WaitForAsync(line => line.Contains(": fetched ", StringComparison.Ordinal) || line.Contains(" failed, ", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.All, line => line.Contains("p%40ss", StringComparison.Ordinal) || line.Contains("p@ss", StringComparison.Ordinal));
        var info = (await server.CallAsync("remote/info.cgi", $$"""{"id":{{asked.Json.GetProperty("id").GetInt64()}}}""")).Json;
        var result = info.GetProperty("result")[0].Clone();
        if (result.GetProperty("status").GetString() == "OK")
        {
            Assert.Equal(Content, await server.DownloadAsync(result.GetProperty("download_link").GetString()!));
        }
        else
        {
            await server.SweepAsync();
            Assert.Empty(server.StoredFiles());
        }

        return result;
    }

    /// <summary>The least that serves one file by FTP; its PASV names a host that is not its own.</summary>
    private sealed class TinyFtp : IAsyncDisposable
    {
        private readonly byte[] _content;
        private readonly TcpListener _listener = new(IPAddress.Parse("127.0.0.2"), 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly List<string> _lines = [];
        private readonly Task _serving;
        private bool _broke;

        public TinyFtp(byte[] content)
        {
            _content = content;
            _listener.Start();
            _serving = ServeAllAsync();
        }

        public bool KnowsEpsv { get; init; } = true;

        public int? BreaksAt { get; init; }

        public int LiesAboutSize { get; init; }

        public string? SignInReply { get; init; }

        public string? RetrieveReply { get; init; }

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public string Url(string login, string path) => $"ftp://{login}{_listener.LocalEndpoint}/{path}";

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            // In this order: a listener that has stopped refuses to accept, cancelled or not.
            await _serving;
            _listener.Stop();
            _stop.Dispose();
        }

        private async Task ServeAllAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    await ServeAsync(client);
                }
                catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
                {
                    // The fetcher hung up, or the test is over.
                }
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
            TcpListener? data = null;
            var offset = 0;
            await ReplyAsync("220-hello\r\n220 there");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                lock (_lines)
                {
                    _lines.Add(line);
                }

                var command = line.Split(' ')[0];
                switch (command)
                {
                    case "USER":
                        await ReplyAsync("331 password?");
                        break;
                    case "PASS":
                        await ReplyAsync(SignInReply ?? "230 welcome");
                        break;
                    case "SIZE":
                        await ReplyAsync(string.Create(CultureInfo.InvariantCulture, $"213 {_content.Length + LiesAboutSize}"));
                        break;
                    case "REST":
                        offset = int.Parse(line.AsSpan(5), CultureInfo.InvariantCulture);
                        await ReplyAsync("350 ok");
                        break;
                    case "EPSV" or "PASV":
                        data = new TcpListener(IPAddress.Parse("127.0.0.2"), 0);
                        data.Start();
                        var port = ((IPEndPoint)data.LocalEndpoint).Port;
                        await ReplyAsync(command == "PASV" ? $"227 (10,0,0,1,{port / 256},{port % 256})" : KnowsEpsv ? $"229 (|||{port}|)" : "500 what?");
                        break;
                    case "RETR" when RetrieveReply is not null:
                        await ReplyAsync(RetrieveReply);
                        break;
                    case "RETR":
                        await ReplyAsync("150 here it comes");
                        if (!await SendAsync(data!, offset))
                        {
                            return;
                        }

                        await ReplyAsync("226 that was it");
                        break;
                    default:
                        await ReplyAsync("200 ok");
                        break;
                }
            }

            Task ReplyAsync(string text) => client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), _stop.Token).AsTask();
        }

        private async Task<bool> SendAsync(TcpListener listener, int offset)
        {
            using var socket = await listener.AcceptSocketAsync(_stop.Token);
            listener.Stop();
            if (BreaksAt is { } end && !_broke)
            {
                _broke = true;
                await socket.SendAsync(_content.AsMemory(0, end), _stop.Token);
                return false;
            }

            await socket.SendAsync(_content.AsMemory(offset), _stop.Token);
            socket.Shutdown(SocketShutdown.Send);
            return true;
        }
    }
}
