using System.Net;
using Coffre.Client;
using Coffre.Client.Downloads;
using Coffre.Client.Testing;
using Coffre.Hashing;
using Coffre.Protocol.V1;
using CsCheck;

namespace Coffre.Tests.Client;

/// <summary>A file that comes by several ranges side by side, is cut, goes on, changes, or meets a service that bears none of that.</summary>
public sealed class RangeTests : IDisposable
{
    private const string Link = "https://files.example.org/?abcdefghij0123456789";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coffre-ranges-");
    private readonly byte[] _content = new byte[1_000_000];
    private readonly RemoteFile _file;

    public RangeTests()
    {
        new Random(1).NextBytes(_content);
        _file = new RemoteFile { Link = Link, Name = "a.bin", Size = _content.Length, Checksum = Convert.ToHexStringLower(Whirlpool.HashData(_content)) };
    }

    private string Target => Path.Combine(_folder.FullName, "a.bin");

    private string PartPath => PartFile.PathFor(Target, _file);

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A service that gives addresses, and to each request for bytes what the test says.</summary>
    private static FakeService Service(Func<FakeRequest, HttpResponseMessage> serve)
    {
        var tokens = 0;
        return new FakeService()
            .On(V1Paths.DownloadToken, _ => FakeService.Json($$"""{"status":"OK","url":"https://files.example.org/d?t={{Interlocked.Increment(ref tokens)}}"}"""))
            .On("/d", serve);
    }

    private HttpResponseMessage Serve(FakeRequest asked, int cutAfter = int.MaxValue, string tag = "\"v1\"") => Bytes.Serve(_content, asked, cutAfter, tag);

    private Task<DownloadResult> GetAsync(FakeService service, int? ranges, RemoteFile? file = null) =>
        service.Client().DownloadAsync(file ?? _file, Target, new DownloadOptions { Ranges = ranges });

    private void AssertWhole(DownloadResult result)
    {
        Assert.Equal(_content, File.ReadAllBytes(Target));
        Assert.Equal(_file.Checksum, result.Checksum);
        Assert.Empty(_folder.EnumerateFiles("*.part"));
    }

    [Fact]
    public async Task Ranges_come_side_by_side_from_one_address_and_each_byte_once()
    {
        using var together = new CountdownEvent(3);
        var service = Service(asked =>
        {
            // Nobody gets an answer before three have asked.
            if (!together.IsSet)
            {
                together.Signal();
                Assert.True(together.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
            }

            return Serve(asked);
        });

        var result = await GetAsync(service, ranges: 3);

        AssertWhole(result);
        Assert.Equal((3, _content.Length), (result.Ranges, result.Received));
        Assert.Single(service.All(V1Paths.DownloadToken));
        Assert.Equal(_content.Length, service.All("/d").Sum(asked => asked.Request.Headers.Range!.Ranges.Single() is var range ? range.To - range.From + 1 : 0));
    }

    [Fact]
    public async Task A_small_file_comes_by_one_range_of_itself_and_a_large_one_by_several()
    {
        var service = Service(asked => Serve(asked));
        Assert.Equal(1, (await GetAsync(service, ranges: null)).Ranges);

        var large = new byte[RangeTeam.LeastSize];
        new Random(2).NextBytes(large);
        var big = new RemoteFile { Link = Link, Name = "b", Size = large.Length, Checksum = Convert.ToHexStringLower(Whirlpool.HashData(large)) };
        var result = await GetAsync(Service(asked => Bytes.Serve(large, asked)), ranges: null, big);

        Assert.Equal(4, result.Ranges);
        Assert.Equal(large, await File.ReadAllBytesAsync(Target, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_service_with_the_limits_of_1fichier_gives_one_range()
    {
        var service = new FakeService()
            .On(V1Paths.DownloadToken, _ =>
            {
                var answer = FakeService.Json("""{"status":"OK","url":"https://files.example.org/d?t=1"}""");
                answer.Headers.TryAddWithoutValidation("RateLimit-Policy", "\"calls\";q=3;w=1");
                return answer;
            })
            .On("/d", asked => Serve(asked));

        Assert.Equal(1, (await GetAsync(service, ranges: 8)).Ranges);
        Assert.Single(service.All("/d"));
    }

    [Fact]
    public async Task On_1fichier_all_downloads_together_keep_to_30_connections()
    {
        var (now, most) = (0, 0);
        var gate = new Lock();
        using var full = new ManualResetEventSlim();
        var service = new FakeService()
            .On(V1Paths.DownloadToken, """{"status":"OK","url":"https://a-1.1fichier.com/d"}""")
            .On("/d", asked =>
            {
                lock (gate)
                {
                    most = Math.Max(most, ++now);
                    if (now == 30)
                    {
                        full.Set();
                    }
                }

                var answer = Serve(asked);
                answer.Content = new StreamContent(new EndingStream(answer.Content.ReadAsStream(), full, () =>
                {
                    lock (gate)
                    {
                        now--;
                    }
                }))
                {
                    Headers = { ContentLength = answer.Content.Headers.ContentLength, ContentRange = answer.Content.Headers.ContentRange },
                };
                return answer;
            });
        using var client = service.Client("https://api.1fichier.com", options => options with { StateFolder = Path.Combine(_folder.FullName, "state") });
        ThreadPool.GetMinThreads(out var threads, out var ports);
        ThreadPool.SetMinThreads(Math.Max(threads, 64), ports);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => client.DownloadAsync(
            _file, Path.Combine(_folder.FullName, $"f{i}"), new DownloadOptions { Ranges = 16 }, TestContext.Current.CancellationToken)));

        Assert.Equal(30, most);
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(_content, File.ReadAllBytes(Path.Combine(_folder.FullName, $"f{i}"))));
    }

    [Fact]
    public async Task A_range_that_the_service_refuses_leaves_its_piece_to_the_others()
    {
        using var refused = new ManualResetEventSlim();
        var asks = 0;
        var service = Service(asked =>
        {
            // One connection is all that it bears; the first lasts until the second was refused.
            if (Interlocked.Increment(ref asks) == 2)
            {
                return FakeService.Html("<title>too many connections</title>", HttpStatusCode.ServiceUnavailable);
            }

            Assert.True(refused.Wait(TimeSpan.FromSeconds(30)));
            return Serve(asked);
        });
        using var client = service.Client(change: options => options with { Retries = 0, OnNotice = _ => refused.Set() });

        AssertWhole(await client.DownloadAsync(_file, Target, new DownloadOptions { Ranges = 2 }, TestContext.Current.CancellationToken));

        Assert.Equal(3, asks);
    }

    [Fact]
    public async Task A_service_that_does_no_ranges_is_read_once_from_the_start()
    {
        var service = Service(asked =>
        {
            asked.Request.Headers.Range = null;
            return Serve(asked);
        });

        AssertWhole(await GetAsync(service, ranges: 4));
    }

    [Fact]
    public async Task A_file_that_changes_between_two_ranges_is_noticed_and_nothing_of_it_is_kept()
    {
        var asks = 0;
        var service = Service(asked => Serve(asked, tag: Interlocked.Increment(ref asks) > 1 ? "\"v2\"" : "\"v1\""));

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => GetAsync(service, ranges: 2));

        Assert.Equal(CoffreError.RemoteChanged, trouble.Error);
        Assert.False(File.Exists(Target));
        Assert.Equal(0, new FileInfo(PartPath).Length);
    }

    [Fact]
    public async Task A_file_that_changed_since_the_run_before_is_noticed_by_its_tag()
    {
        await InterruptAsync();
        Assert.True(new FileInfo(PartPath).Length > _content.Length);

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => GetAsync(Service(asked => Serve(asked, tag: "\"v2\"")), ranges: 4));

        Assert.Equal(CoffreError.RemoteChanged, trouble.Error);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    public async Task Another_run_fetches_only_what_is_missing_between_the_pieces(int ranges)
    {
        await InterruptAsync();

        var result = await GetAsync(Service(asked => Serve(asked)), ranges);

        AssertWhole(result);
        Assert.Equal((750_000, 250_000), (result.ResumedFrom, result.Received));
    }

    [Fact]
    public async Task A_part_that_came_in_order_goes_on_by_several_ranges()
    {
        await File.WriteAllBytesAsync(PartPath, _content[..250_000], TestContext.Current.CancellationToken);
        var service = Service(asked => Serve(asked));

        var result = await GetAsync(service, ranges: 3);

        AssertWhole(result);
        Assert.Equal((250_000, 750_000), (result.ResumedFrom, result.Received));
    }

    [Fact]
    public async Task A_part_whose_map_is_torn_comes_again_from_the_start()
    {
        await InterruptAsync();
        var bytes = await File.ReadAllBytesAsync(PartPath, TestContext.Current.CancellationToken);
        bytes[_content.Length + 100] ^= 1;
        bytes[_content.Length + 5000] ^= 1;
        await File.WriteAllBytesAsync(PartPath, bytes, TestContext.Current.CancellationToken);

        var result = await GetAsync(Service(asked => Serve(asked)), ranges: 4);

        AssertWhole(result);
        Assert.Equal((0, _content.Length), (result.ResumedFrom, result.Received));
    }

    [Fact]
    public void A_map_that_is_torn_while_it_is_written_leaves_the_one_before()
    {
        using var file = File.OpenHandle(PartPath, FileMode.Create, FileAccess.ReadWrite);
        var came = new ByteExtents();
        var map = new PartMap(file, 1000);
        came.Add(0, 100);
        map.Write(came, "\"v1\"");
        came.Add(300, 400);
        map.Write(came, "\"v1\"");
        RandomAccess.Write(file, new byte[100], 1000 + 200);

        var found = new ByteExtents();
        Assert.True(new PartMap(file, 1000).TryRead(found, out var tag));

        Assert.Equal([new Extent(0, 100)], found.Pieces);
        Assert.Equal("\"v1\"", tag);
    }

    [Fact]
    public void More_pieces_than_a_map_holds_lose_the_smallest()
    {
        using var file = File.OpenHandle(PartPath, FileMode.Create, FileAccess.ReadWrite);
        var came = new ByteExtents();
        for (var i = 0; i < 1000; i++)
        {
            came.Add(i * 1000, (i * 1000) + 1 + (i % 500));
        }

        new PartMap(file, 1_000_000).Write(came, null);

        var found = new ByteExtents();
        Assert.True(new PartMap(file, 1_000_000).TryRead(found, out _));
        Assert.InRange(found.Pieces.Count, 100, 300);
        Assert.All(found.Pieces, piece => Assert.Contains(piece, came.Pieces));
        Assert.DoesNotContain(found.Pieces, piece => piece.Length < 200);
    }

    [Fact]
    public void Extents_are_what_a_table_of_single_bytes_would_be() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 20]).List[0, 30].Sample(added =>
        {
            var (extents, table) = (new ByteExtents(), new bool[100]);
            foreach (var (start, length) in added)
            {
                extents.Add(start, start + length);
                table.AsSpan(start, length).Fill(true);
            }

            var missing = extents.Holes(100).SelectMany(hole => Enumerable.Range((int)hole.Start, (int)hole.Length)).ToHashSet();
            return table.Count(there => there) == extents.Total
                && Enumerable.Range(0, 100).All(i => missing.Contains(i) == !table[i])
                && Enumerable.Range(0, 100).All(i => extents.EndOf(i) == i + table.Skip(i).TakeWhile(there => there).Count());
        });

    [Fact]
    public async Task Bytes_of_a_part_that_are_wrong_are_found_by_the_checksum_and_fetched_again()
    {
        await InterruptAsync();
        await using (var part = new FileStream(PartPath, FileMode.Open))
        {
            part.Write(new byte[1000]);
        }

        AssertWhole(await GetAsync(Service(asked => Serve(asked)), ranges: 4));
    }

    [Fact]
    public async Task The_room_of_a_file_is_taken_before_its_first_byte()
    {
        var huge = _file with { Size = long.MaxValue / 4, Checksum = null };

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => GetAsync(Service(asked => Serve(asked)), ranges: null, huge));

        Assert.Equal(CoffreError.LocalFile, trouble.Error);
    }

    /// <summary>Whatever breaks, wherever, however often, by however many ranges: the same bytes.</summary>
    [Fact]
    public void Random_cuts_stops_and_refusals_never_change_a_byte() =>
        Gen.Select(Gen.Int, Gen.Int[1, 8], Gen.Int[0, 3]).Sample(
            (seed, ranges, stops) => BreakAsync(new Random(seed), ranges, stops).GetAwaiter().GetResult(), iter: 60, threads: 1);

    private async Task BreakAsync(Random random, int ranges, int stops)
    {
        var gate = new Lock();
        HttpResponseMessage Answer(FakeRequest asked)
        {
            lock (gate)
            {
                return random.Next(10) switch
                {
                    0 => FakeService.Html("<title>expired</title>", (HttpStatusCode)random.GetItems([403, 404, 410, 500, 503], 1)[0]),
                    1 => throw new HttpRequestException("reset"),
                    < 6 => Serve(asked, cutAfter: random.Next(1, 200_000)),
                    _ => Serve(asked),
                };
            }
        }

        long received = 0;
        for (var i = 0; i < stops; i++)
        {
            await StopAsync(Service(Answer), random.Next(0, _content.Length), random.Next(1, 8));
        }

        using var client = Service(Answer).Client(change: options => options with { Retries = 20 });
        var result = await client.DownloadAsync(_file, Target, new DownloadOptions { Ranges = ranges }, TestContext.Current.CancellationToken);
        received += result.Received;

        AssertWhole(result);
        Assert.Equal(_content.Length, result.ResumedFrom + received);
        File.Delete(Target);
    }

    /// <summary>A run by four ranges of which the second stands still; it is stopped when the others are done.</summary>
    private Task InterruptAsync() => StopAsync(
        Service(asked => Bytes.Serve(_content, asked, hangAfter: asked.Request.Headers.Range!.Ranges.Single().From == 250_000 ? 10_000 : int.MaxValue)),
        at: 750_000,
        ranges: 4);

    /// <summary>A run that is stopped when so many bytes are there.</summary>
    private async Task StopAsync(FakeService service, long at, int ranges)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var client = service.Client(change: options => options with { Retries = 20 });
        try
        {
            await client.DownloadAsync(_file, Target, new DownloadOptions { Ranges = ranges, Progress = new StopAt(stop, at) }, stop.Token);
            File.Delete(Target);
        }
        catch (OperationCanceledException)
        {
            // As it should be, unless all was there by then.
        }
    }

    private sealed class StopAt(CancellationTokenSource stop, long position) : IProgress<long>
    {
        public void Report(long value)
        {
            if (value >= position)
            {
                stop.Cancel();
            }
        }
    }

    /// <summary>Holds its end back until the gate opens, and tells when it was read.</summary>
    private sealed class EndingStream(Stream inner, ManualResetEventSlim gate, Action ended) : MemoryStream
    {
        private int _hasEnded;

        public override int Read(byte[] buffer, int offset, int count)
        {
            gate.Wait(TimeSpan.FromSeconds(30));
            return inner.Read(buffer, offset, count);
        }

        public override int Read(Span<byte> buffer)
        {
            gate.Wait(TimeSpan.FromSeconds(30));
            return inner.Read(buffer);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            {
                ended();
            }

            base.Dispose(disposing);
        }
    }
}
