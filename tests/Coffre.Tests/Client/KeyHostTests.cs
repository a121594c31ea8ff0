using System.Net;
using System.Net.Sockets;
using System.Text;
using Coffre.Client;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>The key over real sockets: a second host on this machine listens, and must never hear it.</summary>
public sealed class KeyHostTests : IAsyncLifetime
{
    private readonly string _key = ApiKey.New();
    private readonly Listener _home = new(IPAddress.Loopback);
    private readonly Listener _other = new(IPAddress.Parse("127.0.0.2"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _home.DisposeAsync();
        await _other.DisposeAsync();
    }

    private string Other => $"http://{_other.Authority}";

    private CoffreClient NewClient() => new(new CoffreClientOptions { BaseAddress = new Uri($"http://{_home.Authority}"), ApiKey = _key, Retries = 1 });

    /// <summary>Does it, and looks at what the other host heard.</summary>
    private async Task DoAsync(Func<CoffreClient, Task> work, bool mayBeHeard = false)
    {
        using var client = NewClient();
        try
        {
            await work(client);
        }
        catch (CoffreException)
        {
            // Refused, as most of this is.
        }

        Assert.Contains(_key, _home.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain(_key, _other.Heard, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", _other.Heard, StringComparison.OrdinalIgnoreCase);
        Assert.True(mayBeHeard || _other.Heard.Length == 0, _other.Heard);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Calls_are_not_sent_on(int status)
    {
        _home.On(V1Paths.FolderLs, $"HTTP/1.1 {status} Moved\r\nLocation: {Other}/v1/folder/ls.cgi\r\nContent-Length: 0\r\n\r\n");
        _home.On(ApiPaths.CurrentKey, $"HTTP/1.1 {status} Moved\r\nLocation: {Other}/api/keys/current\r\nContent-Length: 0\r\n\r\n");
        _home.On(ApiPaths.Keys + "/current/rotate", $"HTTP/1.1 {status} Moved\r\nLocation: {Other}/api/keys/current/rotate\r\nContent-Length: 0\r\n\r\n");

        await DoAsync(client => client.ListFolderAsync());
        await DoAsync(client => client.Keys.GetCurrentAsync());
        await DoAsync(client => client.Keys.RotateAsync());
    }

    [Fact]
    public async Task An_upload_node_on_another_host_gets_nothing_even_if_both_are_this_machine()
    {
        _home.On(V1Paths.UploadServer, Listener.Json($$"""{"url":"{{_other.Authority}}","id":"abc"}"""));

        await DoAsync(client => client.UploadAsync(UploadSource.FromBytes(new byte[100], "a")));
    }

    [Fact]
    public async Task An_upload_that_is_sent_on_to_another_host_ends()
    {
        _home.On(V1Paths.UploadServer, Listener.Json($$"""{"url":"{{_home.Authority}}","id":"abc"}"""));
        _home.On(V1Paths.Upload, $"HTTP/1.1 302 Moved\r\nLocation: {Other}/end.pl?xid=abc\r\nContent-Length: 0\r\n\r\n");

        await DoAsync(client => client.UploadAsync(UploadSource.FromBytes(new byte[100], "a")));
    }

    [Fact]
    public async Task A_download_host_and_the_one_behind_it_hear_no_key()
    {
        _home.On(V1Paths.DownloadToken, Listener.Json($$"""{"status":"OK","url":"{{Other}}/d/1"}"""));
        _other.On("/d/1", $"HTTP/1.1 302 Moved\r\nLocation: {Other}/d/2\r\nContent-Length: 0\r\n\r\n");
        _other.On("/d/2", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

        await DoAsync(client => client.CopyToAsync($"http://{_home.Authority}/?abcdefghij0123456789", Stream.Null), mayBeHeard: true);

        Assert.Contains("GET /d/2", _other.Heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Held_keys_are_ended_without_the_own_key()
    {
        _home.On(ApiPaths.RevokeKeys, Listener.Json("""{"revoked":1}"""));
        using var client = NewClient();

        Assert.Equal(1, await client.Keys.RevokeHeldAsync([ApiKey.New()]));

        Assert.DoesNotContain("Authorization", _home.Heard, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_probe_shows_no_key_and_tells_what_answers()
    {
        using var client = NewClient();
        _home.On(ApiPaths.CurrentKey, Listener.Json("""{"title":"Not authenticated","status":401,"code":"not_authenticated"}""", "401 Unauthorized", Problem.MediaType));
        Assert.Equal(ServiceKind.Coffre, await client.ProbeAsync());

        _home.On(ApiPaths.CurrentKey, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        _home.On(V1Paths.FolderLs, Listener.Json("""{"status":"KO","message":"Not authenticated #247"}""", "401 Unauthorized"));
        Assert.Equal(ServiceKind.V1Only, await client.ProbeAsync());

        _home.On(V1Paths.FolderLs, Listener.Json("""{"hello":"world"}"""));
        Assert.Equal(CoffreError.UnexpectedAnswer, (await Assert.ThrowsAsync<CoffreException>(() => client.ProbeAsync())).Error);

        Assert.DoesNotContain(_key, _home.Heard, StringComparison.Ordinal);
    }

    /// <summary>Answers requests with what was laid out, and remembers every byte that it heard.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
        private readonly StringBuilder _heard = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _work;

        public Listener(IPAddress address)
        {
            _listener = new TcpListener(address, 0);
            _listener.Start();
            _work = AcceptAsync();
        }

        public string Authority => _listener.LocalEndpoint.ToString()!;

        public string Heard
        {
            get
            {
                lock (_heard)
                {
                    return _heard.ToString();
                }
            }
        }

        public void On(string path, string answer)
        {
            lock (_heard)
            {
                _answers[path] = answer.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal);
            }
        }

        public static string Json(string body, string status = "200 OK", string type = "application/json") =>
            $"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            // In this order: a listener that has stopped refuses to accept, cancelled or not.
            await _work;
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    using var socket = await _listener.AcceptSocketAsync(_stop.Token);
                    await ServeAsync(socket);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException
                || (exception is InvalidOperationException && _stop.IsCancellationRequested))
            {
                // The test is over; a listener that was stopped says so in many ways.
            }
        }

        private async Task ServeAsync(Socket socket)
        {
            var buffer = new byte[64 * 1024];
            var request = new StringBuilder();
            while (!IsWhole(request.ToString()))
            {
                var read = await socket.ReceiveAsync(buffer, _stop.Token);
                var text = Encoding.Latin1.GetString(buffer, 0, read);
                request.Append(text);
                lock (_heard)
                {
                    _heard.Append(text);
                }

                if (read == 0)
                {
                    return;
                }
            }

            string answer;
            lock (_heard)
            {
                answer = _answers.GetValueOrDefault(request.ToString().Split(' ')[1].Split('?')[0], "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }

            await socket.SendAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
            socket.Shutdown(SocketShutdown.Send);
        }

        private static bool IsWhole(string request)
        {
            var head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (head < 0)
            {
                return false;
            }

            var body = request[(head + 4)..];
            var length = request[..head].Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
            return length is not null ? body.Length >= int.Parse(length.Split(':')[1])
                : !request[..head].Contains("chunked", StringComparison.OrdinalIgnoreCase) || body.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        }
    }
}
