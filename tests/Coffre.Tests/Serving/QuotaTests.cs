using System.Net;
using System.Text;

namespace Coffre.Tests.Serving;

public sealed class QuotaTests
{
    private const long Quota = 1_000_000;

    [Fact]
    public async Task Sixty_four_uploads_at_once_never_pass_the_quota()
    {
        await using var server = await TestServer.StartAsync();
        var key = await server.AddAccountAsync("small@example.org", Quota);
        var bytes = new byte[60_000];
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            var id = await server.OpenUploadAsync(key);
            return await server.PostUploadAsync(id, TestServer.Form(0, ($"f{i}", bytes)), key);
        }));

        var kept = answers.Count(answer => answer.Status == HttpStatusCode.Found);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Found), answer => answer.IsKo(HttpStatusCode.InsufficientStorage, 9041));
        Assert.InRange(kept, 1, (int)(Quota / bytes.Length));
        Assert.Equal(kept, (await server.ListNamesAsync(key: key)).Count);
        Assert.Equal(kept * bytes.Length, await UsedAsync(server, key));
        await server.SweepAsync();
        Assert.Equal(kept, server.StoredFiles().Count);
    }

    [Fact]
    public async Task A_file_that_fills_the_quota_to_the_last_byte_is_kept_and_one_byte_more_is_not()
    {
        await using var server = await TestServer.StartAsync();
        var key = await server.AddAccountAsync("small@example.org", Quota);
        await server.UploadAsync("full", new byte[Quota], key: key);
        var refused = await server.PostUploadAsync(await server.OpenUploadAsync(key), TestServer.Form(0, ("more", [1])), key);
        refused.IsKo(HttpStatusCode.InsufficientStorage, 9041);
        Assert.Equal(["full"], await server.ListNamesAsync(key: key));
    }

    [Fact]
    public async Task Quota_that_ends_midway_leaves_no_bytes_and_gives_the_reservation_back()
    {
        await using var server = await TestServer.StartAsync();
        var key = await server.AddAccountAsync("small@example.org", Quota);

        // Of unknown length, so that it is noticed only while the bytes arrive.
        var form = new StreamContent(new MemoryStream(await TestServer.Form(0, ("a", new byte[400_000]), ("b", new byte[700_000])).ReadAsByteArrayAsync()));
        form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=----coffre-test-boundary");
        var request = new HttpRequestMessage(HttpMethod.Post, $"/upload.cgi?id={await server.OpenUploadAsync(key)}") { Content = form };
        request.Headers.TransferEncodingChunked = true;
        (await server.SendAsync(request, key)).IsKo(HttpStatusCode.InsufficientStorage, 9041);

        Assert.Empty(await server.ListNamesAsync(key: key));
        Assert.Empty(server.StoredFiles());
        await server.UploadAsync("fits", new byte[Quota], key: key);
        Assert.Equal(Quota, await UsedAsync(server, key));
    }

    [Fact]
    public async Task Removing_a_file_gives_its_bytes_back_and_copies_count()
    {
        await using var server = await TestServer.StartAsync();
        var key = await server.AddAccountAsync("small@example.org", Quota);
        var link = (await server.UploadAsync("a", new byte[600_000], key: key)).GetProperty("download").GetString();
        (await server.CallAsync("file/cp.cgi", $$"""{"urls":["{{link}}"]}""", key)).IsKo(HttpStatusCode.InsufficientStorage, 9041);
        (await server.CallAsync("file/rm.cgi", $$"""{"files":[{"url":"{{link}}"}]}""", key)).IsOk();
        Assert.Equal(0, await UsedAsync(server, key));
        await server.UploadAsync("b", Encoding.UTF8.GetBytes(new string('b', 900_000)), key: key);
    }

    private static async Task<long> UsedAsync(TestServer server, string key) =>
        (await server.CallAsync("user/info.cgi", "", key)).Json.GetProperty("cold_storage").GetInt64();
}
