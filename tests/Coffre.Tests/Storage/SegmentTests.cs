using System.Buffers.Binary;
using System.Runtime.Versioning;
using Coffre.Hashing;
using Coffre.Storage;
using Coffre.Storage.Local;
using Coffre.Storage.Local.Segments;

namespace Coffre.Tests.Storage;

/// <summary>What lies in a segment, what a start makes of it, and what it makes of one that is damaged.</summary>
public sealed class SegmentTests : IDisposable
{
    private readonly SegmentSteps _steps = new();

    private TestFolder Folder => _steps.Folder;

    public void Dispose() => _steps.Dispose();

    [Fact]
    public async Task A_record_has_the_form_that_the_documentation_gives()
    {
        var bytes = new byte[] { 1, 2, 3, 4, 5 };
        var kept = await _steps.Open().KeepAsync(bytes);
        var segment = await File.ReadAllBytesAsync(Path.Combine(Folder.Segments, "00000001.segment"));
        var head = segment.AsSpan(0, 64);
        var record = segment.AsSpan(64, 144);

        Assert.Equal("COFFRSG1"u8, head[..8]);
        Assert.Equal(1, BinaryPrimitives.ReadInt64LittleEndian(head[8..]));
        var marker = head.Slice(16, 16);
        Assert.Equal(SlowCrc(head[..60]), BinaryPrimitives.ReadUInt32LittleEndian(head[60..]));
        Assert.Equal(marker, record[..16]);
        Assert.Equal(kept.Id, BlobId.FromBytes(record.Slice(16, 16)));
        Assert.Equal(5, BinaryPrimitives.ReadInt32LittleEndian(record[40..]));
        Assert.Equal(Whirlpool.HashData(bytes), record.Slice(48, 64));
        Assert.Equal(SlowCrc(record[..116]), BinaryPrimitives.ReadUInt32LittleEndian(record[116..]));
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(record[120..]));
        Assert.Equal(bytes, record.Slice(128, 5));
        Assert.False(segment.AsSpan(64 + 133).ContainsAnyExcept((byte)0));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_owner_may_read_a_segment()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await _steps.KeepManyAsync(_steps.Open(), 10);

        foreach (var file in Directory.GetFiles(Folder.Segments))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Small_blobs_lie_together_and_make_no_files()
    {
        var kept = await _steps.KeepManyAsync(_steps.Open(), 20);

        Assert.Empty(Folder.BlobFiles());
        Assert.Empty(Folder.StagedFiles());
        Assert.Equal(3, Folder.SegmentFiles().Length);
        await SegmentSteps.AssertHoldsAsync(_steps.Open(isExclusive: false), kept);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(30)]
    public async Task A_start_finds_all_blobs_and_goes_on_in_the_last_segment(int count)
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, count);
        var dates = await store.ListAllAsync();
        store.Dispose();

        for (var start = 0; start < 3; start++)
        {
            store = _steps.Open();
            Assert.Equal(dates, (await store.ListAllAsync())[..count]);
            kept.AddRange(await _steps.KeepManyAsync(store, 1));
            await SegmentSteps.AssertHoldsAsync(store, kept);
            store.Dispose();
        }

        Assert.Equal((count + 3 + 6) / 7, Folder.SegmentFiles().Length);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public async Task What_was_purged_stays_purged_after_a_start(int count)
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, count);
        foreach (var gone in kept.Where((_, number) => number % 7 == 0))
        {
            Assert.True(await store.PurgeAsync(gone.Id, default));
        }

        store.Dispose();

        var rest = kept.Where((_, number) => number % 7 != 0).ToList();
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), rest);
        Directory.GetFiles(Folder.Segments, "*.index").ToList().ForEach(File.Delete);
        await SegmentSteps.AssertHoldsAsync(_steps.Open(isExclusive: false), rest);
    }

    [Fact]
    public async Task A_folder_of_the_earlier_form_opens_unchanged()
    {
        var bytes = new byte[] { 1, 2, 3 };
        KeptBlob old;
        using (var earlier = DiskBlobStore.Open(new DiskBlobStoreOptions { Root = Folder.Path, SmallBlobLimit = 0 }, TimeProvider.System))
        {
            old = await earlier.KeepAsync(bytes);
        }

        Directory.Delete(Folder.Segments);
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 1);

        await SegmentSteps.AssertHoldsAsync(store, [.. kept, new SegmentSteps.Kept(old, bytes)]);
        Assert.True(await store.PurgeAsync(old.Id, default));
        Assert.Empty(Folder.BlobFiles());
        await SegmentSteps.AssertHoldsAsync(store, kept);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(1000)]
    [InlineData(1100)]
    public async Task A_torn_tail_is_passed_over_and_left_as_it_is(int missing)
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 3);
        store.Dispose();
        var file = Folder.SegmentFiles()[0];
        var end = 64 + (3 * (int)SegmentFormat.SizeOf(SegmentSteps.BlobLength));
        var torn = (await File.ReadAllBytesAsync(file))[..(end - missing - 8)];
        await File.WriteAllBytesAsync(file, torn);

        store = _steps.Open();
        kept = [.. kept[..2], .. await _steps.KeepManyAsync(store, 9)];

        await SegmentSteps.AssertHoldsAsync(store, kept);
        store.Dispose();
        Assert.Equal(torn, await File.ReadAllBytesAsync(file));
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), kept);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(45)]
    [InlineData(118)]
    [InlineData(500)]
    public async Task A_turned_bit_costs_one_blob_of_a_segment_that_is_read_without_its_index(int at)
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 5);
        store.Dispose();
        Turn(Folder.SegmentFiles()[0], 64 + SegmentFormat.SizeOf(SegmentSteps.BlobLength) + at);

        kept.RemoveAt(1);
        await SegmentSteps.AssertHoldsAsync(_steps.Open(), kept);
    }

    [Fact]
    public async Task A_segment_inside_a_blob_is_never_taken_for_records()
    {
        var store = _steps.Open();
        await _steps.KeepManyAsync(store, 3);
        var segment = (await File.ReadAllBytesAsync(Folder.SegmentFiles()[0]))[..3600];
        using var other = new SegmentSteps();
        var otherStore = other.Open();
        var evil = await otherStore.KeepAsync(segment);
        var kept = await other.KeepManyAsync(otherStore, 1);
        otherStore.Dispose();

        // The head of the record that holds it is damaged, so its bytes are searched for the next record.
        Turn(other.Folder.SegmentFiles()[0], 64 + 20);

        var reopened = other.Open();
        Assert.Null(await reopened.FindAsync(evil.Id, default));
        await SegmentSteps.AssertHoldsAsync(reopened, kept);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public async Task A_turned_bit_in_a_sealed_segment_is_what_scrub_finds_or_no_matter(int at)
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 10);
        store.Dispose();
        Turn(Folder.SegmentFiles()[0], 64 + at);

        store = _steps.Open();
        Assert.Equal(10, (await store.ListAllAsync()).Count);
        var verdicts = new List<ScrubVerdict>();
        foreach (var one in kept)
        {
            verdicts.Add(await BlobScrub.VerifyAsync(store, one.Id, one.Blob.Length, one.Blob.Checksum, default));
        }

        Assert.Equal(at == 0 ? [] : [0], verdicts.Index().Where(one => one.Item == ScrubVerdict.Corrupt).Select(one => one.Index));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(20)]
    [InlineData(33)]
    [InlineData(60)]
    public async Task An_index_that_is_missing_or_damaged_is_made_again(int at)
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 10);
        store.Dispose();
        var index = Path.Combine(Folder.Segments, "00000001.index");
        var whole = await File.ReadAllBytesAsync(index);
        if (at < 0)
        {
            File.Delete(index);
        }
        else
        {
            Turn(index, at);
        }

        await SegmentSteps.AssertHoldsAsync(_steps.Open(), kept);
        Assert.Equal(whole, await File.ReadAllBytesAsync(index));
    }

    [Fact]
    public async Task An_index_without_its_segment_is_removed_and_its_number_not_used_again()
    {
        var store = _steps.Open();
        await _steps.KeepManyAsync(store, 8);
        store.Dispose();
        var (index, stray) = (Path.Combine(Folder.Segments, "00000001.index"), Path.Combine(Folder.Segments, "00000003.index"));
        File.Move(index, stray);
        Folder.SegmentFiles().ToList().ForEach(File.Delete);

        var kept = await _steps.KeepManyAsync(_steps.Open(), 1);

        Assert.False(File.Exists(stray));
        Assert.EndsWith("00000004.segment", Assert.Single(Folder.SegmentFiles()), StringComparison.Ordinal);
        await SegmentSteps.AssertHoldsAsync(_steps.Open(isExclusive: false), kept);
    }

    [Fact]
    public async Task A_segment_that_is_gone_is_a_corrupt_blob()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 1);
        File.Delete(Folder.SegmentFiles()[0]);

        Assert.Equal(ScrubVerdict.Corrupt, await BlobScrub.VerifyAsync(store, kept[0].Id, kept[0].Blob.Length, kept[0].Blob.Checksum, default));
    }

    [Fact]
    public async Task Who_works_beside_the_server_leaves_alone_what_it_writes()
    {
        var store = _steps.Open();
        var kept = await _steps.KeepManyAsync(store, 10);
        File.Create(Path.Combine(Folder.Segments, "000000ff.segment")).Dispose();
        var before = Directory.GetFiles(Folder.Segments).ToDictionary(path => path, File.ReadAllBytes);

        var beside = _steps.Open(isExclusive: false);
        var own = await _steps.KeepManyAsync(beside, 1);

        await SegmentSteps.AssertHoldsAsync(beside, [.. kept, .. own]);
        Assert.Single(Folder.BlobFiles());
        Assert.Equal(before, Directory.GetFiles(Folder.Segments).ToDictionary(path => path, File.ReadAllBytes));
    }

    private static void Turn(string path, long at)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var one = new byte[1];
        RandomAccess.Read(file, one, at);
        one[0] ^= 4;
        RandomAccess.Write(file, one, at);
    }

    /// <summary>CRC-32C bit by bit, as its definition has it.</summary>
    private static uint SlowCrc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
            }
        }

        return ~crc;
    }
}
