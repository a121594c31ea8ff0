using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Catalog;
using Coffre.Server.Keys;

namespace Coffre.Tests.Serving;

/// <summary>What a key may be used for, where it reaches, from where, how often and for how long.</summary>
public sealed class KeyRightsTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync([("Ftp:Port", TestPorts.Free().ToString()), ("Ftp:RequireTls", "false")]);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static TheoryData<string, KeyScopes> Calls => new()
    {
        { "file/ls.cgi", KeyScopes.Read },
        { "file/info.cgi", KeyScopes.Read },
        { "file/scan.cgi", KeyScopes.Read },
        { "folder/ls.cgi", KeyScopes.Read },
        { "download/get_token.cgi", KeyScopes.Read },
        { "folder/mkdir.cgi", KeyScopes.Write },
        { "folder/mv.cgi", KeyScopes.Write },
        { "file/mv.cgi", KeyScopes.Write },
        { "file/rename.cgi", KeyScopes.Write },
        { "file/cp.cgi", KeyScopes.Write },
        { "file/chattr.cgi", KeyScopes.Write },
        { "upload/get_upload_server.cgi", KeyScopes.Write },
        { "file/rm.cgi", KeyScopes.Delete },
        { "folder/rm.cgi", KeyScopes.Delete },
        { "folder/share.cgi", KeyScopes.Share },
        { "remote/request.cgi", KeyScopes.Remote },
        { "remote/ls.cgi", KeyScopes.Remote },
        { "remote/info.cgi", KeyScopes.Remote },
        { "ftp/process.cgi", KeyScopes.Account },
        { "ftp/users/ls.cgi", KeyScopes.Account },
        { "ftp/users/add.cgi", KeyScopes.Account },
        { "ftp/users/rm.cgi", KeyScopes.Account },
        { "vouchers/ls.cgi", KeyScopes.Account },
        { "vouchers/check.cgi", KeyScopes.Account },
        { "vouchers/use.cgi", KeyScopes.Account },
        { "user/info.cgi", KeyScopes.None },
    };

    [Fact]
    public void Every_call_is_in_the_table() =>
        Assert.Equal(
            _server.Routes.Where(route => route.StartsWith("/v1/", StringComparison.Ordinal)).Order(),
            Calls.Select(row => "/v1/" + row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_wants_its_scope_and_no_other(string path, KeyScopes scope)
    {
        var enough = await NewAsync(scope == KeyScopes.None ? KeyScopes.Read : scope);
        Assert.DoesNotContain("lacks", (await _server.CallAsync(path, "{}", enough)).Text, StringComparison.Ordinal);
        if (scope != KeyScopes.None)
        {
            var lacking = await _server.CallAsync(path, "{}", await NewAsync(KeyScopes.All & ~scope));
            lacking.IsKo(HttpStatusCode.Forbidden, 631);
            Assert.Contains("lacks " + KeyScopeNames.Of(scope)[0], lacking.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Passwords_and_access_rules_want_share_and_settings_want_account()
    {
        var link = await LinkAsync("f", [1]);
        var key = await NewAsync(KeyScopes.Read | KeyScopes.Write);
        (await ChangeAsync(link, """{"description":"d"}""", key)).IsOk();
        (await ChangeAsync(link, """{"pass":"a password"}""", key)).IsKo(HttpStatusCode.Forbidden, 631);
        (await ChangeAsync(link, """{"acl":{"premium":1} }""", key)).IsKo(HttpStatusCode.Forbidden, 631);
        (await _server.CallAsync("user/info.cgi", """{"page_limit":50}""", key)).IsKo(HttpStatusCode.Forbidden, 631);
        (await _server.CallAsync("user/info.cgi", "{}", key)).IsOk();
    }

    [Fact]
    public async Task A_key_that_may_only_write_uploads_and_sees_no_more_than_a_stranger()
    {
        var hidden = await LinkAsync("hidden", [1, 2, 3]);
        await ChangeAsync(hidden, """{"pass":"a password"}""", _server.Key);
        var key = await NewAsync(KeyScopes.Write);
        await _server.UploadAsync("backup", [4], key: key);
        Assert.Contains("backup", await _server.ListNamesAsync());
        (await _server.CallAsync("file/cp.cgi", JsonSerializer.Serialize(new { urls = new[] { hidden } }), key)).IsKo(HttpStatusCode.Forbidden, 631);
        var page = await _server.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(hidden)), key);
        Assert.NotEqual(HttpStatusCode.Found, page.Status);
    }

    [Fact]
    public async Task An_upload_wants_write_at_each_step()
    {
        var id = await _server.OpenUploadAsync();
        var reader = await NewAsync(KeyScopes.All & ~KeyScopes.Write);
        (await _server.PostUploadAsync(id, TestServer.Form(0, ("f", [1])), reader)).IsKo(HttpStatusCode.Forbidden, 631);
        Assert.Empty(await _server.ListNamesAsync());
    }

    [Fact]
    public async Task To_a_key_with_a_root_folder_that_is_the_root()
    {
        var (outside, inside) = (await _server.MakeFolderAsync("outside"), await _server.MakeFolderAsync("inside"));
        var deep = await _server.MakeFolderAsync("deep", inside);
        var key = (await _server.AddKeyAsync(new KeyWish("fenced") { Scopes = KeyScopes.Files, RootFolderId = inside })).Secret;

        Assert.Equal(["deep"], (await _server.CallAsync("folder/ls.cgi", "{}", key)).Json.GetProperty("sub_folders").EnumerateArray().Select(item => item.GetProperty("name").GetString()!));
        await _server.UploadAsync("top", [1], key: key);
        var below = await LinkAsync("below", [2], deep, key: key);
        Assert.Equal(["top"], await _server.ListNamesAsync(inside));
        Assert.Equal(["below"], await _server.ListNamesAsync(deep, key));
        var made = await _server.MakeFolderAsync("new", 0, key);
        Assert.Equal(inside, (await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{inside}}}""")).Json.GetProperty("folder_id").GetInt64());
        Assert.Contains("new", (await _server.CallAsync("folder/ls.cgi", $$"""{"folder_id":{{inside}}}""")).Text, StringComparison.Ordinal);

        var info = (await _server.CallAsync("file/info.cgi", $$"""{"url":"{{below}}"}""", key)).Json;
        Assert.Equal("deep", info.GetProperty("path").GetString());
        (await _server.CallAsync("file/mv.cgi", $$"""{"urls":["{{below}}"],"destination_folder_id":0}""", key)).IsOk();
        Assert.Equal(["below", "top"], (await _server.ListNamesAsync(inside)).Order());
        (await _server.CallAsync("file/cp.cgi", $$"""{"urls":["{{below}}"],"folder_id":0,"rename":"copy"}""", key)).IsOk();
        Assert.Contains("copy", await _server.ListNamesAsync(inside));
        (await _server.CallAsync("folder/mv.cgi", $$"""{"folder_id":{{made}},"destination_folder_id":{{deep}}}""", key)).IsOk();
        (await _server.CallAsync("folder/share.cgi", $$"""{"folder_id":{{deep}},"share":1}""", key)).IsOk();
        Assert.Empty(await _server.ListNamesAsync(outside));
    }

    [Fact]
    public async Task What_lies_outside_of_its_root_is_not_there_for_a_key()
    {
        var (outside, inside) = (await _server.MakeFolderAsync("outside"), await _server.MakeFolderAsync("inside"));
        var far = await LinkAsync("far", [1], outside);
        var root = await LinkAsync("root", [1]);
        var near = await LinkAsync("near", [1], inside);
        var key = (await _server.AddKeyAsync(new KeyWish("fenced") { Scopes = KeyScopes.Files, RootFolderId = inside })).Secret;

        foreach (var (path, body, status) in new (string, string, HttpStatusCode)[]
        {
            ("folder/ls.cgi", $$"""{"folder_id":{{outside}}}""", HttpStatusCode.NotFound),
            ("file/ls.cgi", $$"""{"folder_id":{{outside}}}""", HttpStatusCode.NotFound),
            ("file/ls.cgi", """{"folder_id":-1}""", HttpStatusCode.Forbidden),
            ("folder/ls.cgi", $$"""{"folder_id":0,"sharing_user":"{{Account.OwnerEmail}}"}""", HttpStatusCode.NotFound),
            ("folder/mkdir.cgi", $$"""{"name":"n","folder_id":{{outside}}}""", HttpStatusCode.NotFound),
            ("folder/rm.cgi", $$"""{"folder_id":{{outside}}}""", HttpStatusCode.NotFound),
            ("folder/rm.cgi", $$"""{"folder_id":{{inside}}}""", HttpStatusCode.Forbidden),
            ("folder/mv.cgi", $$"""{"folder_id":{{inside}},"rename":"n"}""", HttpStatusCode.Forbidden),
            ("folder/mv.cgi", $$"""{"folder_id":{{outside}},"destination_folder_id":{{inside}}}""", HttpStatusCode.NotFound),
            ("folder/share.cgi", $$"""{"folder_id":{{outside}},"share":1}""", HttpStatusCode.NotFound),
            ("file/rm.cgi", $$"""{"files":[{"url":"{{far}}"}]}""", HttpStatusCode.NotFound),
            ("file/rm.cgi", $$"""{"files":[{"url":"{{root}}"}]}""", HttpStatusCode.NotFound),
            ("file/mv.cgi", $$"""{"urls":["{{far}}"],"destination_folder_id":{{inside}}}""", HttpStatusCode.NotFound),
            ("file/mv.cgi", $$"""{"urls":["{{near}}"],"destination_folder_id":{{outside}}}""", HttpStatusCode.NotFound),
            ("file/rename.cgi", $$"""{"urls":[{"url":"{{far}}","filename":"n"}]}""", HttpStatusCode.NotFound),
            ("file/chattr.cgi", $$"""{"urls":["{{far}}"],"description":"d"}""", HttpStatusCode.NotFound),
            ("file/cp.cgi", $$"""{"urls":["{{near}}"],"folder_id":{{outside}}}""", HttpStatusCode.NotFound),
            ("file/info.cgi", $$"""{"folder_id":{{outside}},"filename":"far"}""", HttpStatusCode.NotFound),
            ("download/get_token.cgi", $$"""{"folder_id":{{outside}},"filename":"far"}""", HttpStatusCode.NotFound),
        })
        {
            var answer = await _server.CallAsync(path, body, key);
            Assert.True(answer.Status == status, $"{path} {body}: {answer.Status} {answer.Text}");
        }

        // With the link it is what anybody is who has it.
        Assert.False((await _server.CallAsync("file/info.cgi", $$"""{"url":"{{far}}"}""", key)).Json.TryGetProperty("folder_id", out _));
        await ChangeAsync(far, """{"pass":"a password"}""", _server.Key);
        (await _server.CallAsync("download/get_token.cgi", $$"""{"url":"{{far}}"}""", key)).IsKo(HttpStatusCode.Forbidden, 631);

        await _server.CallAsync("file/rm.cgi", $$"""{"files":[{"url":"{{near}}"}]}""");
        (await _server.CallAsync("folder/rm.cgi", $$"""{"folder_id":{{inside}}}""")).IsOk();
        (await _server.CallAsync("folder/ls.cgi", "{}", key)).IsKo(HttpStatusCode.NotFound, 9020);
        (await _server.CallAsync("upload/get_upload_server.cgi", "{}", key)).IsKo(HttpStatusCode.NotFound, 9020);
    }

    [Fact]
    public async Task A_key_is_good_only_from_its_networks()
    {
        var here = await _server.AddKeyAsync(new KeyWish("here") { Networks = [IPNetwork.Parse("127.0.0.0/8")] });
        var there = await _server.AddKeyAsync(new KeyWish("there") { Networks = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("2001:db8::/32")] });
        (await _server.CallAsync("folder/ls.cgi", "{}", here.Secret)).IsOk();
        (await _server.CallAsync("folder/ls.cgi", "{}", there.Secret)).IsKo(HttpStatusCode.Forbidden, 631);
        Assert.True(new KeyRights(KeyScopes.Read, 0, [IPNetwork.Parse("192.0.2.0/24")], null).Admits(IPAddress.Parse("::ffff:192.0.2.9")));
    }

    [Fact]
    public async Task Unknown_revoked_and_expired_keys_are_told_alike()
    {
        var revoked = await _server.AddKeyAsync(new KeyWish("revoked"));
        var expired = await _server.AddKeyAsync(new KeyWish("expired") { ExpiresAt = TestServer.Start.AddHours(1) });
        (await _server.CallAsync("folder/ls.cgi", "{}", revoked.Secret)).IsOk();
        (await _server.CallAsync("folder/ls.cgi", "{}", expired.Secret)).IsOk();

        await _server.Room<KeyDesk>().RevokeAsync(revoked.Row.AccountId, revoked.Row.Id, Actor.Operator, CancellationToken.None);
        _server.Clock.Advance(TimeSpan.FromHours(1));
        var answers = new List<string>();
        foreach (var key in new[] { ApiKey.New(), revoked.Secret, expired.Secret })
        {
            var answer = await _server.CallAsync("folder/ls.cgi", "{}", key);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            answers.Add(answer.Text);
        }

        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task A_key_that_another_program_revokes_on_the_same_catalog_is_refused_soon()
    {
        var key = await _server.AddKeyAsync(new KeyWish("revoked from outside"));
        await using (var beside = CatalogStore.Open(Path.Combine(_server.Folder, "catalog.db"), _server.Clock))
        {
            // Twice: the first use is written down, the second may be remembered.
            (await _server.CallAsync("folder/ls.cgi", "{}", key.Secret)).IsOk();
            (await _server.CallAsync("folder/ls.cgi", "{}", key.Secret)).IsOk();
            Assert.True(await beside.WriteAsync(session => _server.Room<KeyTable>().Revoke(session, key.Row), CancellationToken.None));
        }

        var patience = Stopwatch.StartNew();
        while ((await _server.CallAsync("folder/ls.cgi", "{}", key.Secret)).Status != HttpStatusCode.Unauthorized)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task A_key_may_have_a_rate_of_its_own()
    {
        var key = (await _server.AddKeyAsync(new KeyWish("slow") { CallsPerSecond = 1 })).Secret;
        for (var i = 0; i < 5; i++)
        {
            (await _server.CallAsync("folder/ls.cgi", "{}", key)).IsOk();
        }

        var late = await _server.CallAsync("folder/ls.cgi", "{}", key);
        Assert.Equal(HttpStatusCode.TooManyRequests, late.Status);
        Assert.Equal("\"calls\";q=5;w=5", late.Headers.GetValues("RateLimit-Policy").Single());
        (await _server.CallAsync("folder/ls.cgi", "{}")).IsOk();
        _server.Clock.Advance(TimeSpan.FromSeconds(1));
        (await _server.CallAsync("folder/ls.cgi", "{}", key)).IsOk();
    }

    [Fact]
    public async Task After_too_many_refused_keys_only_known_ones_are_looked_up()
    {
        await using var server = await TestServer.StartAsync(("Keys:FailuresByAddress", "3"), ("Keys:FailureSeconds", "60"));
        var fresh = await server.AddKeyAsync(new KeyWish("fresh"));
        (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();
        for (var i = 0; i < 10; i++)
        {
            // A typing error costs nothing and counts for nothing.
            (await server.CallAsync("folder/ls.cgi", "{}", server.Key[..^1] + (server.Key[^1] == 'a' ? 'b' : 'a'))).IsKo(HttpStatusCode.Unauthorized, 9002);
        }

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.CallAsync("folder/ls.cgi", "{}", ApiKey.New())).Status);
        }

        (await server.CallAsync("folder/ls.cgi", "{}", ApiKey.New())).IsKo(HttpStatusCode.TooManyRequests, 9004);
        (await server.CallAsync("folder/ls.cgi", "{}", fresh.Secret)).IsKo(HttpStatusCode.TooManyRequests, 9004);
        (await server.CallAsync("folder/ls.cgi", "{}")).IsOk();
        server.Clock.Advance(TimeSpan.FromSeconds(61));
        (await server.CallAsync("folder/ls.cgi", "{}", fresh.Secret)).IsOk();
    }

    [Fact]
    public async Task Uses_are_kept_coarsely_and_not_at_each_request()
    {
        var issued = await _server.AddKeyAsync(new KeyWish("used"));
        _server.Clock.Advance(TimeSpan.FromSeconds(59));
        await UseAsync("rclone/v1.75.2 (linux)");
        Assert.Equal(new KeyUse(TestServer.Start, "127.0.0.0/24", "rclone"), (await FindAsync(issued)).LastUse);

        _server.Clock.Advance(TimeSpan.FromSeconds(2));
        await UseAsync("curl/8.1 <script>");
        Assert.Equal("rclone", (await FindAsync(issued)).LastUse!.Client);
        await _server.Room<KeyUses>().FlushAsync();
        Assert.Equal(new KeyUse(TestServer.Start.AddMinutes(1), "127.0.0.0/24", "curl"), (await FindAsync(issued)).LastUse);

        async Task UseAsync(string agent)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/user/info.cgi") { Content = new StringContent("{}", null, "application/json") };
            request.Headers.TryAddWithoutValidation("User-Agent", agent);
            (await _server.SendAsync(request, issued.Secret)).IsOk();
        }
    }

    [Fact]
    public async Task A_rotated_key_ends_a_grace_after_the_first_use_of_the_new_one()
    {
        var old = await _server.AddKeyAsync(new KeyWish("ci") { Scopes = KeyScopes.Read });
        var desk = _server.Room<KeyDesk>();
        var first = (await desk.ReplaceAsync(old.Row.AccountId, Asking.Operator, old.Row.Id, TimeSpan.FromHours(2), CancellationToken.None)).Value;
        var next = (await desk.ReplaceAsync(old.Row.AccountId, Asking.Operator, old.Row.Id, TimeSpan.FromHours(1), CancellationToken.None)).Value;
        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.CallAsync("folder/ls.cgi", "{}", first.Secret)).Status);
        Assert.Equal(KeyState.Pending, (await FindAsync(next)).StateAt(TestServer.Start));

        _server.Clock.Advance(TimeSpan.FromDays(3));
        (await _server.CallAsync("folder/ls.cgi", "{}", old.Secret)).IsOk();
        (await _server.CallAsync("folder/ls.cgi", "{}", next.Secret)).IsOk();
        (await _server.CallAsync("folder/mkdir.cgi", """{"name":"n"}""", next.Secret)).IsKo(HttpStatusCode.Forbidden, 631);
        Assert.Equal(_server.Clock.GetUtcNow().AddHours(1), (await FindAsync(old)).ExpiresAt);
        Assert.Equal(KeyState.Active, (await FindAsync(next)).StateAt(_server.Clock.GetUtcNow()));

        _server.Clock.Advance(TimeSpan.FromMinutes(59));
        (await _server.CallAsync("folder/ls.cgi", "{}", old.Secret)).IsOk();
        _server.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.CallAsync("folder/ls.cgi", "{}", old.Secret)).Status);
        (await _server.CallAsync("folder/ls.cgi", "{}", next.Secret)).IsOk();
    }

    [Fact]
    public async Task A_regenerated_key_ends_at_once()
    {
        var old = await _server.AddKeyAsync(new KeyWish("ci"));
        var next = (await _server.Room<KeyDesk>().ReplaceAsync(old.Row.AccountId, Asking.Operator, old.Row.Id, grace: null, CancellationToken.None)).Value;
        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.CallAsync("folder/ls.cgi", "{}", old.Secret)).Status);
        (await _server.CallAsync("folder/ls.cgi", "{}", next.Secret)).IsOk();
        Assert.Equal("ci", next.Row.Name);
    }

    [Fact]
    public async Task No_key_makes_or_replaces_one_that_may_do_more()
    {
        var desk = _server.Room<KeyDesk>();
        var strong = (await _server.AddKeyAsync(new KeyWish("strong"))).Row;
        var weak = (await _server.AddKeyAsync(new KeyWish("weak")
        {
            Scopes = KeyScopes.Read | KeyScopes.Account,
            Networks = [IPNetwork.Parse("127.0.0.0/8")],
            CallsPerSecond = 10,
            ExpiresAt = TestServer.Start.AddDays(2),
        })).Row;
        var account = weak.AccountId;
        foreach (var wish in new KeyWish[]
        {
            new("n") { Scopes = KeyScopes.Read | KeyScopes.Write },
            new("n") { Scopes = KeyScopes.Read, Networks = [IPNetwork.Parse("0.0.0.0/0")] },
            new("n") { Scopes = KeyScopes.Read, Networks = [IPNetwork.Parse("126.0.0.0/7")] },
            new("n") { Scopes = KeyScopes.Read, CallsPerSecond = 11 },
            new("n") { Scopes = KeyScopes.Read, ExpiresAt = TestServer.Start.AddDays(3) },
        })
        {
            Assert.Equal(KoCode.NotAllowed, (await desk.MakeAsync(account, AskedBy(weak), wish, CancellationToken.None)).Fault?.Code);
        }

        Assert.Equal(KoCode.NotAllowed, (await desk.ReplaceAsync(account, AskedBy(weak), strong.Id, null, CancellationToken.None)).Fault?.Code);
        var child = (await desk.MakeAsync(account, AskedBy(weak), new KeyWish("child") { Scopes = KeyScopes.Read }, CancellationToken.None)).Value.Row;
        Assert.Equal((weak.Rights.NetworksText, 10, weak.ExpiresAt), (child.Rights.NetworksText, child.Rights.CallsPerSecond, child.ExpiresAt));
        Assert.False((await desk.ReplaceAsync(account, AskedBy(weak), weak.Id, TimeSpan.Zero, CancellationToken.None)).IsFault);
    }

    [Fact]
    public async Task What_no_key_can_be_is_refused()
    {
        var desk = _server.Room<KeyDesk>();
        var account = (await _server.AddKeyAsync(new KeyWish("a"))).Row.AccountId;
        var folder = await _server.MakeFolderAsync("f");
        foreach (var wish in new KeyWish[]
        {
            new((string?)null), new(""), new(new string('x', 101)), new("a\nb"), new("n") { Scopes = KeyScopes.None },
            new("n") { RootFolderId = folder }, new("n") { Scopes = KeyScopes.Read | KeyScopes.Remote, RootFolderId = folder },
            new("n") { CallsPerSecond = 0 }, new("n") { ExpiresAt = TestServer.Start },
            new("n") { Networks = [.. Enumerable.Range(0, 51).Select(i => IPNetwork.Parse($"192.0.2.{i}/32"))] },
        })
        {
            Assert.Equal(KoCode.BadParameter, (await desk.MakeAsync(account, Asking.Operator, wish, CancellationToken.None)).Fault?.Code);
        }

        Assert.Equal(KoCode.NoSuchFolder, (await desk.MakeAsync(account, Asking.Operator, new KeyWish("n") { Scopes = KeyScopes.Read, RootFolderId = 77 }, CancellationToken.None)).Fault?.Code);
        Assert.Equal(KoCode.BadParameter, (await desk.ReplaceAsync(account, Asking.Operator, 77, TimeSpan.FromDays(8), CancellationToken.None)).Fault?.Code);
        Assert.Equal(KoCode.NotFound, (await desk.ReplaceAsync(account, Asking.Operator, 77, TimeSpan.Zero, CancellationToken.None)).Fault?.Code);

        await using var small = await TestServer.StartAsync(("Keys:PerAccount", "2"));
        var one = await small.AddKeyAsync(new KeyWish("one"));
        Assert.Equal(KoCode.TooManyItems, (await small.Room<KeyDesk>().MakeAsync(one.Row.AccountId, Asking.Operator, new KeyWish("two"), CancellationToken.None)).Fault?.Code);
    }

    private static Asking AskedBy(KeyRow key) => new(Actor.Operator, new KeyBounds(key.Rights, key.ExpiresAt));

    private async Task<string> NewAsync(KeyScopes scopes) => (await _server.AddKeyAsync(new KeyWish("test") { Scopes = scopes })).Secret;

    private async Task<KeyRow> FindAsync(IssuedKey issued) =>
        (await _server.Room<KeyDesk>().FindAsync(issued.Row.AccountId, issued.Row.Id, CancellationToken.None)).Value;

    private async Task<string> LinkAsync(string name, byte[] bytes, long folderId = 0, string? key = null) =>
        (await _server.UploadAsync(name, bytes, folderId, key)).GetProperty("download").GetString()!;

    private Task<Answer> ChangeAsync(string link, string change, string key) =>
        _server.CallAsync("file/chattr.cgi", $$"""{"urls":["{{link}}"],{{change.AsSpan(1)}}""", key);
}
