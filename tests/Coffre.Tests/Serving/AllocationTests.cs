using System.Text;
using System.Text.Json;
using Coffre.Storage.Local;
using Coffre.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Coffre.Tests.Serving;

/// <summary>What the hot paths allocate: exact where time is noisy.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests : IAsyncLifetime
{
    private const int Mega = 1 << 20;
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(
        null, services => services.Configure<LoggerFilterOptions>(filter => filter.MinLevel = LogLevel.Warning), ("Limits:KeyRate", "0"));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("4 KiB whole", 4096, null, 200, 4096, 2_900)]
    [InlineData("a range of 1 KiB out of 4", 4096, "1000-2023", 206, 1024, 3_300)]
    [InlineData("a range of 1 MiB out of 3", 3 * Mega, "1001-1049576", 206, Mega, 4_500)]
    [InlineData("3 MiB whole", 3 * Mega, null, 200, 3 * Mega, 4_200)]
    public async Task A_download_stays_within_its_budget(string what, int length, string? range, int status, int expected, int budget)
    {
        var link = (await _server.UploadAsync("a.bin", new byte[length])).GetProperty("download").GetString();
        var token = await _server.CallAsync("download/get_token.cgi", JsonSerializer.Serialize(new { url = link }));
        var request = RawClient.GetRequest(new Uri(token.Json.GetProperty("url").GetString()!), range);
        using var client = new RawClient(_server.Address);
        var body = new byte[length];
        var least = PerCall(100, () => Assert.Equal((status, expected), client.Exchange(request, body)));
        AssertWithin(budget, least, $"{what}: bytes for each download");
    }

    [Fact]
    public async Task Each_further_megabyte_of_an_upload_costs_next_to_nothing()
    {
        var small = await UploadedAsync(8 * Mega);
        var large = await UploadedAsync(72 * Mega);
        var perMega = (large - small) / 64;
        AssertWithin(500, perMega, "bytes for each further MiB of an upload");
    }

    [Fact]
    public async Task The_disk_writer_allocates_nothing_for_each_block()
    {
        using var folder = new TestFolder();
        using var store = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = folder.Path }, TimeProvider.System);
        var piece = new byte[64 * 1024];
        var small = await KeptAsync(store, piece, 8);
        var large = await KeptAsync(store, piece, 72);
        var perMega = (large - small) / 64;
        AssertWithin(64, perMega, "bytes for each further MiB that is kept");
    }

    private static void AssertWithin(long budget, long measured, string what)
    {
        var text = $"{what}: {measured}, {budget} are allowed.";
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        Assert.True(measured <= budget, text);
    }

    private async Task<long> UploadedAsync(int length)
    {
        var file = new byte[length];
        var least = long.MaxValue;
        for (var turn = 0; turn < 4; turn++)
        {
            var id = await _server.OpenUploadAsync();
            var head = Encoding.ASCII.GetBytes("--b\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"a\"\r\n\r\n");
            var tail = "\r\n--b--\r\n"u8.ToArray();
            using var client = new RawClient(_server.Address);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            client.Send(Encoding.ASCII.GetBytes(
                $"POST /upload.cgi?id={id} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {_server.Key}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {head.Length + length + tail.Length}\r\n\r\n"));
            client.Send(head);
            client.Send(file);
            client.Send(tail);
            Assert.StartsWith("HTTP/1.1 302", client.ReadHead(), StringComparison.Ordinal);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }

    private static Task<long> KeptAsync(DiskBlobStore store, byte[] piece, int megabytes) => Allocated.ByProcessAsync(
        async () =>
        {
            await using var writer = await store.BeginAsync((long)megabytes * Mega, default);
            for (var i = 0; i < megabytes * Mega / piece.Length; i++)
            {
                await writer.WriteAsync(piece, default);
            }

            await writer.CommitAsync(default);
        },
        rounds: 4);

    private static long PerCall(int calls, Action call) => Allocated.ByProcess(() =>
    {
        for (var i = 0; i < calls; i++)
        {
            call();
        }
    }) / calls;
}
