using System.Net;
using Coffre.Protocol;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Serving;

/// <summary>A key that has ended opens nothing any more, whatever is under way; one that takes over loses nothing.</summary>
public sealed class RevocationTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(("Limits:KeyRate", "0"));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_revocation_by_another_process_is_obeyed_within_two_seconds()
    {
        var issued = await _server.AddKeyAsync(new KeyWish("stolen"));
        (await _server.CallAsync("folder/ls.cgi", "{}", issued.Secret)).IsOk();
        await using (var beside = CatalogStore.Open(Path.Combine(_server.Folder, "catalog.db"), _server.Clock))
        {
            await beside.WriteAsync(session => _server.Room<KeyTable>().Revoke(session, issued.Row), CancellationToken.None);
        }

        _server.Clock.Advance(TimeSpan.FromSeconds(2));
        (await _server.CallAsync("folder/ls.cgi", "{}", issued.Secret)).IsKo(HttpStatusCode.Unauthorized, 247);
        (await _server.ApiAsync("GET", "keys/current", null, issued.Secret)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
    }

    [Fact]
    public async Task Download_addresses_die_with_the_key_that_asked_for_them_and_no_others()
    {
        var link = (await _server.UploadAsync("f", [1, 2, 3])).GetProperty("download").GetString()!;
        var issued = await _server.AddKeyAsync(new KeyWish("stolen"));
        var (stolen, own) = (await TokenAsync(link, issued.Secret), await TokenAsync(link, _server.Key));
        Assert.Equal([1, 2, 3], await _server.Http.GetByteArrayAsync(stolen));

        await RevokeAsync(issued.Row);
        using var refused = await _server.Http.GetAsync(stolen);
        Assert.Equal(HttpStatusCode.Gone, refused.StatusCode);
        Assert.Equal([1, 2, 3], await _server.Http.GetByteArrayAsync(own));
    }

    [Fact]
    public async Task An_upload_that_is_under_way_is_cut_and_leaves_nothing()
    {
        var issued = await _server.AddKeyAsync(new KeyWish("stolen"));
        var id = await _server.OpenUploadAsync(issued.Secret);
        var begun = new TaskCompletionSource();
        var request = new HttpRequestMessage(HttpMethod.Post, $"/upload.cgi?id={id}") { Content = new EndlessContent(begun) };
        var sending = _server.SendAsync(request, issued.Secret);
        await begun.Task;
        var watch = _server.Room<KeyWatch>();
        while (watch.Running == 0)
        {
            // Revoked before the server looked at the key, the upload would only be refused.
            await Task.Delay(20);
        }

        await RevokeAsync(issued.Row);
        while (!sending.IsCompleted)
        {
            // The server may not have begun with it yet; each turn looks again.
            await watch.CutAsync(CancellationToken.None);
            await Task.WhenAny(sending, Task.Delay(20));
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => sending);
        Assert.Empty(await _server.ListNamesAsync());
        Assert.True(!_server.Log.Troubles.Any(), string.Join("\n", _server.Log.Troubles));
    }

    [Fact]
    public async Task A_download_that_is_under_way_is_cut()
    {
        var content = new byte[64 << 20];
        var link = (await _server.UploadAsync("big", content)).GetProperty("download").GetString()!;
        var issued = await _server.AddKeyAsync(new KeyWish("stolen"));
        using var response = await _server.Http.GetAsync(await TokenAsync(link, issued.Secret), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1000]);

        await RevokeAsync(issued.Row);
        await _server.Room<KeyWatch>().CutAsync(CancellationToken.None);
        await Assert.ThrowsAnyAsync<IOException>(() => body.ReadExactlyAsync(new byte[content.Length - 1000]).AsTask());
    }

    [Fact]
    public async Task The_watch_looks_once_a_second_and_only_while_something_runs()
    {
        var clock = new FakeTimeProvider();
        using var watch = new KeyWatch(_server.Catalog, _server.Room<KeyTable>(), clock, NullLogger<KeyWatch>.Instance);
        var issued = await _server.AddKeyAsync(new KeyWish("k"));
        await watch.StartAsync(CancellationToken.None);
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        var lifetime = new Lifetime();
        http.Features.Set<Microsoft.AspNetCore.Http.Features.IHttpRequestLifetimeFeature>(lifetime);
        var name = new KeyName(issued.Row.AccountId, issued.Row.Id);
        var over = watch.Begin(name, http);
        over.Dispose();
        using var running = watch.Begin(name, http);
        await RevokeAsync(issued.Row);
        Assert.Equal(0, lifetime.Cuts);
        clock.Advance(TimeSpan.FromSeconds(1));
        await lifetime.Cut.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(1, lifetime.Cuts);
        await watch.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Clients_that_change_over_one_by_one_while_a_key_is_rotated_see_no_failure()
    {
        const int Clients = 8;
        var secret = (await _server.AddKeyAsync(new KeyWish("fleet"))).Secret;
        var keys = Enumerable.Repeat(secret, Clients).ToArray();
        using var end = new CancellationTokenSource();
        var calls = 0;
        var work = Enumerable.Range(0, Clients).Select(i => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                var answer = await _server.CallAsync("folder/ls.cgi", "{}", Volatile.Read(ref keys[i]));
                Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
                Interlocked.Increment(ref calls);
            }
        })).ToArray();
        for (var turn = 0; turn < 3; turn++)
        {
            var rotated = await _server.ApiAsync("POST", "keys/current/rotate", """{"grace_seconds":3600}""", secret);
            Assert.Equal(HttpStatusCode.Created, rotated.Status);
            var old = rotated.Json.GetProperty("key").GetProperty("replaces").GetInt64();
            secret = rotated.Json.GetProperty("secret").GetString()!;
            for (var i = 0; i < Clients; i++)
            {
                Volatile.Write(ref keys[i], secret);
                await MakeCallsAsync(Clients);
            }

            // Every client has made calls with the new key: the overlap may end.
            await MakeCallsAsync(10 * Clients);
            Assert.Equal(HttpStatusCode.OK, (await _server.ApiAsync("DELETE", $"keys/{old}", null, secret)).Status);
        }

        await end.CancelAsync();
        await Task.WhenAll(work);
        Assert.True(calls > 3 * 10 * Clients);

        async Task MakeCallsAsync(int more)
        {
            for (var goal = Volatile.Read(ref calls) + more; Volatile.Read(ref calls) < goal && !work.Any(task => task.IsFaulted);)
            {
                await Task.Delay(1);
            }
        }
    }

    /// <summary>
    /// Times of refusals for unknown, revoked and expired keys, one by one in a mixed order, compared by rank (Kruskal-Wallis). Alike ones
    /// fail one round in a hundred by chance and three in a row one time in a million; unlike ones fail them all, as the last lines show.
    /// </summary>
    [Fact]
    public async Task What_a_refusal_took_does_not_tell_unknown_revoked_and_expired_keys_apart()
    {
        await using var server = await TestServer.StartAsync(("Limits:KeyRate", "0"), ("Keys:FailuresByAddress", "1000000"));
        var (revoked, expired) = (await server.AddKeyAsync(new KeyWish("r")), await server.AddKeyAsync(new KeyWish("e") { ExpiresAt = TestServer.Start.AddHours(1) }));
        await server.Room<KeyDesk>().RevokeAsync(revoked.Row.AccountId, revoked.Row.Id, Actor.Operator, CancellationToken.None);
        server.Clock.Advance(TimeSpan.FromHours(2));

        var alike = false;
        for (var round = 0; round < 3 && !alike; round++)
        {
            alike = await SeparationAsync(server, 200, ApiKey.New, () => revoked.Secret, () => expired.Secret) > 0.01;
        }

        Assert.True(alike, "Refusals of unknown, revoked and expired keys take different times.");

        // As often as above: on a machine that is busy enough, one round may drown in its noise.
        var differs = false;
        for (var round = 0; round < 3 && !differs; round++)
        {
            differs = await SeparationAsync(server, 200, ApiKey.New, () => "not a key", () => server.Key) < 0.01;
        }

        Assert.True(differs, "The comparison would not see a difference.");
    }

    /// <summary>How likely times that lie so far apart are if all classes are alike (two degrees of freedom).</summary>
    private static async Task<double> SeparationAsync(TestServer server, int times, params Func<string>[] classes)
    {
        var order = Enumerable.Range(0, classes.Length * times).Select(i => i % classes.Length).ToArray();
        Random.Shared.Shuffle(order);
        var measured = new List<(int Class, long Ticks)>();
        foreach (var kind in order)
        {
            var key = classes[kind]();
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            await server.CallAsync("folder/ls.cgi", "{}", key);
            measured.Add((kind, System.Diagnostics.Stopwatch.GetTimestamp() - start));
        }

        var ranked = measured.OrderBy(item => item.Ticks).Select((item, i) => (item.Class, Rank: i + 1.0)).ToLookup(item => item.Class, item => item.Rank);
        double n = measured.Count;
        var h = (12 / (n * (n + 1)) * ranked.Sum(group => Math.Pow(group.Sum(), 2) / group.Count())) - (3 * (n + 1));
        return Math.Exp(-h / 2);
    }

    private async Task<Uri> TokenAsync(string link, string key) =>
        new((await _server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""", key)).Json.GetProperty("url").GetString()!);

    private async Task RevokeAsync(KeyRow key) =>
        Assert.False((await _server.Room<KeyDesk>().RevokeAsync(key.AccountId, key.Id, Actor.Operator, CancellationToken.None)).IsFault);

    /// <summary>A form whose file goes on for as long as somebody takes it, slowly.</summary>
    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _begun;

        public EndlessContent(TaskCompletionSource begun)
        {
            _begun = begun;
            Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("--b\r\nContent-Disposition: form-data; name=\"file[]\"; filename=\"f\"\r\n\r\n"u8.ToArray());
            while (true)
            {
                await stream.WriteAsync(new byte[1000]);
                await stream.FlushAsync();
                _begun.TrySetResult();
                await Task.Delay(1);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }

    private sealed class Lifetime : Microsoft.AspNetCore.Http.Features.IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public int Cuts { get; private set; }

        public TaskCompletionSource Cut { get; } = new();

        public void Abort()
        {
            Cuts++;
            Cut.TrySetResult();
        }
    }
}
