using Coffre.Client;
using Coffre.Protocol.V1;

namespace Coffre.Tests.Client;

/// <summary>What is remembered of an account: over keys, for as long as the service gives no other answer, and from one listing of the whole.</summary>
public sealed class AccountStateTests : IDisposable
{
    private const int Folders = 12;
    private const string OtherKey = "ABCDEFGHabcdefgh0123456789012345";

    private readonly string _state = Directory.CreateTempSubdirectory("coffre-state-").FullName;
    private readonly List<(int Folder, string Link, string Name)> _files = [.. Enumerable.Range(1, Folders).Select(id => (id, $"https://1fichier.com/?file{id:D6}", $"f{id}"))];
    private readonly FakeService _service = new();

    public AccountStateTests() => _service
        .On(V1Paths.UserInfo, """{"status":"OK","email":"me@example.org","offer":"1","cold_storage":1,"allowed_cold_storage":2,"cdn":"1.5"}""")
        .On(V1Paths.FolderLs, asked => FakeService.Json(asked.Text.Contains("\"folder_id\":0", StringComparison.Ordinal)
            ? $$"""{"status":"OK","sub_folders":[{{string.Join(',', Enumerable.Range(1, Folders).Select(id => $$"""{"id":{{id}},"name":"d{{id}}","create_date":""}"""))}}],"items":[]}"""
            : $$"""{"status":"OK","sub_folders":[],"items":[{{Items(file => asked.Text.Contains($"\"folder_id\":{file.Folder},", StringComparison.Ordinal))}}]}"""))
        .On(V1Paths.FileLs, _ => FakeService.Json($$"""{"status":"OK","items":[{{Items(_ => true)}}]}"""))
        .On(V1Paths.FileInfo, asked => _files.Single(file => asked.Text.Contains(file.Link, StringComparison.Ordinal)) is var file
            ? FakeService.Json($$"""{"url":"{{file.Link}}","filename":"{{file.Name}}","size":5,"folder_id":{{file.Folder}},"path":"d"}""") : FakeService.Json("{}"));

    public void Dispose()
    {
        _service.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    private string Items(Func<(int Folder, string Link, string Name), bool> which) =>
        string.Join(',', _files.Where(which).Select(file => $$"""{"url":"{{file.Link}}","filename":"{{file.Name}}","size":5,"date":"2026-01-01 12:00:00"}"""));

    private CoffreClient Open(string key = FakeService.Key) => _service.Client("https://api.1fichier.com/", options => options with { StateFolder = _state, ApiKey = key });

    private async Task<string[]> NamesAsync(IndexUse use, CoffreClient client)
    {
        using var index = new RemoteIndex(client) { Use = use };
        await index.CoverAsync(0, TestContext.Current.CancellationToken);
        return [.. index.Find(0, new IndexSearch { MinSize = 0 }).Select(hit => string.Join('/', hit.Path)).Order(StringComparer.Ordinal)];
    }

    private int Count(string path) => _service.All(path).Count;

    [Fact]
    public async Task Twelve_folders_are_refreshed_with_one_listing_and_a_question_for_each_new_file()
    {
        using var client = Open();
        var before = await NamesAsync(IndexUse.Known, client);
        Assert.Equal(Folders, before.Length);
        Assert.Equal((Folders + 1, 0), (Count(V1Paths.FolderLs), Count(V1Paths.FileLs)));
        _files.RemoveAt(0);
        _files[0] = _files[0] with { Name = "renamed" };
        _files.Add((5, "https://1fichier.com/?newfile001", "new"));

        var after = await NamesAsync(IndexUse.Refresh, client);

        Assert.Equal((Folders + 1, 1, 1), (Count(V1Paths.FolderLs), Count(V1Paths.FileLs), Count(V1Paths.FileInfo)));
        Assert.Equal(before.Except(["d1/f1", "d2/f2"]).Append("d2/renamed").Append("d5/new").Order(StringComparer.Ordinal), after);

        // Within the hour the service allows no other: folder by folder, then.
        Assert.Equal(after, await NamesAsync(IndexUse.Refresh, client));
        Assert.Equal(((Folders + 1) * 2, 1), (Count(V1Paths.FolderLs), Count(V1Paths.FileLs)));
    }

    [Fact]
    public async Task Files_in_a_folder_that_nobody_knew_make_it_list_the_folders()
    {
        using var client = Open();
        await NamesAsync(IndexUse.Known, client);
        _files.Add((99, "https://1fichier.com/?newfile001", "new"));

        await NamesAsync(IndexUse.Refresh, client);

        Assert.Equal((Folders + 1) * 2, Count(V1Paths.FolderLs));
    }

    [Fact]
    public async Task A_listing_that_may_be_cut_takes_nothing_away()
    {
        using var client = Open();
        await NamesAsync(IndexUse.Known, client);
        _files.Clear();
        _files.AddRange(Enumerable.Range(0, 5000).Select(at => (1, $"https://1fichier.com/?many{at:D6}", $"m{at}")));

        Assert.Equal(5000, (await NamesAsync(IndexUse.Refresh, client)).Length);
        Assert.Equal(((Folders + 1) * 2, 0), (Count(V1Paths.FolderLs), Count(V1Paths.FileInfo)));
    }

    [Fact]
    public async Task What_others_moved_stands_once_where_it_was_listed_last()
    {
        using var client = Open();
        await NamesAsync(IndexUse.Known, client);
        _files[0] = _files[0] with { Folder = 5 };
        using (var index = new RemoteIndex(client) { Use = IndexUse.Refresh })
        {
            await index.GetAsync(5, TestContext.Current.CancellationToken);
        }

        var names = await NamesAsync(IndexUse.Offline, client);

        Assert.Equal("d5/f1", Assert.Single(names, name => name.EndsWith("/f1", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_index_is_told_and_the_next_run_makes_it_anew()
    {
        using var client = Open();
        _files.AddRange(Enumerable.Range(0, 3000).Select(at => (1, $"https://1fichier.com/?many{at:D6}", $"m{at}")));
        var before = await NamesAsync(IndexUse.Known, client);
        var path = Assert.Single(Directory.GetFiles(_state, "index-*.db"));
        using (var file = new FileStream(path, FileMode.Open))
        {
            file.Position = file.Length / 2 / 4096 * 4096;
            file.Write([.. Enumerable.Repeat((byte)0xff, (int)(file.Length - file.Position))]);
        }

        var trouble = await Assert.ThrowsAsync<CoffreException>(() => NamesAsync(IndexUse.Offline, client));

        Assert.Equal(CoffreError.LocalFile, trouble.Error);
        Assert.Equal("run the same command again: the index is made anew", trouble.Advice);
        Assert.Equal(before, await NamesAsync(IndexUse.Known, client));
        Assert.Equal(before, await NamesAsync(IndexUse.Offline, client));
    }

    [Fact]
    public async Task A_key_that_takes_over_finds_index_and_budget_where_they_were()
    {
        using (var client = Open())
        {
            await NamesAsync(IndexUse.Known, client);
            await client.GetAccountAsync(TestContext.Current.CancellationToken);
            client.CarryStateTo(OtherKey);
        }

        using var next = Open(OtherKey);
        Assert.Equal(Folders, (await NamesAsync(IndexUse.Offline, next)).Length);
        await next.GetKeptAccountAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Count(V1Paths.UserInfo));
        Assert.Single(Directory.GetFiles(_state, "index-*.db"));
        Assert.All(Directory.GetFiles(_state), path => Assert.DoesNotContain(OtherKey, File.ReadAllText(path), StringComparison.Ordinal));

        // A third key is somebody else.
        using var other = Open(OtherKey.ToLowerInvariant());
        Assert.Empty(await NamesAsync(IndexUse.Offline, other));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{\"x\":\"../../etc\"}")]
    [InlineData("{\"x\":null}")]
    public async Task A_broken_book_of_accounts_costs_nothing_but_a_listing(string book)
    {
        File.WriteAllText(Path.Combine(_state, "accounts.json"), book);
        using var client = Open();
        Assert.Equal(Folders, (await NamesAsync(IndexUse.Known, client)).Length);
        client.CarryStateTo(OtherKey);
        using var next = Open(OtherKey);
        Assert.Equal(Folders, (await NamesAsync(IndexUse.Offline, next)).Length);
    }

    [Fact]
    public async Task The_last_answer_on_the_account_is_shown_until_the_service_would_give_another()
    {
        using var client = Open();
        var first = await client.GetKeptAccountAsync(TestContext.Current.CancellationToken);
        var again = await client.GetKeptAccountAsync(TestContext.Current.CancellationToken);

        Assert.Equal(first, again);
        Assert.Equal(("me@example.org", "1.5", 1), (again.Email, again.CdnCredits, Count(V1Paths.UserInfo)));

        await Task.Delay(TimeSpan.FromSeconds(301), _service.Clock, TestContext.Current.CancellationToken);
        Assert.True((await client.GetKeptAccountAsync(TestContext.Current.CancellationToken)).AskedAt > first.AskedAt);
        Assert.Equal(2, Count(V1Paths.UserInfo));
    }
}
