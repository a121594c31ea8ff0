using System.Net;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Server.Audit;
using Coffre.Server.Keys;
using Microsoft.Data.Sqlite;

namespace Coffre.Tests.Serving;

/// <summary>The audit log: what it keeps, who sees it, and that it cannot be rewritten unnoticed.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Every_event_of_a_key_is_kept_with_who_when_and_from_where()
    {
        var id = (await _server.ApiAsync("POST", "keys", """{"name":"ci"}""")).Json.GetProperty("key").GetProperty("id").GetInt64();
        await _server.ApiAsync("PATCH", $"keys/{id}", """{"name":"nightly"}""");
        _server.Clock.Advance(TimeSpan.FromMinutes(1));
        var rotated = await _server.ApiAsync("POST", $"keys/{id}/rotate", "{}");
        await _server.ApiAsync("GET", "keys/current", null, rotated.Json.GetProperty("secret").GetString());
        await _server.ApiAsync("DELETE", $"keys/{id}");
        await _server.ApiAsync("DELETE", $"keys/{id}");

        // Before them: the owner's account and its first key.
        var entries = (await ListAsync()).SkipLast(2).ToList();
        Assert.Equal(
            ["key.revoked", "key.first_used", "key.rotated", "key.renamed", "key.made", "key.first_used"], entries.Select(entry => Text(entry, "event")));
        Assert.Equal(entries.Select(entry => entry.GetProperty("no").GetInt64()), Enumerable.Range(3, 6).Reverse().Select(no => (long)no));
        var made = entries[4];
        Assert.Equal(("key", "127.0.0.1", "2026-06-01T12:00:00+00:00"), (Text(made, "actor"), Text(made, "address"), Text(made, "at")));
        Assert.Equal((id, "ci"), (made.GetProperty("detail").GetProperty("key_id").GetInt64(), Text(made.GetProperty("detail"), "name")));
        Assert.Equal("2026-06-01T12:01:00+00:00", Text(entries[2], "at"));
    }

    [Fact]
    public async Task A_key_that_is_used_from_a_network_that_is_new_is_told_once()
    {
        var issued = await _server.AddKeyAsync(new KeyWish("roaming"));
        var (uses, keys) = (_server.Room<KeyUses>(), _server.Room<KeyTable>());
        await _server.CallAsync("folder/ls.cgi", "{}", issued.Secret);
        await uses.FlushAsync();
        await _server.Catalog.WriteAsync(session => keys.AddNetwork(session, issued.Row.AccountId, issued.Row.Id, "192.0.2.0/24"), CancellationToken.None);
        Assert.False(await _server.Catalog.WriteAsync(session => keys.AddNetwork(session, issued.Row.AccountId, issued.Row.Id, "192.0.2.0/24"), CancellationToken.None));
        await _server.CallAsync("folder/ls.cgi", "{}", issued.Secret);
        await uses.FlushAsync();
        Assert.Equal(["key.first_used", "key.first_used", "key.made", "key.made", "account.made"], (await ListAsync()).Select(entry => Text(entry, "event")));
    }

    [Fact]
    public async Task Refused_attempts_are_kept_by_class_with_their_number_and_not_one_by_one()
    {
        var readOnly = (await _server.AddKeyAsync(new KeyWish("reader") { Scopes = KeyScopes.Read })).Secret;
        for (var i = 0; i < 7; i++)
        {
            await _server.CallAsync("folder/ls.cgi", "{}", ApiKey.New());
            await _server.CallAsync("folder/mkdir.cgi", """{"name":"n"}""", readOnly);
            await _server.CallAsync("folder/ls.cgi", """{"folder_id":77}""");
        }

        await _server.Room<Refusals>().FlushAsync();
        var refused = (await ListAllAsync()).Where(entry => Text(entry, "event") == "refused").ToDictionary(entry => Text(entry.GetProperty("detail"), "what"));
        Assert.Equal(["not_allowed", "not_authenticated"], refused.Keys.Order());
        Assert.All(refused.Values, entry => Assert.Equal((7, "127.0.0.0"), (entry.GetProperty("detail").GetProperty("count").GetInt32(), Text(entry, "address"))));
        Assert.Equal(("stranger", "key"), (Text(refused["not_authenticated"], "actor"), Text(refused["not_allowed"], "actor")));
    }

    [Fact]
    public async Task A_flood_of_classes_is_kept_as_a_number()
    {
        var refusals = _server.Room<Refusals>();
        for (var i = 0; i < 1500; i++)
        {
            refusals.Note(new Coffre.Server.Door.Fault(KoCode.NotAuthenticated), new Actor(ActorKind.Stranger, Address: new IPAddress([10, (byte)(i >> 8), (byte)i, 1])));
        }

        await refusals.FlushAsync();
        var entries = await _server.Catalog.ReadAsync(session => _server.Room<AuditTable>().ReadAll(session).ToList(), CancellationToken.None);
        Assert.Equal(2 + 1001, entries.Count);
        Assert.Contains("\"what\":\"others\",\"count\":500", entries[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_see_nothing_of_it_and_admins_all()
    {
        var member = await _server.AddAccountAsync("member@example.org", 1 << 20);
        await _server.ApiAsync("POST", "keys", """{"name":"of the owner"}""");
        await _server.ApiAsync("POST", "keys", """{"name":"of the member"}""", member);
        var seen = (await _server.ApiAsync("GET", "audit", null, member)).Text;
        Assert.Contains("of the member", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("of the owner", seen, StringComparison.Ordinal);
        (await _server.ApiAsync("GET", "audit/all", null, member)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        var all = (await _server.ApiAsync("GET", "audit/all")).Text;
        Assert.Contains("of the member", all, StringComparison.Ordinal);
        Assert.Contains("of the owner", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_was_taken_back_leaves_no_entry()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _server.Catalog.WriteAsync<bool>(
            session =>
            {
                _server.Room<AuditTable>().Add(session, new AuditEvent(AuditEvents.KeyMade, Actor.Operator, 1));
                throw new InvalidOperationException();
            },
            CancellationToken.None));
        Assert.Equal(["key.made", "account.made"], (await ListAllAsync()).Select(entry => Text(entry, "event")));
    }

    [Fact]
    public async Task The_catalog_itself_refuses_to_change_or_delete_entries()
    {
        await MakeEntriesAsync();
        foreach (var sql in new[] { "update audit set body = '{}' where no = 1", "delete from audit" })
        {
            var refused = await Assert.ThrowsAsync<SqliteException>(() => _server.Catalog.WriteAsync(session => session.Execute(sql), CancellationToken.None));
            Assert.Contains("only added to", refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("update audit set body = replace(body, 'k2', 'k9') where no = 4", "entry 4 was changed")]
    [InlineData("update audit set account_id = 1 where no = 4", "entry 4 stands in another place")]
    [InlineData("delete from audit where no = 4", "entry 4 is missing")]
    [InlineData("delete from audit where no = 1", "entry 1 is missing")]
    [InlineData("delete from audit where no = 4; update audit set no = 4 where no = 5", "entry 4 was changed")]
    [InlineData("update audit set mac = zeroblob(32) where no = 5", "entry 5 was changed")]
    public async Task Whoever_writes_into_the_database_is_found_out(string sql, string trouble)
    {
        await MakeEntriesAsync();
        Assert.Null(await VerifyAsync());
        await _server.Catalog.WriteAsync(
            session => session.Execute("drop trigger audit_is_not_changed; drop trigger audit_is_not_deleted; " + sql), CancellationToken.None);
        Assert.StartsWith(trouble, await VerifyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exported_line_is_read_back_as_it_was()
    {
        await _server.AddKeyAsync(new KeyWish("ünïcode \" \\ <b>"));
        var entries = await _server.Catalog.ReadAsync(session => _server.Room<AuditTable>().ReadAll(session).ToList(), CancellationToken.None);
        var read = AuditEntry.FromLine(entries[^1].ToLine())!;
        Assert.Equal((entries[^1].Body, Convert.ToHexString(entries[^1].Mac), entries[^1].AccountId), (read.Body, Convert.ToHexString(read.Mac), read.AccountId));
        foreach (var line in new[] { "", "x", "{}", "[]", """{"mac":"zz","entry":{"no":1}}""", """{"mac":1,"entry":{"no":1}}""", """{"mac":"00","entry":1}""" })
        {
            Assert.Null(AuditEntry.FromLine(line));
        }
    }

    private async Task MakeEntriesAsync()
    {
        foreach (var name in new[] { "k1", "k2", "k3" })
        {
            await _server.AddKeyAsync(new KeyWish(name));
        }
    }

    private ValueTask<string?> VerifyAsync() =>
        _server.Catalog.ReadAsync(
            session =>
            {
                var chain = new AuditChain(_server.Room<AuditSecret>());
                return _server.Room<AuditTable>().ReadAll(session).Select(chain.Follow).FirstOrDefault(trouble => trouble is not null);
            },
            CancellationToken.None);

    private async Task<IEnumerable<JsonElement>> ListAsync() => (await _server.ApiAsync("GET", "audit")).Json.GetProperty("items").EnumerateArray();

    private async Task<IEnumerable<JsonElement>> ListAllAsync() =>
        (await _server.ApiAsync("GET", "audit/all")).Json.GetProperty("items").EnumerateArray().Where(entry => Text(entry, "event") != "key.first_used");

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
