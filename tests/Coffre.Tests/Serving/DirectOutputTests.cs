using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using Coffre.Server.Door;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using CsCheck;

namespace Coffre.Tests.Serving;

/// <summary>Connections without TLS write to their socket themselves, and have the kernel take large files from the disk.</summary>
public sealed class DirectOutputTests : IAsyncLifetime
{
    private const int Length = (5 << 20) + 77;
    private readonly byte[] _bytes = new byte[Length];
    private TestServer _server = null!;
    private Uri _token = null!;

    public async ValueTask InitializeAsync()
    {
        new Random(6).NextBytes(_bytes);
        _server = await TestServer.StartAsync();
        _token = await PlaceAsync(_bytes);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void Answers_follow_each_other_on_one_connection_each_with_exactly_its_bytes()
    {
        using var client = new RawClient(_server.Address);
        var body = new byte[Length];
        Gen.Int[0, Length - 1].SelectMany(start => Gen.Int[start, Length - 1].Select(last => (start, last))).Sample(
            range =>
            {
                var (start, last) = range;
                var (status, length) = client.Exchange(RawClient.GetRequest(_token, $"{start}-{last}"), body);
                Assert.Equal((206, last - start + 1), (status, length));
                Assert.True(_bytes.AsSpan(start, length).SequenceEqual(body.AsSpan(0, length)));
            },
            iter: 60, threads: 1);
        var whole = client.Exchange(RawClient.GetRequest(_token), body);
        Assert.Equal((200, Length), whole);
        Assert.True(_bytes.AsSpan().SequenceEqual(body));
    }

    [Theory]
    [InlineData(0, 65535)]
    [InlineData(0, 65536)]
    [InlineData(1, 65536)]
    [InlineData(0, 1048575)]
    [InlineData(0, 1048576)]
    [InlineData(Length - 1, Length - 1)]
    public void Both_sides_of_each_border_between_ways_of_sending_are_exact(int start, int last)
    {
        using var client = new RawClient(_server.Address);
        var body = new byte[Length];
        var answer = client.Exchange(RawClient.GetRequest(_token, $"{start}-{last}"), body);
        Assert.Equal((206, last - start + 1), answer);
        Assert.True(_bytes.AsSpan(start, answer.Length).SequenceEqual(body.AsSpan(0, answer.Length)));
    }

    [Fact]
    public void Requests_that_were_sent_ahead_are_answered_in_order()
    {
        using var client = new RawClient(_server.Address);
        client.Send([.. RawClient.GetRequest(_token, "0-99999"), .. RawClient.GetRequest(_token, "5-9"), .. RawClient.GetRequest(_token)]);
        foreach (var (start, length) in new[] { (0, 100_000), (5, 5), (0, Length) })
        {
            Assert.Contains($"Content-Length: {length}", client.ReadHead(), StringComparison.Ordinal);
            var body = new byte[length];
            Assert.Equal(length, client.ReadBody(body));
            Assert.True(_bytes.AsSpan(start, length).SequenceEqual(body));
        }
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_sent_never_looks_whole()
    {
        var token = await PlaceAsync(new byte[32 << 20]);
        using var client = new RawClient(_server.Address, window: 64 * 1024);
        client.Send([.. RawClient.GetRequest(token), .. RawClient.GetRequest(_token)]);
        Assert.Contains("Content-Length: 33554432", client.ReadHead(), StringComparison.Ordinal);
        var blob = _server.StoredFiles().Single(path => path.Contains("blobs", StringComparison.Ordinal) && new FileInfo(path).Length == 32 << 20);
        await using (var file = new FileStream(blob, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(1);
        }

        // The connection must end by itself: what the next request is answered with would be taken for the rest.
        client.Patience = TimeSpan.FromSeconds(20);
        var body = new byte[32 << 20];
        var received = 0;
        try
        {
            received = client.ReadBody(body);
        }
        catch (SocketException exception)
        {
            Assert.NotEqual(SocketError.TimedOut, exception.SocketErrorCode);
            Assert.NotEqual(SocketError.WouldBlock, exception.SocketErrorCode);
        }

        Assert.InRange(received, 0, (32 << 20) - 1);
        Assert.True(body.AsSpan().IndexOf("HTTP/1.1"u8) < 0, "The next answer came where the file's bytes belong.");
        await _server.Log.WaitForAsync(line => line.Contains("shorter than it was", StringComparison.Ordinal));
    }

    [Fact]
    public void A_slow_line_has_a_minute_for_each_flush()
    {
        var least = _server.Room<IOptions<KestrelServerOptions>>().Value.Limits.MinResponseDataRate;
        Assert.NotNull(least);
        Assert.True(DirectWriter.LargestPiece / 4 / least.GracePeriod.TotalSeconds < 5_000, "A line of 5 kB/s must be enough.");
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_transfer_and_is_no_trouble()
    {
        using (var client = new RawClient(_server.Address, window: 64 * 1024))
        {
            client.Send(RawClient.GetRequest(_token));
            client.ReadHead();
        }

        await _server.Log.WaitForAsync(line => line.Contains("GET /p", StringComparison.Ordinal) && line.Contains(" in ", StringComparison.Ordinal));
        Assert.Empty(_server.Log.Troubles);
        Assert.DoesNotContain(_server.Log.All, line => line.Contains("Sent file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_is_given_a_piece_of_a_file_who_would_send_the_memory_in_its_place()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var writer = new DirectWriter(new DefaultConnectionContext(), socket, System.Buffers.MemoryPool<byte>.Shared);
        var between = new Pipe();
        using var file = File.OpenHandle(Path.GetTempFileName(), FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.DeleteOnClose);
        Assert.False(writer.TryAppend(between.Writer, file, 0, 1000));
        Assert.Equal((0, 0), (writer.UnflushedBytes, between.Writer.UnflushedBytes));

        // Asked by itself it takes the piece, and then nothing may be written behind it.
        Assert.True(writer.TryAppend(writer, file, 0, 1000));
        Assert.Equal(1000, writer.UnflushedBytes);
        Assert.Throws<InvalidOperationException>(() => writer.GetMemory());
        Assert.Throws<InvalidOperationException>(() => writer.TryAppend(writer, file, 0, 1));
        await writer.CompleteAsync();
        Assert.Equal(0, writer.UnflushedBytes);
    }

    private async Task<Uri> PlaceAsync(byte[] bytes)
    {
        var link = (await _server.UploadAsync($"{bytes.Length.ToString(CultureInfo.InvariantCulture)}.bin", bytes)).GetProperty("download").GetString();
        var token = await _server.CallAsync("download/get_token.cgi", JsonSerializer.Serialize(new { url = link }));
        return new Uri(token.Json.GetProperty("url").GetString()!);
    }
}
