using System.Net;
using System.Text.Json;

namespace Coffre.Tests.Serving;

/// <summary>Folders that one account shares with another: read, write, hidden links, and the <c>sharing_user</c> forms.</summary>
public sealed class GroupShareTests : IAsyncLifetime
{
    private const string Owner = "owner@localhost";
    private const string Member = "member@example.org";
    private static readonly byte[] Bytes = [1, 2, 3];
    private TestServer _server = null!;
    private string _member = "";
    private string _stranger = "";
    private long _folder;
    private long _inner;
    private string _link = "";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        _member = await _server.AddAccountAsync(Member, 1_000_000);
        _stranger = await _server.AddAccountAsync("stranger@example.org", 1_000_000);
        _folder = await _server.MakeFolderAsync("team");
        _inner = await _server.MakeFolderAsync("inner", _folder);
        _link = (await _server.UploadAsync("plan.txt", Bytes, _inner)).GetProperty("download").GetString()!;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_member_reads_what_lies_in_the_folder_and_below_and_a_stranger_sees_nothing()
    {
        await ShareAsync(_folder, rw: 0);
        var listing = (await LsAsync(_folder, _member)).Json;
        Assert.Equal("team", listing.GetProperty("name").GetString());
        Assert.Equal(Owner, listing.GetProperty("user").GetString());
        Assert.Equal(0, listing.GetProperty("rw").GetInt32());
        Assert.Equal(0, listing.GetProperty("hide_links").GetInt32());
        Assert.Equal(_inner, listing.GetProperty("sub_folders")[0].GetProperty("id").GetInt64());
        Assert.False(listing.TryGetProperty("shares", out _));
        Assert.Equal(["plan.txt"], await _server.ListNamesAsync(_inner, _member));
        Assert.Equal(Bytes, await _server.DownloadAsync(_link, _member));

        (await LsAsync(_folder, _stranger)).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("file/ls.cgi", $$"""{"folder_id":{{_inner}}}""", _stranger)).IsKo(HttpStatusCode.NotFound, 9020);
    }

    [Fact]
    public async Task The_owner_sees_with_whom_the_folder_is_shared_and_the_member_what_is_shared_with_it()
    {
        (await CallAsync("folder/share.cgi", new { folder_id = _folder, shares = new[] { new { email = Member.ToUpperInvariant(), rw = 1, hide_links = 0 } } })).IsOk();
        var own = (await LsAsync(_folder)).Json;
        var share = Assert.Single(own.GetProperty("shares").EnumerateArray());
        Assert.Equal(Member, share.GetProperty("email").GetString());
        Assert.Equal(1, share.GetProperty("rw").GetInt32());
        Assert.False(own.TryGetProperty("user", out _));

        var root = (await LsAsync(0, _member)).Json;
        Assert.Empty(root.GetProperty("sub_folders").EnumerateArray());
        var seen = Assert.Single(root.GetProperty("shared_with_me").EnumerateArray());
        Assert.Equal((_folder, "team", Owner, 1), (
            seen.GetProperty("id").GetInt64(), seen.GetProperty("name").GetString(), seen.GetProperty("email").GetString(), seen.GetProperty("rw").GetInt32()));
        Assert.False((await LsAsync(0)).Json.TryGetProperty("shared_with_me", out _));
    }

    [Fact]
    public async Task The_root_of_the_owner_shows_a_member_the_shared_folders_and_nothing_else()
    {
        await _server.UploadAsync("secret.txt", Bytes);
        await _server.MakeFolderAsync("private");
        await ShareAsync(_folder, rw: 1);
        var root = (await LsAsync(0, _member, Owner)).Json;
        Assert.Equal(["team"], root.GetProperty("sub_folders").EnumerateArray().Select(folder => folder.GetProperty("name").GetString()!));
        Assert.Equal(0, root.GetProperty("files").GetInt64());
        Assert.Equal(0, (await CallAsync("file/ls.cgi", new { folder_id = 0, sharing_user = Owner }, _member)).Json.GetProperty("count").GetInt32());
        (await CallAsync("file/info.cgi", new { folder_id = 0, filename = "secret.txt", sharing_user = Owner }, _member)).IsKo(HttpStatusCode.NotFound, 469);
        (await CallAsync("folder/mkdir.cgi", new { name = "x", sharing_user = Owner }, _member)).IsKo(HttpStatusCode.Forbidden, 631);
        (await LsAsync(0, _stranger, Owner)).IsKo(HttpStatusCode.NotFound, 9020);
        (await LsAsync(0, _member, "nobody@example.org")).IsKo(HttpStatusCode.NotFound, 9020);
    }

    [Fact]
    public async Task A_shared_root_opens_the_whole_tree()
    {
        var top = await _server.UploadAsync("top.txt", Bytes);
        await ShareAsync(0, rw: 1);
        Assert.Equal(["top.txt"], Names(await CallAsync("file/ls.cgi", new { folder_id = 0, sharing_user = Owner }, _member)));
        Assert.Equal(Owner, (await LsAsync(0, _member, Owner)).Json.GetProperty("user").GetString());
        (await CallAsync("folder/mkdir.cgi", new { name = "from member", sharing_user = Owner }, _member)).IsOk();
        (await CallAsync("file/info.cgi", new { folder_id = 0, filename = "top.txt", sharing_user = Owner }, _member)).Json.GetProperty("checksum");
        (await CallAsync("folder/share.cgi", new { folder_id = 0, share = 1 })).IsKo(HttpStatusCode.Forbidden, 631);
        Assert.Contains("from member", (await LsAsync(0)).Text, StringComparison.Ordinal);
        Assert.Equal(Bytes, await _server.DownloadAsync(top.GetProperty("download").GetString()!, _member));
    }

    [Fact]
    public async Task Files_are_fetched_from_copied_and_moved_into_a_shared_root_by_the_name_of_its_owner()
    {
        await _server.UploadAsync("top.txt", Bytes);
        var own = (await _server.UploadAsync("own.txt", Bytes, key: _member)).GetProperty("download").GetString()!;
        var token = new { folder_id = 0, filename = "top.txt", sharing_user = Owner };
        var copy = new { urls = new[] { own }, folder_id = 0, sharing_user = Owner, rename = "copied.txt" };
        var move = new { urls = new[] { own }, destination_folder_id = 0, destination_user = Owner, rename = "moved.txt" };

        // Without a share of the root itself there is a doorway at most, which takes nothing and gives nothing.
        await ShareAsync(_folder, rw: 1);
        (await CallAsync("download/get_token.cgi", token, _member)).IsKo(HttpStatusCode.NotFound, 469);
        (await CallAsync("file/cp.cgi", copy, _member)).IsKo(HttpStatusCode.Forbidden, 631);
        (await CallAsync("file/mv.cgi", move, _member)).IsKo(HttpStatusCode.Forbidden, 631);
        (await CallAsync("file/cp.cgi", copy, _stranger)).IsKo(HttpStatusCode.NotFound, 9020);

        await ShareAsync(0, rw: 1);
        var address = (await CallAsync("download/get_token.cgi", token, _member)).Json.GetProperty("url").GetString();
        Assert.Equal(Bytes, (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, address), "")).Bytes);
        (await CallAsync("file/cp.cgi", copy, _member)).IsOk();
        (await CallAsync("file/mv.cgi", move, _member)).IsOk();
        Assert.Equal(["copied.txt", "moved.txt", "top.txt"], await _server.ListNamesAsync());
        Assert.Empty(await _server.ListNamesAsync(0, _member));
    }

    [Fact]
    public async Task A_share_for_reading_changes_nothing()
    {
        await ShareAsync(_folder, rw: 0);
        var urls = new[] { _link };
        Answer[] tries =
        [
            await CallAsync("folder/mkdir.cgi", new { name = "x", folder_id = _folder }, _member),
            await CallAsync("folder/rm.cgi", new { folder_id = _inner }, _member),
            await CallAsync("folder/mv.cgi", new { folder_id = _inner, destination_folder_id = 0 }, _member),
            await CallAsync("file/cp.cgi", new { urls, folder_id = _folder }, _member),
            await CallAsync("file/mv.cgi", new { urls = new[] { (await _server.UploadAsync("own", Bytes, key: _member)).GetProperty("download").GetString() }, destination_folder_id = _folder }, _member),
        ];
        Assert.All(tries, answer => answer.IsKo(HttpStatusCode.Forbidden, 631));
        Answer[] onFiles =
        [
            await CallAsync("file/rm.cgi", new { files = new[] { new { url = _link } } }, _member),
            await CallAsync("file/mv.cgi", new { urls, destination_folder_id = 0 }, _member),
            await CallAsync("file/chattr.cgi", new { urls, description = "x" }, _member),
            await CallAsync("file/rename.cgi", new { urls = new[] { new { url = _link, filename = "x" } } }, _member),
        ];
        Assert.All(onFiles, answer => answer.IsKo(HttpStatusCode.NotFound, 469));

        // An upload is not lost: it lands in the member's own root.
        await _server.UploadAsync("lost.txt", Bytes, _folder, _member);
        Assert.Contains("lost.txt", await _server.ListNamesAsync(0, _member));
        Assert.Equal(["plan.txt"], await _server.ListNamesAsync(_inner));
    }

    [Fact]
    public async Task A_share_for_writing_takes_uploads_folders_copies_and_changes_and_they_belong_to_the_owner()
    {
        await ShareAsync(_folder, rw: 1);
        var (ownerBefore, memberBefore) = (await UsedAsync(), await UsedAsync(_member));
        var up = (await _server.UploadAsync("up.txt", Bytes, _folder, _member)).GetProperty("download").GetString()!;
        var made = (await CallAsync("folder/mkdir.cgi", new { name = "made", folder_id = _folder }, _member)).Json.GetProperty("folder_id").GetInt64();
        var own = (await _server.UploadAsync("own.txt", Bytes, key: _member)).GetProperty("download").GetString()!;
        (await CallAsync("file/cp.cgi", new { urls = new[] { own }, folder_id = made }, _member)).IsOk();
        (await CallAsync("file/chattr.cgi", new { urls = new[] { up }, description = "by member", filename = "up2.txt" }, _member)).IsOk();
        Assert.Equal(ownerBefore + 6, await UsedAsync());
        Assert.Equal(memberBefore + 3, await UsedAsync(_member));
        Assert.Equal(["up2.txt"], await _server.ListNamesAsync(_folder));
        Assert.Equal(["own.txt"], await _server.ListNamesAsync(made));
        Assert.Equal("team", (await CallAsync("file/info.cgi", new { url = up })).Json.GetProperty("path").GetString());
        (await CallAsync("file/rm.cgi", new { files = new[] { new { url = up } } }, _member)).IsOk();
        Assert.Equal(ownerBefore + 3, await UsedAsync());

        // Names are changed by the owner alone with this call, as the protocol has it.
        (await CallAsync("file/rename.cgi", new { urls = new[] { new { url = _link, filename = "x" } } }, _member)).IsKo(HttpStatusCode.NotFound, 469);
    }

    [Fact]
    public async Task Files_that_move_between_accounts_take_link_and_quota_along()
    {
        await ShareAsync(_folder, rw: 1);
        var (ownerBefore, memberBefore) = (await UsedAsync(), await UsedAsync(_member));
        var moved = await CallAsync("file/mv.cgi", new { urls = new[] { _link }, destination_folder_id = 0, rename = "mine.txt" }, _member);
        moved.IsOk();
        Assert.Equal(_link, moved.Json.GetProperty("urls")[0].GetString());
        Assert.Equal((ownerBefore - 3, memberBefore + 3), (await UsedAsync(), await UsedAsync(_member)));
        Assert.Empty(await _server.ListNamesAsync(_inner));
        Assert.Equal(["mine.txt"], await _server.ListNamesAsync(0, _member));
        Assert.Equal(Bytes, await _server.DownloadAsync(_link, _member));
        await _server.SweepAsync();
        Assert.Equal(Bytes, await _server.DownloadAsync(_link, _stranger));
        (await CallAsync("file/mv.cgi", new { urls = new[] { _link }, destination_folder_id = _inner }, _member)).IsOk();
        Assert.Equal((ownerBefore, memberBefore), (await UsedAsync(), await UsedAsync(_member)));
        Assert.Equal(["mine.txt"], await _server.ListNamesAsync(_inner));
    }

    [Fact]
    public async Task A_tree_that_moves_between_accounts_goes_whole_and_its_shares_end()
    {
        await ShareAsync(0, rw: 1);
        await ShareAsync(_inner, rw: 0);
        var page = (await CallAsync("folder/share.cgi", new { folder_id = _folder, share = 1 })).Json.GetProperty("url").GetString()!;
        (await CallAsync("folder/mv.cgi", new { folder_id = _folder, destination_folder_id = 0, rename = "taken along" }, _member)).IsOk();
        Assert.Empty((await LsAsync(0)).Json.GetProperty("sub_folders").EnumerateArray());
        Assert.Equal("taken along", (await LsAsync(0, _member)).Json.GetProperty("sub_folders")[0].GetProperty("name").GetString());
        Assert.Equal(["plan.txt"], await _server.ListNamesAsync(_inner, _member));
        Assert.False((await LsAsync(_inner, _member)).Json.TryGetProperty("shares", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await _server.Http.GetAsync(page)).StatusCode);
        (await LsAsync(_inner)).IsKo(HttpStatusCode.NotFound, 9020);

        // And back, to the root that is shared with the member.
        (await CallAsync("folder/mv.cgi", new { folder_id = _folder, destination_user = Owner }, _member)).IsOk();
        Assert.Equal("taken along", (await LsAsync(0)).Json.GetProperty("sub_folders")[0].GetProperty("name").GetString());
        Assert.Equal(Bytes, await _server.DownloadAsync(_link));
    }

    [Fact]
    public async Task The_quota_of_the_account_that_gets_the_bytes_holds()
    {
        var small = await _server.AddAccountAsync("small@example.org", 5);
        var drop = (await CallAsync("folder/mkdir.cgi", new { name = "drop" }, small)).Json.GetProperty("folder_id").GetInt64();
        (await CallAsync("folder/share.cgi", new { folder_id = drop, shares = new[] { new { email = Member, rw = 1 } } }, small)).IsOk();
        await _server.UploadAsync("fits", Bytes, drop, _member);
        var id = await _server.OpenUploadAsync(_member);
        (await _server.PostUploadAsync(id, TestServer.Form(drop, ("too much", Bytes)), _member)).IsKo(HttpStatusCode.InsufficientStorage, 9041);
        var own = (await _server.UploadAsync("own", Bytes, key: _member)).GetProperty("download").GetString()!;
        foreach (var call in new[] { "file/cp.cgi", "file/mv.cgi" })
        {
            (await CallAsync(call, new { urls = new[] { own }, folder_id = drop, destination_folder_id = drop }, _member)).IsKo(HttpStatusCode.InsufficientStorage, 9041);
        }

        Assert.Equal(3, await UsedAsync(small));
        Assert.Equal(["fits"], await _server.ListNamesAsync(drop, small));
        Assert.Equal(["own"], await _server.ListNamesAsync(0, _member));
    }

    [Fact]
    public async Task Hidden_links_are_told_nowhere_and_the_file_is_reached_by_folder_and_name()
    {
        (await CallAsync("file/chattr.cgi", new { urls = new[] { _link }, pass = "open sesame", acl = new { ip = new[] { "10.0.0.0/8" } } })).IsOk();
        (await CallAsync("folder/share.cgi", new { folder_id = _folder, shares = new[] { new { email = Member, rw = 1, hide_links = 1 } } })).IsOk();
        var listing = (await LsAsync(_inner, _member, files: 1)).Json;
        Assert.Equal((0, 1), (listing.GetProperty("rw").GetInt32(), listing.GetProperty("hide_links").GetInt32()));
        var id = _link[(_link.IndexOf('?', StringComparison.Ordinal) + 1)..];
        var address = new { folder_id = _inner, filename = "plan.txt" };
        var info = await CallAsync("file/info.cgi", address, _member);
        Assert.Equal("plan.txt", info.Json.GetProperty("filename").GetString());
        Assert.All(
            [listing.GetRawText(), info.Text, (await CallAsync("file/ls.cgi", new { folder_id = _inner }, _member)).Text],
            text => Assert.DoesNotContain(id, text, StringComparison.Ordinal));

        // Passwords and rules do not bind members; the link alone gives no more than it gives a stranger.
        var token = await CallAsync("download/get_token.cgi", address, _member);
        Assert.Equal(Bytes, (await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, token.Json.GetProperty("url").GetString()), "")).Bytes);
        (await CallAsync("download/get_token.cgi", new { url = _link }, _member)).IsKo(HttpStatusCode.Forbidden, 631);
        (await CallAsync("folder/mkdir.cgi", new { name = "x", folder_id = _folder }, _member)).IsKo(HttpStatusCode.Forbidden, 631);
    }

    [Fact]
    public async Task Members_need_no_password_and_meet_no_rule_by_the_link_either()
    {
        (await CallAsync("file/chattr.cgi", new { urls = new[] { _link }, pass = "open sesame", acl = new { premium = 1, email = new[] { "nobody@example.org" } } })).IsOk();
        await ShareAsync(_folder, rw: 0);
        Assert.Equal(Bytes, await _server.DownloadAsync(_link, _member));
        (await CallAsync("file/cp.cgi", new { urls = new[] { _link } }, _member)).IsOk();
        (await CallAsync("download/get_token.cgi", new { url = _link }, _stranger)).IsKo(HttpStatusCode.Forbidden, 631);
    }

    [Fact]
    public async Task The_nearest_share_decides_and_the_shared_folder_itself_stays()
    {
        await ShareAsync(_folder, rw: 0);
        await ShareAsync(_inner, rw: 1);
        (await CallAsync("folder/mkdir.cgi", new { name = "x", folder_id = _inner }, _member)).IsOk();
        (await CallAsync("folder/mkdir.cgi", new { name = "x", folder_id = _folder }, _member)).IsKo(HttpStatusCode.Forbidden, 631);
        (await CallAsync("folder/rm.cgi", new { folder_id = _inner }, _member)).IsKo(HttpStatusCode.Forbidden, 631);
        (await CallAsync("folder/mv.cgi", new { folder_id = _inner, rename = "y" }, _member)).IsKo(HttpStatusCode.Forbidden, 631);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("0")]
    [InlineData("\"0\"")]
    public async Task Shares_end(string none)
    {
        await ShareAsync(_folder, rw: 1);
        (await _server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{_folder}},"share":1}""")).IsOk();
        (await LsAsync(_folder, _member)).IsOk();
        (await _server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{_folder}},"shares":{{none}}}""")).IsOk();
        (await LsAsync(_folder, _member)).IsKo(HttpStatusCode.NotFound, 9020);
        Assert.True((await LsAsync(_folder)).Json.TryGetProperty("shared", out _));
    }

    [Fact]
    public async Task A_new_list_takes_the_place_of_the_old_one()
    {
        await ShareAsync(_folder, rw: 1);
        (await CallAsync("folder/share.cgi", new { folder_id = _folder, shares = new[] { new { email = "stranger@example.org" } } })).IsOk();
        (await LsAsync(_folder, _member)).IsKo(HttpStatusCode.NotFound, 9020);
        (await LsAsync(_folder, _stranger)).IsOk();
    }

    [Theory]
    [InlineData("""[{"email":"nobody@example.org"}]""", 9014)]
    [InlineData("""[{"email":"guest@localhost"}]""", 9014)]
    [InlineData("""[{"email":"owner@localhost"}]""", 9014)]
    [InlineData("""[{"rw":1}]""", 9014)]
    [InlineData("""[{"email":"member@example.org","rw":2}]""", 9014)]
    [InlineData("""["member@example.org"]""", 9014)]
    [InlineData("""{"email":"member@example.org"}""", 9014)]
    [InlineData("7", 9014)]
    public async Task A_wrong_list_leaves_the_shares_as_they_were(string shares, int number)
    {
        await ShareAsync(_folder, rw: 1);
        (await _server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{_folder}},"share":1,"shares":{{shares}}}""")).IsKo(HttpStatusCode.BadRequest, number);
        (await LsAsync(_folder, _member)).IsOk();
        Assert.False((await LsAsync(_folder)).Json.TryGetProperty("shared", out _));
    }

    [Fact]
    public async Task Only_the_owner_shares()
    {
        await ShareAsync(_folder, rw: 1);
        (await CallAsync("folder/share.cgi", new { folder_id = _inner, shares = new[] { new { email = "stranger@example.org" } } }, _member))
            .IsKo(HttpStatusCode.NotFound, 9020);
    }

    private Task<Answer> CallAsync(string path, object body, string? key = null) => _server.CallAsync(path, JsonSerializer.Serialize(body), key);

    private async Task ShareAsync(long folder, int rw) =>
        (await CallAsync("folder/share.cgi", new { folder_id = folder, shares = new[] { new { email = Member, rw, hide_links = 0 } } })).IsOk();

    private Task<Answer> LsAsync(long folder, string? key = null, string? user = null, int files = 0) =>
        CallAsync("folder/ls.cgi", new { folder_id = folder, sharing_user = user, files }, key);

    private async Task<long> UsedAsync(string? key = null) =>
        (await _server.CallAsync("user/info.cgi", "{}", key)).Json.GetProperty("cold_storage").GetInt64();

    private static List<string?> Names(Answer listing) =>
        [.. listing.Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("filename").GetString())];
}
