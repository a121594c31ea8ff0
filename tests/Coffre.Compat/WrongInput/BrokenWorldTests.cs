using System.Globalization;
using System.Net;
using Coffre.Compat.Fixture;

namespace Coffre.Compat.WrongInput;

/// <summary>The world breaks in mid-work: the power goes, the disk is full, the time is up. Nothing that was told as kept is lost.</summary>
public sealed class BrokenWorldTests
{
    [Fact]
    public async Task A_server_killed_in_mid_upload_comes_back_with_all_that_was_kept_and_nothing_else()
    {
        using var folder = new TempFolder();
        var kept = Bytes.Random(1_000_000);
        string key, link;
        long usage;
        await using (var server = await ServerProcess.StartAsync(new ServerOptions { DataFolder = folder["data"] }))
        {
            key = server.ApiKey;
            using var client = V1Client.For(server);
            link = await client.UploadAsync("kept.bin", kept);
            usage = await client.UsageAsync();
            var to = await client.UploadAddressAsync();
            using var connection = await RawConnection.OpenAsync(server);
            await connection.SendAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"POST {to.PathAndQuery} HTTP/1.1\r\nHost: {to.Authority}\r\nAuthorization: Bearer {key}\r\nContent-Type: multipart/form-data; boundary={Multipart.Boundary}\r\nContent-Length: 40000000\r\n\r\n"));
            await connection.SendAsync(Multipart.OneFile("lost.bin", Bytes.Random(20_000_000)).Unfinished());
            await Until.HoldsAsync(() => DataFolder.SizeOf(folder["data"]) > 15_000_000, "the server has written most of what was sent");

            await server.KillAsync();
        }

        await using (var server = await ServerProcess.StartAsync(new ServerOptions { DataFolder = folder["data"] }))
        {
            using var client = V1Client.For(server, key);
            Assert.Equal(["kept.bin (1000000)"], await client.ListAsync(-1));
            Assert.Equal(kept, await client.DownloadAsync("https://1fichier.com/" + new Uri(link).Query));
            Assert.Equal(usage, await client.UsageAsync());
            Assert.Equal("", server.ApiKey);
            server.AssertNoFault();
            Assert.Equal(0, await server.StopAsync());
        }

        (await ServerProcess.CommandAsync("sweep", "--data", folder["data"])).Ok();
        Assert.Empty(DataFolder.Staging(folder["data"]));
        Assert.Single(DataFolder.Blobs(folder["data"]));
        Assert.InRange(DataFolder.SizeOf(folder["data"]), 1_000_000, 4_000_000);
    }

    [Fact]
    public async Task A_kill_right_after_the_answer_loses_nothing()
    {
        using var folder = new TempFolder();
        var links = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var key = "";
        for (var round = 0; round < 3; round++)
        {
            await using var server = await ServerProcess.StartAsync(new ServerOptions { DataFolder = folder["data"] });
            key = server.ApiKey.Length > 0 ? server.ApiKey : key;
            using var client = V1Client.For(server, key);
            foreach (var (link, bytes) in links)
            {
                Assert.Equal(bytes, await client.DownloadAsync("https://1fichier.com/" + new Uri(link).Query));
            }

            // Small ones share a segment, large ones have a file of their own: both ways of keeping are in each round.
            foreach (var size in (int[])[1, 700, 3_000_000])
            {
                var content = Bytes.Random(size, seed: (round * 10) + size);
                links[await client.UploadAsync($"{round}-{size}.bin", content)] = content;
            }

            await server.KillAsync();
        }

        await using var last = await ServerProcess.StartAsync(new ServerOptions { DataFolder = folder["data"] });
        using var reader = V1Client.For(last, key);
        Assert.Equal(9, (await reader.ListAsync()).Count);
        foreach (var (link, bytes) in links)
        {
            Assert.Equal(bytes, await reader.DownloadAsync("https://1fichier.com/" + new Uri(link).Query));
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_the_upload_and_keeps_what_was_there()
    {
        using var folder = new TempFolder();
        var mount = folder.Folder("disk");
        var mounted = await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=24m", "none", mount]);
        Assert.SkipWhen(mounted.ExitCode != 0, "Only root can mount a small disk to fill: " + mounted.Errors.Trim());
        try
        {
            await using var server = await ServerProcess.StartAsync(new ServerOptions { DataFolder = Path.Combine(mount, "data"), Settings = ["Storage:MinFree=0"] });
            using var client = V1Client.For(server);
            var kept = Bytes.Random(2_000_000);
            var link = await client.UploadAsync("kept.bin", kept);

            // In chunks no length is announced: the disk runs full in the middle of it.
            var content = new StreamContent(new MemoryStream(Multipart.OneFile("too big.bin", Bytes.Random(40_000_000)).End()));
            content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=" + Multipart.Boundary);
            var request = new HttpRequestMessage(HttpMethod.Post, await client.UploadAddressAsync()) { Content = content };
            request.Headers.TransferEncodingChunked = true;
            var refused = await client.SendAsync(request);

            Assert.True(refused.Status == HttpStatusCode.InsufficientStorage && refused.Body.Contains("#9042", StringComparison.Ordinal), refused.ToString());
            Assert.Equal(["kept.bin (2000000)"], await client.ListAsync(-1));
            Assert.Equal(kept, await client.DownloadAsync(link));
            await client.UploadAsync("fits again.bin", Bytes.Random(2_000_000));
            Assert.Equal(0, await server.StopAsync());
        }
        finally
        {
            (await Tool.RunAsync("umount", ["-l", mount])).Ok();
        }
    }

    [Fact]
    public async Task A_disk_that_is_nearly_full_refuses_an_upload_whose_length_is_known()
    {
        // No disk has that much room left: the server must see it before it writes.
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Settings = ["Storage:MinFree=500TB"] });
        using var client = V1Client.For(server);

        var refused = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, await client.UploadAddressAsync()) { Content = Multipart.OneFile("a.bin", new byte[10]).Content() });

        Assert.True(refused.Status == HttpStatusCode.InsufficientStorage && refused.Body.Contains("#9042", StringComparison.Ordinal), refused.ToString());
        Assert.Empty(await client.ListAsync(-1));
    }

    [Fact]
    public async Task A_download_address_ends_and_a_running_download_does_not()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Settings = ["Downloads:TokenSeconds=10"] });
        using var client = V1Client.For(server);
        var content = Bytes.Random(30_000_000);
        var link = await client.UploadAsync("a.bin", content);
        var address = await client.TokenAsync(link);
        using var running = await client.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, address));
        Assert.Equal(HttpStatusCode.OK, running.StatusCode);

        Answer answer = new(HttpStatusCode.OK, "");
        await Until.HoldsAsync(async () => (answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, address))).Status != HttpStatusCode.OK, "the address has ended");

        Assert.True(answer.Status == HttpStatusCode.Gone && answer.Body.Contains("#9043", StringComparison.Ordinal), answer.ToString());
        Assert.Equal(content, await running.Content.ReadAsByteArrayAsync());
        Assert.Equal(content, await client.DownloadAsync(link));
        server.AssertNoFault();
    }

    [Fact]
    public async Task An_upload_address_ends()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Settings = ["Uploads:TicketSeconds=1"] });
        using var client = V1Client.For(server);
        var to = await client.UploadAddressAsync();

        // Nothing can be asked without using it up: only the clock tells.
        var until = DateTimeOffset.UtcNow.AddSeconds(2);
        await Until.HoldsAsync(() => DateTimeOffset.UtcNow > until, "two seconds are over");
        var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, to) { Content = Multipart.OneFile("late.txt", "x"u8).Content() });

        Assert.True(answer.Status == HttpStatusCode.NotFound && answer.Body.Contains("#9030", StringComparison.Ordinal), answer.ToString());
        Assert.Empty(await client.ListAsync(-1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_is_asked_to_stop_ends_cleanly_and_starts_again(bool interrupt)
    {
        using var folder = new TempFolder();
        string key;
        await using (var server = await ServerProcess.StartAsync(new ServerOptions { DataFolder = folder["data"] }))
        {
            key = server.ApiKey;
            using var client = V1Client.For(server);
            await client.UploadAsync("a.txt", "a"u8.ToArray());
            Assert.Equal(0, await server.StopAsync(interrupt));
        }

        await using var again = await ServerProcess.StartAsync(new ServerOptions { DataFolder = folder["data"] });
        using var reader = V1Client.For(again, key);
        Assert.Equal(["a.txt (1)"], await reader.ListAsync());
        Assert.DoesNotContain(key, again.Output + again.Log, StringComparison.Ordinal);
    }
}
