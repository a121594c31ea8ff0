using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Coffre.Tests.Serving;

/// <summary>Virus scans, against a clamd that does what the test says.</summary>
public sealed class ScanTests
{
    private static readonly byte[] Bad = Encoding.ASCII.GetBytes("some EVIL bytes");

    [Fact]
    public async Task A_clean_file_is_scanned_once_and_then_answered_from_memory_with_the_date()
    {
        await using var clamd = new FakeClamd();
        await using var server = await StartAsync(clamd);
        var bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);
        var link = await UploadAsync(server, bytes);
        var first = await ScanAsync(server, link);
        first.IsOk();
        Assert.False(first.Json.TryGetProperty("date", out _));
        Assert.Equal(bytes, clamd.Scanned.Single());

        server.Clock.Advance(TimeSpan.FromHours(5));
        Assert.Equal("2026-06-01 14:00:00", (await ScanAsync(server, link)).Json.GetProperty("date").GetString());
        Assert.Single(clamd.Scanned);
        server.Clock.Advance(TimeSpan.FromHours(2));
        Assert.False((await ScanAsync(server, link)).Json.TryGetProperty("date", out _));
        Assert.Equal(2, clamd.Scanned.Count);
    }

    [Theory]
    [InlineData("false", true)]
    [InlineData("true", false)]
    public async Task A_virus_is_named_and_the_file_goes_where_the_operator_wants_that(string deletes, bool stays)
    {
        await using var clamd = new FakeClamd();
        await using var server = await StartAsync(clamd, ("Scan:Delete", deletes));
        var link = await UploadAsync(server, Bad);
        var other = await server.AddAccountAsync("other@example.org", 1000);

        // Somebody else's scan tells, and removes nothing.
        var told = await ScanAsync(server, link, other);
        told.IsKo(HttpStatusCode.Forbidden, 9098);
        Assert.Contains("Evil-Test", told.Message, StringComparison.Ordinal);
        Assert.Single(await server.ListNamesAsync());

        (await ScanAsync(server, link)).IsKo(HttpStatusCode.Forbidden, 9098);
        Assert.Single(clamd.Scanned);
        Assert.Equal(stays ? 1 : 0, (await server.ListNamesAsync()).Count);
    }

    [Theory]
    [InlineData("INSTREAM size limit exceeded. ERROR", HttpStatusCode.RequestEntityTooLarge, 9096)]
    [InlineData("stream: something went wrong ERROR", HttpStatusCode.ServiceUnavailable, 9097)]
    [InlineData("", HttpStatusCode.ServiceUnavailable, 9097)]
    [InlineData("OK", HttpStatusCode.ServiceUnavailable, 9097)]
    public async Task Any_other_answer_is_no_result(string answer, HttpStatusCode status, int number)
    {
        await using var clamd = new FakeClamd { Answer = answer };
        await using var server = await StartAsync(clamd);
        var link = await UploadAsync(server, [1]);
        (await ScanAsync(server, link)).IsKo(status, number);
        (await ScanAsync(server, link)).IsKo(status, number);
        Assert.Equal(2, clamd.Scanned.Count);
    }

    [Fact]
    public async Task A_clamd_that_hangs_up_early_or_is_not_there_or_is_silent_is_told_alike()
    {
        await using (var clamd = new FakeClamd { HangsUp = true })
        {
            await using var server = await StartAsync(clamd);
            (await ScanAsync(server, await UploadAsync(server, new byte[5_000_000]))).IsKo(HttpStatusCode.ServiceUnavailable, 9097);
        }

        await using var alone = await TestServer.StartAsync(("Scan:Clamd", $"127.0.0.1:{TestPorts.Free()}"));
        (await ScanAsync(alone, await UploadAsync(alone, [1]))).IsKo(HttpStatusCode.ServiceUnavailable, 9097);

        await using var silent = new FakeClamd { IsSilent = true };
        await using var waiting = await StartAsync(silent);
        var scan = ScanAsync(waiting, await UploadAsync(waiting, [1]));
        while (!scan.IsCompleted)
        {
            waiting.Clock.Advance(TimeSpan.FromSeconds(601));
            await Task.Yield();
        }

        (await scan).IsKo(HttpStatusCode.ServiceUnavailable, 9097);
    }

    [Fact]
    public async Task What_may_not_be_read_is_not_scanned_and_neither_is_what_is_too_large()
    {
        await using var clamd = new FakeClamd();
        await using var server = await StartAsync(clamd, ("Scan:FileBytes", "10"));
        var link = await UploadAsync(server, [1]);
        await server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],"pass":"open sesame"}""");
        var other = await server.AddAccountAsync("other@example.org", 1000);
        (await ScanAsync(server, link, other)).IsKo(HttpStatusCode.Forbidden, 631);
        await server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],"pass":"","acl":{"email":["nobody@example.org"]} }""");
        (await ScanAsync(server, link, other)).IsKo(HttpStatusCode.Forbidden, 631);
        (await ScanAsync(server, "https://x/?aaaaaaaaaaaaaaaaaaaa")).IsKo(HttpStatusCode.NotFound, 469);
        (await server.CallAsync("file/scan.cgi", "{}")).IsKo(HttpStatusCode.BadRequest, 9013);
        (await ScanAsync(server, await UploadAsync(server, new byte[11]))).IsKo(HttpStatusCode.RequestEntityTooLarge, 9096);
        Assert.Empty(clamd.Scanned);
    }

    [Fact]
    public async Task Without_a_clamd_the_call_says_so()
    {
        await using var server = await TestServer.StartAsync();
        (await ScanAsync(server, await UploadAsync(server, [1]))).IsKo(HttpStatusCode.NotFound, 9095);
    }

    private static Task<TestServer> StartAsync(FakeClamd clamd, params (string, string)[] more) =>
        TestServer.StartAsync([("Scan:Clamd", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{clamd.Port}")), .. more]);

    private static async Task<string> UploadAsync(TestServer server, byte[] bytes) =>
        (await server.UploadAsync("f", bytes)).GetProperty("download").GetString()!;

    private static Task<Answer> ScanAsync(TestServer server, string link, string? key = null) =>
        server.CallAsync("file/scan.cgi", $$"""{"url":"{{link}}"}""", key);

    /// <summary>Takes INSTREAM as clamd does, to the byte.</summary>
    private sealed class FakeClamd : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _serving;
        private readonly List<byte[]> _scanned = [];

        public FakeClamd()
        {
            _listener.Start();
            _serving = ServeAllAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        /// <summary>Null: by what the bytes are.</summary>
        public string? Answer { get; init; }

        public bool HangsUp { get; init; }

        public bool IsSilent { get; init; }

        public IReadOnlyList<byte[]> Scanned
        {
            get
            {
                lock (_scanned)
                {
                    return [.. _scanned];
                }
            }
        }

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
                    await ServeAsync(client.GetStream());
                }
                catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
                {
                    // The server hung up, or the test is over.
                }
            }
        }

        private async Task ServeAsync(NetworkStream stream)
        {
            var command = new byte["zINSTREAM\0".Length];
            await stream.ReadExactlyAsync(command, _stop.Token);
            Assert.Equal("zINSTREAM\0", Encoding.ASCII.GetString(command));
            if (HangsUp)
            {
                return;
            }

            var bytes = new MemoryStream();
            var header = new byte[4];
            while (true)
            {
                await stream.ReadExactlyAsync(header, _stop.Token);
                var length = BinaryPrimitives.ReadInt32BigEndian(header);
                if (length == 0)
                {
                    break;
                }

                var chunk = new byte[length];
                await stream.ReadExactlyAsync(chunk, _stop.Token);
                bytes.Write(chunk);
            }

            lock (_scanned)
            {
                _scanned.Add(bytes.ToArray());
            }

            if (IsSilent)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }

            var answer = Answer ?? (bytes.ToArray().AsSpan().IndexOf("EVIL"u8) >= 0 ? "stream: Evil-Test FOUND" : "stream: OK");
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer + "\0"), _stop.Token);
        }
    }
}
