using System.Text.Json;
using Coffre.Tests.Storage;

namespace Coffre.Tests.Serving;

/// <summary>What answers hold while nobody reads them: measured on the whole process, so with no other test beside it.</summary>
[Collection(nameof(Alone))]
public sealed class DirectOutputMemoryTests
{
    private const int Length = (5 << 20) + 77;
    private const int Readers = 64;

    [Fact]
    public async Task Readers_that_do_not_read_hold_no_memory_and_get_all_of_it_later()
    {
        var bytes = new byte[Length];
        new Random(6).NextBytes(bytes);
        await using var server = await TestServer.StartAsync();
        var link = (await server.UploadAsync("f", bytes)).GetProperty("download").GetString();
        var asked = await server.CallAsync("download/get_token.cgi", JsonSerializer.Serialize(new { url = link }));
        var request = RawClient.GetRequest(new Uri(asked.Json.GetProperty("url").GetString()!));
        var clients = Enumerable.Range(0, Readers).Select(_ => new RawClient(server.Address, window: 64 * 1024)).ToList();
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            clients.ForEach(client => client.Send(request));
            clients.ForEach(client => Assert.StartsWith("HTTP/1.1 200", client.ReadHead(), StringComparison.Ordinal));

            // 64 times 5 MiB were asked for.
            var held = GC.GetTotalMemory(forceFullCollection: true) - before;
            TestContext.Current.TestOutputHelper?.WriteLine($"held: {held}");
            Assert.InRange(held, long.MinValue, 32L << 20);
            var body = new byte[Length];
            foreach (var client in clients)
            {
                Assert.Equal(Length, client.ReadBody(body));
                Assert.True(bytes.AsSpan().SequenceEqual(body));
                body.AsSpan().Clear();
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }
}
