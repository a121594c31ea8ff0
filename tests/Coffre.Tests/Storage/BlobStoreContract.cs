using Coffre.Hashing;
using Coffre.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Coffre.Tests.Storage;

/// <summary>What every engine promises. An engine's test class derives from this one and opens an empty store.</summary>
public abstract class BlobStoreContract : IAsyncDisposable
{
    private static readonly int[] Boundaries = [4 << 10, 32 << 10, 64 << 10, 256 << 10, 512 << 10, 768 << 10, 1 << 20];

    protected abstract IBlobStore Store { get; }

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2031, 5, 6, 7, 8, 9, TimeSpan.Zero));

    public static TheoryData<int> Lengths =>
        [0, 1, 2, 1000, .. Boundaries.SelectMany(boundary => new[] { boundary - 1, boundary, boundary + 1 }), 3_000_001];

    public static TheoryData<long, long> Ranges => new()
    {
        { 0, 1_000_000 }, { 0, 1 }, { 0, 0 }, { 1, 5 }, { 499_999, 262_145 }, { 999_999, 1 }, { 1_000_000, 0 }, { 500_000, 0 },
    };

    public abstract ValueTask DisposeAsync();

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task A_blob_of_any_length_comes_back_as_it_went_in(int length)
    {
        var bytes = RandomBytes(length);

        var kept = await Store.KeepAsync(bytes, announced: length);

        Assert.Equal(length, kept.Length);
        Assert.Equal(Whirlpool.HashData(bytes), kept.Checksum.ToArray());
        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(4096)]
    [InlineData(65_537)]
    [InlineData(262_144)]
    [InlineData(600_000)]
    public async Task The_pieces_of_the_writes_do_not_show(int piece)
    {
        var bytes = RandomBytes(piece == 1 ? 10_000 : 1_500_000);

        var kept = await Store.KeepAsync(bytes, announced: null, piece);

        Assert.Equal(Whirlpool.HashData(bytes), kept.Checksum.ToArray());
        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    [InlineData(90_000_000)]
    public async Task A_wrong_announcement_changes_nothing(long announced)
    {
        var bytes = RandomBytes(700_000);

        var kept = await Store.KeepAsync(bytes, announced);

        Assert.Equal(bytes.Length, (await Store.FindAsync(kept.Id, default))?.Length);
        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task Forty_mebibytes_keep_their_checksum()
    {
        var bytes = RandomBytes(40 << 20);

        var kept = await Store.KeepAsync(bytes, announced: bytes.Length, piece: 100_000);

        Assert.Equal(Whirlpool.HashData(bytes), kept.Checksum.ToArray());
        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
        Assert.Equal(ScrubVerdict.Ok, await BlobScrub.VerifyAsync(Store, kept.Id, kept.Length, kept.Checksum, default));
    }

    [Fact]
    public async Task The_memory_of_a_write_may_be_reused_at_once()
    {
        var bytes = RandomBytes(2_000_000);
        var lent = new byte[1000];
        await using var writer = await Store.BeginAsync(null, default);
        for (var at = 0; at < bytes.Length; at += lent.Length)
        {
            bytes.AsSpan(at, lent.Length).CopyTo(lent);
            await writer.WriteAsync(lent, default);
            lent.AsSpan().Clear();
        }

        var kept = await writer.CommitAsync(default);

        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task The_writer_counts_what_it_took()
    {
        await using var writer = await Store.BeginAsync(null, default);
        Assert.Equal(0, writer.Length);
        await writer.WriteAsync(RandomBytes(300_000), default);
        Assert.Equal(300_000, writer.Length);
        await writer.WriteAsync(ReadOnlyMemory<byte>.Empty, default);
        Assert.Equal(300_000, writer.Length);
    }

    [Fact]
    public async Task A_blob_is_dated_by_its_commit()
    {
        await using var writer = await Store.BeginAsync(null, default);
        await writer.WriteAsync(RandomBytes(10), default);
        Clock.Advance(TimeSpan.FromHours(3));
        var kept = await writer.CommitAsync(default);
        var committed = Clock.GetUtcNow();
        Clock.Advance(TimeSpan.FromHours(3));

        Assert.Equal(new BlobInfo(kept.Id, 10, committed), await Store.FindAsync(kept.Id, default));
    }

    [Fact]
    public async Task Equal_bytes_are_two_blobs()
    {
        var bytes = RandomBytes(100);
        var first = await Store.KeepAsync(bytes);
        var second = await Store.KeepAsync(bytes);

        Assert.NotEqual(first.Id, second.Id);
        Assert.True(await Store.PurgeAsync(first.Id, default));
        AssertSame(bytes, await Store.ReadAllAsync(second.Id));
    }

    [Fact]
    public async Task What_is_not_committed_is_never_seen()
    {
        await using var writer = await Store.BeginAsync(1_000_000, default);
        await writer.WriteAsync(RandomBytes(1_000_000), default);

        Assert.Empty(await Store.ListAllAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(2_000_000)]
    public async Task Disposing_before_the_commit_leaves_no_trace(int length)
    {
        var writer = await Store.BeginAsync(length, default);
        await writer.WriteAsync(RandomBytes(length), default);
        await writer.DisposeAsync();
        await writer.DisposeAsync();

        Assert.Empty(await Store.ListAllAsync());
        Assert.Equal(0, await Store.PurgeStagingAsync(DateTimeOffset.MaxValue, default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteAsync(new byte[1], default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CommitAsync(default));
    }

    [Fact]
    public async Task Disposing_after_the_commit_changes_nothing()
    {
        var bytes = RandomBytes(5000);
        var writer = await Store.BeginAsync(null, default);
        await writer.WriteAsync(bytes, default);
        var kept = await writer.CommitAsync(default);
        await writer.DisposeAsync();
        await writer.DisposeAsync();

        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task A_second_commit_is_refused_and_the_blob_stays()
    {
        var bytes = RandomBytes(5000);
        await using var writer = await Store.BeginAsync(null, default);
        await writer.WriteAsync(bytes, default);
        var kept = await writer.CommitAsync(default);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CommitAsync(default));
        Assert.Equal(kept.Id, Assert.Single(await Store.ListAllAsync()).Id);
        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task A_write_after_the_commit_is_refused_and_the_blob_stays()
    {
        await using var writer = await Store.BeginAsync(null, default);
        var kept = await writer.CommitAsync(default);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteAsync(new byte[1], default));
        Assert.Empty(await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task A_cancelled_write_says_how_much_it_took_and_can_go_on()
    {
        var bytes = RandomBytes(900_000);
        await using var writer = await Store.BeginAsync(null, default);
        await writer.WriteAsync(bytes.AsMemory(0, 500_000), default);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writer.WriteAsync(bytes.AsMemory(500_000), new CancellationToken(canceled: true)));

        await writer.WriteAsync(bytes.AsMemory((int)writer.Length), default);
        var kept = await writer.CommitAsync(default);

        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task A_cancelled_commit_keeps_nothing()
    {
        await using (var writer = await Store.BeginAsync(null, default))
        {
            await writer.WriteAsync(RandomBytes(1000), default);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writer.CommitAsync(new CancellationToken(canceled: true)));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CommitAsync(default));
        }

        Assert.Empty(await Store.ListAllAsync());
        Assert.Equal(0, await Store.PurgeStagingAsync(DateTimeOffset.MaxValue, default));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        var kept = await Store.KeepAsync(RandomBytes(10));
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.BeginAsync(null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.FindAsync(kept.Id, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.OpenAsync(kept.Id, new ByteRange(0, 1), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PurgeAsync(kept.Id, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.ListAsync(null, cancelled).ToListAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.PurgeStagingAsync(DateTimeOffset.MaxValue, cancelled));
        Assert.Single(await Store.ListAllAsync());
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task A_range_gives_its_bytes_and_no_others(long start, long length)
    {
        var bytes = RandomBytes(1_000_000);
        var kept = await Store.KeepAsync(bytes);

        await using var stream = await Store.OpenAsync(kept.Id, new ByteRange(start, length), default);

        Assert.NotNull(stream);
        Assert.Equal(length, stream.Length);
        AssertSame(bytes.AsSpan((int)start, (int)length).ToArray(), await stream.ReadToEndAsync());
        Assert.Equal(length, stream.Position);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(11, 0)]
    [InlineData(0, long.MaxValue)]
    [InlineData(long.MaxValue, 0)]
    public async Task A_range_past_the_end_is_refused(long start, long length)
    {
        var kept = await Store.KeepAsync(RandomBytes(10));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.OpenAsync(kept.Id, new ByteRange(start, length), default));
    }

    [Fact]
    public async Task A_stream_seeks_inside_its_range_and_nowhere_else()
    {
        var bytes = RandomBytes(1000);
        var kept = await Store.KeepAsync(bytes);
        await using var stream = await Store.OpenAsync(kept.Id, new ByteRange(100, 200), default);
        Assert.NotNull(stream);
        Assert.True(stream is { CanSeek: true, CanRead: true, CanWrite: false });

        Assert.Equal(150, stream.Seek(-50, SeekOrigin.End));
        Assert.Equal(bytes[250], stream.ReadByte());
        Assert.Equal(141, stream.Seek(-10, SeekOrigin.Current));
        Assert.Equal(bytes[241], stream.ReadByte());
        stream.Position = 0;
        Assert.Equal(bytes[100], stream.ReadByte());
        stream.Position = 500;
        Assert.Equal(-1, stream.ReadByte());
        Assert.ThrowsAny<Exception>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.Write([1], 0, 1));
        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task An_unknown_id_is_null_and_no_error()
    {
        await Store.KeepAsync(RandomBytes(10));
        var unknown = BlobId.New(Clock);

        Assert.Null(await Store.FindAsync(unknown, default));
        Assert.Null(await Store.OpenAsync(unknown, new ByteRange(0, 0), default));
        Assert.False(await Store.PurgeAsync(unknown, default));
        Assert.Equal(ScrubVerdict.Missing, await BlobScrub.VerifyAsync(Store, unknown, 0, default, default));
    }

    [Fact]
    public async Task A_purged_blob_is_gone_and_the_others_stay()
    {
        var gone = await Store.KeepAsync(RandomBytes(10));
        var stays = await Store.KeepAsync(RandomBytes(20));

        Assert.True(await Store.PurgeAsync(gone.Id, default));

        Assert.False(await Store.PurgeAsync(gone.Id, default));
        Assert.Null(await Store.FindAsync(gone.Id, default));
        Assert.Null(await Store.OpenAsync(gone.Id, new ByteRange(0, 0), default));
        Assert.Equal(stays.Id, Assert.Single(await Store.ListAllAsync()).Id);
    }

    [Fact]
    public async Task A_purge_is_told_to_one_caller_only()
    {
        var kept = await Store.KeepAsync(RandomBytes(10));

        var purges = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () => await Store.PurgeAsync(kept.Id, default))));

        Assert.Single(purges, purged => purged);
    }

    [Fact]
    public async Task A_purge_does_not_disturb_an_open_stream()
    {
        var bytes = RandomBytes(1_000_000);
        var kept = await Store.KeepAsync(bytes);
        await using var stream = await Store.OpenAsync(kept.Id, new ByteRange(0, bytes.Length), default);
        Assert.NotNull(stream);
        await stream.ReadExactlyAsync(new byte[1000]);

        Assert.True(await Store.PurgeAsync(kept.Id, default));

        AssertSame(bytes[1000..], await stream.ReadToEndAsync());
    }

    [Fact]
    public async Task A_listing_goes_by_id_from_a_cursor()
    {
        // Begun in the order of time and committed backwards: the order is that of the ids.
        var writers = new List<IBlobWriter>();
        for (var i = 0; i < 20; i++)
        {
            writers.Add(await Store.BeginAsync(null, default));
            Clock.Advance(TimeSpan.FromMilliseconds(2));
        }

        writers.Reverse();
        var kept = new List<KeptBlob>();
        foreach (var writer in writers)
        {
            await writer.WriteAsync(RandomBytes(kept.Count), default);
            kept.Add(await writer.CommitAsync(default));
            await writer.DisposeAsync();
        }

        kept.Reverse();
        Assert.Equal(kept.Select(blob => (blob.Id, blob.Length)), (await Store.ListAllAsync()).Select(blob => (blob.Id, blob.Length)));
        for (var i = 0; i < kept.Count; i++)
        {
            Assert.Equal(kept.Skip(i + 1).Select(blob => blob.Id), (await Store.ListAllAsync(kept[i].Id)).Select(blob => blob.Id));
        }

        Assert.True(await Store.PurgeAsync(kept[7].Id, default));
        Assert.Equal(kept.Skip(8).Select(blob => blob.Id), (await Store.ListAllAsync(kept[7].Id)).Select(blob => blob.Id));
    }

    [Fact]
    public async Task Many_write_read_list_and_purge_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 32).Select(number => Task.Run(async () =>
        {
            for (var round = 0; round < 4; round++)
            {
                var bytes = RandomBytes((number * 31_337 * (round + 1)) % 900_000, seed: (number * 100) + round);
                var kept = await Store.KeepAsync(bytes, announced: number % 2 == 0 ? bytes.Length : null, piece: 40_000);
                AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
                Assert.Contains(await Store.ListAllAsync(), blob => blob.Id == kept.Id && blob.Length == bytes.Length);
                if (round % 2 == 1)
                {
                    Assert.True(await Store.PurgeAsync(kept.Id, default));
                }
            }
        })));

        Assert.Equal(64, (await Store.ListAllAsync()).Count);
    }

    [Fact]
    public async Task Many_read_one_blob_at_once()
    {
        var bytes = RandomBytes(2_000_000);
        var kept = await Store.KeepAsync(bytes);

        await Task.WhenAll(Enumerable.Range(0, 24).Select(number => Task.Run(async () =>
        {
            var start = number * 50_000;
            await using var stream = await Store.OpenAsync(kept.Id, new ByteRange(start, bytes.Length - start), default);
            AssertSame(bytes[start..], await stream!.ReadToEndAsync());
        })));
    }

    [Fact]
    public async Task Purging_staging_leaves_the_living_writers_alone()
    {
        var bytes = RandomBytes(600_000);
        await using var writer = await Store.BeginAsync(null, default);
        await writer.WriteAsync(bytes, default);

        Assert.Equal(0, await Store.PurgeStagingAsync(DateTimeOffset.MaxValue, default));

        var kept = await writer.CommitAsync(default);
        AssertSame(bytes, await Store.ReadAllAsync(kept.Id));
    }

    [Fact]
    public async Task A_scrub_tells_another_length_and_another_checksum()
    {
        var kept = await Store.KeepAsync(RandomBytes(300_000));
        var other = kept.Checksum.ToArray();
        other[^1] ^= 1;

        Assert.Equal(ScrubVerdict.Ok, await BlobScrub.VerifyAsync(Store, kept.Id, kept.Length, kept.Checksum, default));
        Assert.Equal(ScrubVerdict.Corrupt, await BlobScrub.VerifyAsync(Store, kept.Id, kept.Length + 1, kept.Checksum, default));
        Assert.Equal(ScrubVerdict.Corrupt, await BlobScrub.VerifyAsync(Store, kept.Id, kept.Length, other, default));
    }

    protected static byte[] RandomBytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    // By the run and not by the element: the blobs are large.
    private static void AssertSame(byte[] expected, byte[] actual) =>
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"{expected.Length} bytes went in, {actual.Length} came out, and they differ.");
}
