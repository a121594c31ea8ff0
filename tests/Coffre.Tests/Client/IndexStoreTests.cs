using Coffre.Client;
using Coffre.Client.Index;
using Coffre.Tests.Storage;

namespace Coffre.Tests.Client;

/// <summary>The file of the index, below what commands ask of it.</summary>
public sealed class IndexStoreTests : IDisposable
{
    private const int Folders = 12;

    private readonly TestFolder _folder = new();
    private readonly IndexStore _store;

    public IndexStoreTests()
    {
        _store = IndexStore.Open(Path.Combine(_folder.Path, "index.db"));
        for (var folder = 1; folder <= Folders; folder++)
        {
            Keep(folder, folder * folder);
        }
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void Ranges_hold_every_folder_once_and_about_equally_many_files(int most)
    {
        var ranges = _store.Read(session => IndexQueries.Parts(session, 1, most));
        Assert.InRange(ranges.Count, Math.Min(most, 8), most);
        Assert.Equal((long.MinValue, long.MaxValue), (ranges[0].First, ranges[^1].Last));
        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.Equal(pair.First.Last + 1, pair.Second.First));

        // No range is longer than its share by more than the folder that did not fit.
        var sizes = ranges.Select(range => Enumerable.Range(1, Folders).Where(id => id >= range.First && id <= range.Last).Sum(id => id * id)).ToArray();
        Assert.Equal(650, sizes.Sum());
        Assert.InRange(sizes.Max(), 650 / ranges.Count, (650 / ranges.Count) + (Folders * Folders));
    }

    [Fact]
    public void Few_files_are_looked_through_by_one() =>
        Assert.Equal([FolderRange.All], _store.Read(session => IndexQueries.Parts(session, 651, 4)));

    [Fact]
    public void An_empty_index_has_one_range()
    {
        using var empty = IndexStore.Open(null);
        Assert.Equal([FolderRange.All], empty.Read(session => IndexQueries.Parts(session, 1, 4)));
    }

    [Theory]
    [InlineData("5.b")]
    [InlineData(null)]
    public void Several_at_once_find_what_one_finds_in_the_same_order(string? name)
    {
        var search = new IndexSearch { Name = name };
        var one = _store.Read(session => IndexQueries.FindFiles(session, search, FolderRange.All, int.MaxValue));
        var ranges = _store.Read(session => IndexQueries.Parts(session, 1, 3));
        var several = _store.ReadAtOnce(ranges, (session, range) => IndexQueries.FindFiles(session, search, range, int.MaxValue));
        Assert.Equal(3, several.Count);
        Assert.All(several, found => Assert.NotEmpty(found));
        Assert.Equal(one.Select(file => file.File.Link), several.SelectMany(found => found).Select(file => file.File.Link));
    }

    [Theory]
    [InlineData("[1]", "A[1].Txt")]
    [InlineData("a[1].*", "A[1].Txt")]
    [InlineData("A?1?.tXT", "A[1].Txt")]
    [InlineData("*[*", "A[1].Txt")]
    [InlineData("É", "É_%&.b")]
    [InlineData("é", "")]
    [InlineData("_%&", "É_%&.b")]
    [InlineData("?_%&.B", "É_%&.b")]
    [InlineData(".COFFRE-SIDECAR", ".Coffre-Sidecar")]
    public void Names_fit_by_part_or_pattern_and_case_counts_beyond_ascii_only(string wanted, string expected)
    {
        using var store = IndexStore.Open(null);
        string[] names = ["A[1].Txt", "É_%&.b", ".coffre-sidecar", ".Coffre-Sidecar"];
        store.Write(session => IndexTable.Keep(
            session, new FolderListing(1, "f", [], [.. names.Select(name => new RemoteFile { Name = name, Size = 1, Link = name })]), DateTimeOffset.UnixEpoch));
        var search = new IndexSearch { Name = wanted, WithSidecars = false };
        var found = store.Read(session => IndexQueries.FindFiles(session, search, FolderRange.All, int.MaxValue));
        Assert.Equal(expected, string.Join(' ', found.Select(file => file.File.Name)));
    }

    [Fact]
    public void In_memory_one_connection_looks_at_every_part()
    {
        using var memory = IndexStore.Open(null);
        Assert.Equal([1, 2], memory.ReadAtOnce([1, 2], (_, part) => part));
    }

    [Fact]
    public void What_folders_hold_is_true_whatever_comes_and_goes()
    {
        Keep(3, 0);
        Keep(4, 7);
        var moved = File(9, 2);
        _store.Write(session => IndexTable.RemoveFile(session, 9, moved.Link));
        _store.Write(session => IndexTable.AddFiles(session, 30, [moved]));
        _store.Write(session => IndexTable.RemoveFolder(session, 12));

        var counted = _store.Read(session => IndexQueries.FindFiles(session, new IndexSearch(), FolderRange.All, int.MaxValue))
            .GroupBy(file => file.FolderId)
            .ToDictionary(group => group.Key, group => ((long)group.Count(), group.Sum(file => file.File.Size)));
        Assert.Equal((7, 28), counted[4]);
        Assert.Equal((80, 3321 - 2), counted[9]);
        Assert.Equal(counted, _store.Read(IndexQueries.Usage));
    }

    private void Keep(long folder, int files) => _store.Write(session => IndexTable.Keep(
        session, new FolderListing(folder, $"f{folder}", [], [.. Enumerable.Range(1, files).Select(i => File(folder, i))]), DateTimeOffset.UnixEpoch));

    private static RemoteFile File(long folder, int number) => new() { Name = $"{number}.bin", Size = number, Link = $"l{folder}-{number}" };
}
