using Coffre.Storage;
using Coffre.Storage.Local;
using Coffre.Storage.Local.Segments;

namespace Coffre.Tests.Storage;

/// <summary>Segments that are read are kept open, a few of them, and none that is gone.</summary>
public sealed class SegmentFilesTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly SegmentShelf _shelf;
    private readonly SegmentFiles _files;

    public SegmentFilesTests()
    {
        var options = new DiskBlobStoreOptions { Root = _folder.Path };
        var paths = new BlobPaths(_folder.Path);
        Directory.CreateDirectory(paths.Segments);
        _shelf = new SegmentShelf(paths, options);
        _files = new SegmentFiles(_shelf, options.Calls, capacity: 2);
        _shelf.Removed = _files.Forget;
    }

    public void Dispose()
    {
        _files.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Those_who_read_at_once_share_a_file_that_outlives_each_of_them()
    {
        var segment = Make();
        var first = _files.Open(segment.Number)!;
        var second = _files.Open(segment.Number)!;
        Assert.Same(first, second);
        first.Release();
        second.Release();
        Assert.False(first.Handle.IsClosed);
        Assert.Same(first, _files.Open(segment.Number));
    }

    [Fact]
    public void The_one_that_was_not_read_for_longest_is_closed_once_its_readers_are_done()
    {
        var segments = new[] { Make(), Make(), Make() };
        var first = _files.Open(segments[0].Number)!;
        _files.Open(segments[1].Number)!.Release();
        _files.Open(segments[2].Number)!.Release();
        Assert.Equal(2, _files.Count);
        Assert.False(first.Handle.IsClosed);
        first.Release();
        Assert.True(first.Handle.IsClosed);
    }

    [Fact]
    public void A_segment_that_was_removed_is_let_go_and_read_to_the_end_by_who_has_it()
    {
        var segment = Make();
        var reader = _files.Open(segment.Number)!;
        _shelf.Remove(segment);
        Assert.Equal(0, _files.Count);
        Assert.Null(_files.Open(segment.Number));
        var bytes = new byte[3];
        Assert.Equal(3, RandomAccess.Read(reader.Handle, bytes, 0));
        reader.Release();
        Assert.True(reader.Handle.IsClosed);
    }

    [Fact]
    public void What_is_not_on_the_shelf_is_opened_for_its_caller_alone()
    {
        var segment = Make();
        _shelf.Remove(segment);
        File.WriteAllBytes(_shelf.PathOf(segment.Number), [1]);
        var file = _files.Open(segment.Number)!;
        Assert.Equal(0, _files.Count);
        file.Release();
        Assert.True(file.Handle.IsClosed);
    }

    [Fact]
    public async Task Small_blobs_that_are_purged_are_gone_though_their_segment_is_open()
    {
        using var steps = new SegmentSteps();
        var store = steps.Open();
        var kept = await steps.KeepManyAsync(store, 7);
        await SegmentSteps.AssertHoldsAsync(store, kept);
        await store.PurgeAsync(kept[0].Id, default);
        Assert.Null(await store.OpenAsync(kept[0].Id, new ByteRange(0, 1), default));
        await SegmentSteps.AssertHoldsAsync(store, kept[1..]);
    }

    private Segment Make()
    {
        var segment = _shelf.NewSegment();
        File.WriteAllBytes(_shelf.PathOf(segment.Number), [1, 2, 3]);
        _shelf.Add(segment);
        return segment;
    }
}
