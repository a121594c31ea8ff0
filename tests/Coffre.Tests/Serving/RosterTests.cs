using System.Net;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Keys;
using static Coffre.Tests.Serving.AccountClient;

namespace Coffre.Tests.Serving;

/// <summary>Owners, admins and members: who may change whose account.</summary>
public sealed class RosterTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync([("Ftp:Port", TestPorts.Free().ToString()), ("Ftp:RequireTls", "false")]);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Accounts_are_made_listed_shown_and_changed()
    {
        var made = await _server.CallApiAsync("POST", "accounts", new { email = Email, password = Password, tier = "gold", tier_until = TestServer.Start.AddDays(1), quota_bytes = 5 }, _server.Key);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var id = made.Json.GetProperty("id").GetInt64();
        Assert.Equal(("gold", "member", 5L, true), (Text(made, "tier"), Text(made, "role"), made.Json.GetProperty("quota_bytes").GetInt64(), made.Json.GetProperty("has_password").GetBoolean()));
        (await _server.CallApiAsync("POST", "accounts", new { email = Email.ToUpperInvariant() }, _server.Key)).IsProblem(HttpStatusCode.Conflict, "email_taken");
        (await _server.CallApiAsync("POST", "accounts", new { email = "none" }, _server.Key)).IsProblem(HttpStatusCode.BadRequest, "bad_parameter");
        (await _server.CallApiAsync("POST", "accounts", new { email = "b@example.org", role = "king" }, _server.Key)).IsProblem(HttpStatusCode.BadRequest, "bad_parameter");
        (await _server.CallApiAsync("POST", "accounts", new { email = "b@example.org", quota_bytes = -1 }, _server.Key)).IsProblem(HttpStatusCode.BadRequest, "bad_parameter");
        var changed = await ChangeAsync(id, new { tier = "free", quota_bytes = 7, role = "admin" }, _server.Key);
        Assert.Equal(("free", "admin"), (Text(changed, "tier"), Text(changed, "role")));
        (await ChangeAsync(id, new { }, _server.Key)).IsProblem(HttpStatusCode.Conflict, "nothing_changed");
        (await ChangeAsync(id, new { tier_until = TestServer.Start }, _server.Key)).IsProblem(HttpStatusCode.BadRequest, "bad_parameter");
        (await ChangeAsync(999, new { role = "admin" }, _server.Key)).IsProblem(HttpStatusCode.NotFound, "not_found");
        var first = (await _server.CallApiAsync("GET", "accounts?limit=2", bearer: _server.Key)).Json;
        var rest = (await _server.CallApiAsync("GET", "accounts?cursor=" + first.GetProperty("next").GetString(), bearer: _server.Key)).Json.GetProperty("items");
        Assert.Equal(Email, rest[0].GetProperty("email").GetString());
        Assert.Equal(changed.Text, (await _server.CallApiAsync("GET", $"accounts/{id}", bearer: _server.Key)).Text);
        Assert.Equal(["account.changed", "account.role_changed", "account.made"], await _server.EventsAsync(id));
    }

    [Fact]
    public async Task Members_see_and_change_no_account_but_their_own()
    {
        var other = await _server.AddPersonAsync("bob@example.org");
        await _server.AddPersonAsync();
        var token = await _server.SignInAsync();
        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("GET", "accounts", null), ("GET", $"accounts/{other}", null), ("POST", "accounts", new { email = "x@example.org" }), ("PATCH", $"accounts/{other}", new { role = "admin" }),
            ("GET", $"accounts/{other}/deletion", null), ("DELETE", $"accounts/{other}", null), ("GET", "audit/all", null), ("GET", "invitations", null), ("DELETE", "invitations/1", null),
        })
        {
            (await _server.CallApiAsync(method, path, body, token)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        }
    }

    [Fact]
    public async Task An_admin_changes_members_and_admins_but_no_owner_and_makes_none()
    {
        var (member, owner) = (await _server.AddPersonAsync("bob@example.org"), await OwnerAsync());
        await _server.AddPersonAsync(role: Role.Admin);
        var token = await _server.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(member, new { role = "admin" }, token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(member, new { role = "member", suspended = true }, token)).Status);
        (await ChangeAsync(member, new { role = "owner" }, token)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        (await _server.CallApiAsync("POST", "accounts", new { email = "c@example.org", role = "owner" }, token)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        foreach (var change in new object[] { new { suspended = true }, new { role = "member" }, new { quota_bytes = 0 } })
        {
            (await ChangeAsync(owner, change, token)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        }

        (await _server.CallApiAsync("DELETE", $"accounts/{owner}", bearer: token)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
    }

    [Fact]
    public async Task The_last_owner_stays_and_with_another_one_may_go()
    {
        var owner = await OwnerAsync();
        foreach (var change in new object[] { new { suspended = true }, new { role = "member" } })
        {
            (await ChangeAsync(owner, change, _server.Key)).IsProblem(HttpStatusCode.Conflict, "last_owner");
        }

        (await _server.CallApiAsync("DELETE", $"accounts/{owner}", bearer: _server.Key)).IsProblem(HttpStatusCode.Conflict, "last_owner");
        var second = await _server.AddPersonAsync(role: Role.Owner);
        await ChangeAsync(second, new { suspended = true }, _server.Key);
        (await ChangeAsync(owner, new { role = "admin" }, _server.Key)).IsProblem(HttpStatusCode.Conflict, "last_owner");
        await ChangeAsync(second, new { suspended = false }, _server.Key);
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(owner, new { role = "admin" }, _server.Key)).Status);
        (await ChangeAsync(second, new { suspended = true }, _server.Key)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
    }

    [Fact]
    public async Task A_demoted_admin_has_less_at_once_with_every_key_and_session()
    {
        var id = await _server.AddPersonAsync(role: Role.Admin);
        var token = await _server.SignInAsync();
        var key = (await _server.CallApiAsync("POST", "keys", new { name = "k", scopes = new[] { "admin", "account" } }, token)).Json.GetProperty("secret").GetString()!;
        Assert.Equal(HttpStatusCode.OK, (await _server.CallApiAsync("GET", "accounts", bearer: key)).Status);
        await ChangeAsync(id, new { role = "member" }, _server.Key);
        foreach (var bearer in new[] { token, key })
        {
            (await _server.CallApiAsync("GET", "accounts", bearer: bearer)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
            (await ChangeAsync(id, new { role = "admin" }, bearer)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
            (await _server.CallApiAsync("GET", "audit/all", bearer: bearer)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        }

        // The key keeps its scope, and has it again with the role.
        await ChangeAsync(id, new { role = "admin" }, _server.Key);
        Assert.Equal(HttpStatusCode.OK, (await _server.CallApiAsync("GET", "accounts", bearer: key)).Status);
    }

    [Fact]
    public async Task A_suspended_account_is_refused_everywhere_and_its_sessions_do_not_come_back()
    {
        var id = await _server.AddPersonAsync();
        var token = await _server.SignInAsync();
        var key = (await _server.CallApiAsync("POST", "keys", new { name = "k" }, token)).Json.GetProperty("secret").GetString()!;
        var link = (await _server.UploadAsync("f.txt", [1], key: key)).GetProperty("download").GetString()!;
        await ChangeAsync(id, new { suspended = true }, _server.Key);
        (await _server.CallAsync("folder/ls.cgi", "{}", key)).IsKo(HttpStatusCode.Forbidden, 620);
        (await _server.CallApiAsync("GET", "keys", bearer: key)).IsProblem(HttpStatusCode.Forbidden, "account_suspended");
        (await _server.CallApiAsync("GET", "keys", bearer: token)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        (await _server.TrySignInAsync()).IsProblem(HttpStatusCode.Forbidden, "account_suspended");
        (await _server.CallAsync("download/get_token.cgi", $$"""{"url":"{{link}}"}""")).IsKo(HttpStatusCode.Forbidden, 620);
        await ChangeAsync(id, new { suspended = false }, _server.Key);
        Assert.Equal(HttpStatusCode.OK, (await _server.CallApiAsync("GET", "keys", bearer: key)).Status);
        (await _server.CallApiAsync("GET", "keys", bearer: token)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        Assert.Equal([1], await _server.DownloadAsync(link));
        Assert.Equal(["account.resumed", "account.suspended"], (await _server.EventsAsync(id)).Take(2));
    }

    [Fact]
    public async Task A_key_needs_the_scope_for_it()
    {
        var narrow = (await _server.AddKeyAsync(new KeyWish("k") { Scopes = KeyScopes.All & ~KeyScopes.Admin })).Secret;
        (await _server.CallApiAsync("GET", "accounts", bearer: narrow)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
    }

    private static string Text(Answer answer, string name) => answer.Json.GetProperty(name).GetString()!;

    private Task<Answer> ChangeAsync(long id, object change, string bearer) => _server.CallApiAsync("PATCH", $"accounts/{id}", change, bearer);

    private async Task<long> OwnerAsync() =>
        (await _server.Catalog.ReadAsync(session => _server.Room<AccountTable>().FindByEmail(session, Account.OwnerEmail)!, CancellationToken.None)).Id;
}
