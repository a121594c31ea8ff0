using System.Net;
using System.Text.Json;
using Coffre.Protocol;
using Coffre.Server.Keys;

namespace Coffre.Tests.Serving;

/// <summary><c>/api/keys</c>: the life of a key, as programs drive it.</summary>
public sealed class KeyApiTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_key_is_made_shown_without_itself_renamed_and_revoked()
    {
        var made = await _server.ApiAsync("POST", "keys", """{"name":"ci","scopes":["read","write"],"networks":["127.0.0.0/8"],"calls_per_second":50,"expires_at":"2026-07-01T00:00:00Z"}""");
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("no-store", made.Headers.CacheControl?.ToString());
        var (secret, id) = (made.Json.GetProperty("secret").GetString()!, IdOf(made));
        Assert.True(ApiKey.IsWellFormed(secret));
        (await _server.CallAsync("folder/ls.cgi", "{}", secret)).IsOk();

        var shown = await _server.ApiAsync("GET", $"keys/{id}");
        Assert.Equal(
            ("ci", $"cof_…{secret[^4..]}", "active", 50, "2026-07-01T00:00:00+00:00"),
            (Text(shown.Json, "name"), Text(shown.Json, "hint"), Text(shown.Json, "state"), shown.Json.GetProperty("calls_per_second").GetInt32(), Text(shown.Json, "expires_at")));
        Assert.Equal(["read", "write"], shown.Json.GetProperty("scopes").EnumerateArray().Select(word => word.GetString()!));
        Assert.Equal("127.0.0.0/8", shown.Json.GetProperty("networks")[0].GetString());
        Assert.Equal("127.0.0.0/24", shown.Json.GetProperty("last_used").GetProperty("network").GetString());
        foreach (var answer in new[] { shown, await _server.ApiAsync("GET", "keys"), await _server.ApiAsync("GET", "audit") })
        {
            Assert.DoesNotContain(secret[4..26], answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal("nightly", Text((await _server.ApiAsync("PATCH", $"keys/{id}", """{"name":"nightly"}""")).Json, "name"));
        var revoked = await _server.ApiAsync("DELETE", $"keys/{id}");
        Assert.Equal((HttpStatusCode.OK, "revoked"), (revoked.Status, Text(revoked.Json, "state")));
        (await _server.CallAsync("folder/ls.cgi", "{}", secret)).IsKo(HttpStatusCode.Unauthorized, 247);
        Assert.Equal(revoked.Text, (await _server.ApiAsync("DELETE", $"keys/{id}")).Text);
    }

    [Fact]
    public async Task A_key_made_without_wishes_may_do_what_its_maker_may_and_no_more()
    {
        var maker = (await _server.AddKeyAsync(new KeyWish("maker") { Scopes = KeyScopes.Read | KeyScopes.Account, ExpiresAt = TestServer.Start.AddDays(2) })).Secret;
        var made = await _server.ApiAsync("POST", "keys", """{"name":"child"}""", maker);
        Assert.Equal(["read", "account"], made.Json.GetProperty("key").GetProperty("scopes").EnumerateArray().Select(word => word.GetString()!));
        Assert.Equal("2026-06-03T12:00:00+00:00", Text(made.Json.GetProperty("key"), "expires_at"));
        (await _server.ApiAsync("POST", "keys", """{"name":"child","scopes":["read","write"]}""", maker)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        (await _server.ApiAsync("GET", "audit/all", null, made.Json.GetProperty("secret").GetString())).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
    }

    [Fact]
    public async Task A_member_gets_no_key_that_a_promotion_would_make_an_admins()
    {
        var member = await _server.AddAccountAsync("member@example.org", 1 << 20);
        var made = await _server.ApiAsync("POST", "keys", """{"name":"n"}""", member);
        Assert.DoesNotContain("admin", made.Json.GetProperty("key").GetProperty("scopes").EnumerateArray().Select(word => word.GetString()));
        (await _server.ApiAsync("POST", "keys", """{"name":"n","scopes":["admin"]}""", member)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        (await _server.ApiAsync("GET", "audit/all", null, member)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");

        // One from before, that says more than its account may, still replaces itself.
        var rotated = await _server.ApiAsync("POST", "keys/current/rotate", "{}", member);
        Assert.DoesNotContain("admin", rotated.Json.GetProperty("key").GetProperty("scopes").EnumerateArray().Select(word => word.GetString()));
    }

    [Fact]
    public async Task A_key_is_rotated_with_an_overlap_that_can_be_ended_early()
    {
        var old = await _server.AddKeyAsync(new KeyWish("ci"));
        var rotated = await _server.ApiAsync("POST", "keys/current/rotate", """{"grace_seconds":7200}""", old.Secret);
        Assert.Equal(HttpStatusCode.Created, rotated.Status);
        var next = rotated.Json.GetProperty("secret").GetString()!;
        Assert.Equal(("pending", 7200, old.Row.Id), (
            Text(rotated.Json.GetProperty("key"), "state"), rotated.Json.GetProperty("key").GetProperty("grace_seconds").GetInt32(),
            rotated.Json.GetProperty("key").GetProperty("replaces").GetInt64()));
        Assert.False((await ShowAsync(old.Row.Id)).TryGetProperty("expires_at", out _));

        Assert.Equal("active", Text((await _server.ApiAsync("GET", "keys/current", null, next)).Json, "state"));
        Assert.Equal("2026-06-01T14:00:00+00:00", Text(await ShowAsync(old.Row.Id), "expires_at"));
        (await _server.CallAsync("folder/ls.cgi", "{}", old.Secret)).IsOk();
        await _server.ApiAsync("DELETE", $"keys/{old.Row.Id}", null, next);
        (await _server.CallAsync("folder/ls.cgi", "{}", old.Secret)).IsKo(HttpStatusCode.Unauthorized, 247);
        (await _server.CallAsync("folder/ls.cgi", "{}", next)).IsOk();

        var again = await _server.ApiAsync("POST", "keys/current/regenerate", null, next);
        (await _server.CallAsync("folder/ls.cgi", "{}", next)).IsKo(HttpStatusCode.Unauthorized, 247);
        (await _server.CallAsync("folder/ls.cgi", "{}", again.Json.GetProperty("secret").GetString())).IsOk();
    }

    [Fact]
    public async Task A_key_that_ends_replaces_none_that_lives_longer()
    {
        var lasting = (await _server.AddKeyAsync(new KeyWish("lasting") { Scopes = KeyScopes.Read })).Row.Id;
        var ending = (await _server.AddKeyAsync(new KeyWish("ending") { Scopes = KeyScopes.Read | KeyScopes.Account, ExpiresAt = TestServer.Start.AddDays(1) })).Secret;
        foreach (var verb in new[] { "rotate", "regenerate" })
        {
            (await _server.ApiAsync("POST", $"keys/{lasting}/{verb}", verb == "rotate" ? "{}" : null, ending)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        }

        Assert.Equal(HttpStatusCode.Created, (await _server.ApiAsync("POST", "keys/current/rotate", "{}", ending)).Status);
    }

    [Fact]
    public async Task Whoever_holds_keys_ends_them_without_being_known()
    {
        var (one, two, three) = (await NewAsync(), await NewAsync(), await NewAsync());
        Assert.Equal(1, (await RevokeAsync(one)).Json.GetProperty("revoked").GetInt32());
        (await _server.CallAsync("folder/ls.cgi", "{}", one)).IsKo(HttpStatusCode.Unauthorized, 247);
        Assert.Equal(2, (await RevokeAsync(one, two, "nonsense", three, three, ApiKey.New(), "")).Json.GetProperty("revoked").GetInt32());
        Assert.Equal(0, (await RevokeAsync(three)).Json.GetProperty("revoked").GetInt32());
        (await _server.CallAsync("folder/ls.cgi", "{}")).IsOk();

        var told = (await _server.ApiAsync("GET", "audit?limit=4")).Json.GetProperty("items").EnumerateArray().Skip(1).ToList();
        Assert.All(told, entry => Assert.Equal(("key.revoked_by_holder", "stranger", "127.0.0.1"), (Text(entry, "event"), Text(entry, "actor"), Text(entry, "address"))));
        foreach (var body in new[] { "{}", """{"keys":[]}""", """{"keys":"x"}""", """{"keys":[null]}""", $$"""{"keys":[{{string.Join(',', Enumerable.Repeat("\"x\"", 1001))}}]}""" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await _server.ApiAsync("POST", "keys/revoke", body, "")).Status);
        }
    }

    [Fact]
    public async Task Strangers_who_send_keys_that_are_none_have_to_wait()
    {
        await using var server = await TestServer.StartAsync(("Keys:FailuresByAddress", "2"), ("Keys:FailureSeconds", "60"));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await server.ApiAsync("POST", "keys/revoke", $$"""{"keys":["{{ApiKey.New()}}"]}""", "")).Status);
        }

        var late = await server.ApiAsync("POST", "keys/revoke", $$"""{"keys":["{{server.Key}}"]}""", "");
        late.IsProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
        Assert.Equal(60, late.Headers.RetryAfter?.Delta?.TotalSeconds);
        server.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, (await server.ApiAsync("POST", "keys/revoke", $$"""{"keys":["{{server.Key}}"]}""", "")).Json.GetProperty("revoked").GetInt32());
    }

    [Fact]
    public async Task Keys_are_listed_page_by_page_the_newest_first()
    {
        for (var i = 0; i < 4; i++)
        {
            await _server.AddKeyAsync(new KeyWish($"k{i}"));
        }

        var (names, cursor) = (new List<string>(), "");
        do
        {
            var page = (await _server.ApiAsync("GET", "keys?limit=2" + cursor)).Json;
            names.AddRange(page.GetProperty("items").EnumerateArray().Select(item => Text(item, "name")));
            cursor = page.TryGetProperty("next", out var next) ? "&cursor=" + next.GetString() : "";
        }
        while (cursor.Length > 0);
        Assert.Equal(["k3", "k2", "k1", "k0", "first key"], names);
    }

    [Fact]
    public async Task Keys_of_others_are_not_there()
    {
        var (stranger, own) = (await _server.AddAccountAsync("other@example.org", 1 << 20), (await _server.AddKeyAsync(new KeyWish("mine"))).Row.Id);
        foreach (var (method, path, body) in new[]
        {
            ("GET", $"keys/{own}", null), ("PATCH", $"keys/{own}", """{"name":"n"}"""), ("DELETE", $"keys/{own}", null),
            ("POST", $"keys/{own}/regenerate", null), ("POST", $"keys/{own}/rotate", "{}"),
        })
        {
            (await _server.ApiAsync(method, path, body, stranger)).IsProblem(HttpStatusCode.NotFound, "not_found");
        }

        Assert.DoesNotContain("mine", (await _server.ApiAsync("GET", "keys", null, stranger)).Text, StringComparison.Ordinal);
        Assert.Equal("active", Text(await ShowAsync(own), "state"));
    }

    [Theory]
    [InlineData("POST", "keys", "{}", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":""}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","scopes":[]}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","scopes":["root"]}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","scopes":[null]}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","networks":["10.0.0.0"]}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","networks":[null]}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","calls_per_second":0}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","expires_at":"2020-01-01T00:00:00Z"}""", "bad_parameter")]
    [InlineData("POST", "keys", """{"name":"n","expires_at":"tomorrow"}""", "malformed_body")]
    [InlineData("POST", "keys", """{"name":"n","unknown":1}""", "malformed_body")]
    [InlineData("POST", "keys", """{"name":"n"}{}""", "malformed_body")]
    [InlineData("POST", "keys", "[]", "malformed_body")]
    [InlineData("POST", "keys", """{"name":"n","root_folder_id":77,"scopes":["read"]}""", "no_such_folder")]
    [InlineData("POST", "keys/77/rotate", """{"grace_seconds":-1}""", "bad_parameter")]
    [InlineData("POST", "keys/77/rotate", """{"grace_seconds":604801}""", "bad_parameter")]
    [InlineData("POST", "keys/77/rotate", "{}", "not_found")]
    [InlineData("GET", "keys/77", null, "not_found")]
    [InlineData("GET", "keys/x", null, "not_found")]
    [InlineData("GET", "keys/-1", null, "not_found")]
    [InlineData("GET", "keys/99999999999999999999", null, "not_found")]
    [InlineData("GET", "keys?limit=0", null, "bad_parameter")]
    [InlineData("GET", "keys?limit=1001", null, "bad_parameter")]
    [InlineData("GET", "keys?cursor=x", null, "bad_parameter")]
    [InlineData("GET", "nothing", null, "no_such_call")]
    [InlineData("PUT", "keys", "{}", "method_not_allowed")]
    public async Task What_cannot_be_is_refused_with_its_reason(string method, string path, string? body, string code)
    {
        var answer = await _server.ApiAsync(method, path, body);
        answer.IsProblem(answer.Status, code);
        Assert.InRange((int)answer.Status, 400, 499);
        Assert.Empty(_server.Log.Troubles);
    }

    [Fact]
    public async Task A_body_that_is_not_said_to_be_json_is_refused()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/keys") { Content = new StringContent("""{"name":"n"}""") };
        (await _server.SendAsync(request)).IsProblem(HttpStatusCode.BadRequest, "content_type_not_json");
    }

    private async Task<string> NewAsync() => (await _server.AddKeyAsync(new KeyWish("test"))).Secret;

    private async Task<JsonElement> ShowAsync(long id) => (await _server.ApiAsync("GET", $"keys/{id}")).Json;

    private Task<Answer> RevokeAsync(params string[] keys) => _server.ApiAsync("POST", "keys/revoke", JsonSerializer.Serialize(new { keys }), "");

    private static long IdOf(Answer made) => made.Json.GetProperty("key").GetProperty("id").GetInt64();

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
