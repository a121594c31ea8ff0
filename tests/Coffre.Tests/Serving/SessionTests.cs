using System.Net;
using System.Text;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using Coffre.Server.Api;
using Coffre.Server.Keys;
using static Coffre.Tests.Serving.AccountClient;

namespace Coffre.Tests.Serving;

/// <summary>Signing in with a password, and what a session may do.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task Whoever_signs_in_gets_a_token_that_opens_the_native_api_and_nothing_else()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var answer = await server.TrySignInAsync();
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var token = answer.Json.GetProperty("token").GetString()!;
        Assert.True(SecretText.IsWellFormed(token, SecretText.Session));
        Assert.True(answer.Json.GetProperty("session").GetProperty("is_current").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "keys", bearer: token)).Status);
        var made = await server.CallApiAsync("POST", "keys", new { name = "mine" }, token);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.DoesNotContain("admin", made.Text, StringComparison.Ordinal);
        (await server.CallAsync("folder/ls.cgi", "{}", token)).IsKo(HttpStatusCode.Unauthorized, 247);
        Assert.Equal(["key.made", "session.started"], await server.EventsAsync(account));
        Assert.Equal("session", (await server.EntriesAsync(account))[0].GetProperty("actor").GetString());
        Assert.DoesNotContain(server.Log.All, line => line.Contains(token, StringComparison.Ordinal) || line.Contains(Password, StringComparison.Ordinal));
        Assert.DoesNotContain(token, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(server.Folder, "catalog.db-wal"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_account_one_without_a_password_and_a_wrong_password_are_told_alike()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddPersonAsync();
        await server.AddAccountAsync("keys@example.org", 1_000_000);
        var answers = new[]
        {
            await server.TrySignInAsync(password: "wrong password"), await server.TrySignInAsync("nobody@example.org"), await server.TrySignInAsync("keys@example.org"),
            await server.TrySignInAsync(password: new string('x', 2000)), await server.TrySignInAsync(Account.GuestEmail),
        };
        Assert.All(answers, answer => answer.IsProblem(HttpStatusCode.Unauthorized, "wrong_password"));
        Assert.Single(answers.Select(answer => answer.Json.GetProperty("title").GetString()).Distinct());
        Assert.All(answers, answer => Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString()));
    }

    [Fact]
    public async Task Wrong_passwords_wait_longer_each_time_and_keep_nobody_else_out()
    {
        await using var server = await TestServer.StartAsync(("Limits:TrustedProxies", "127.0.0.1"));
        await server.AddPersonAsync();
        const string Attacker = "203.0.113.1";
        var waits = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            var tried = await server.TrySignInAsync(password: "wrong password", from: Attacker);
            if (tried.Status == HttpStatusCode.TooManyRequests)
            {
                waits.Add(tried.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
                server.Clock.Advance(tried.Headers.RetryAfter!.Delta!.Value);
            }
        }

        Assert.Equal([1, 2, 4], waits.Take(3));
        await server.TrySignInAsync(password: "wrong password", from: Attacker);
        (await server.TrySignInAsync(from: Attacker)).IsProblem(HttpStatusCode.TooManyRequests, "too_many_sign_ins");
        Assert.Equal(HttpStatusCode.Created, (await server.TrySignInAsync(from: "198.51.100.7")).Status);

        // And in the attacker's own network others still sign in.
        await server.AddPersonAsync("bob@example.org");
        Assert.Equal(HttpStatusCode.Created, (await server.TrySignInAsync("bob@example.org", from: Attacker)).Status);
    }

    [Fact]
    public async Task An_address_that_tries_many_accounts_waits()
    {
        await using var server = await TestServer.StartAsync(("Accounts:FailuresByAddress", "4"));
        for (var i = 0; i < 4; i++)
        {
            (await server.TrySignInAsync($"u{i}@example.org")).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        }

        (await server.TrySignInAsync("u9@example.org")).IsProblem(HttpStatusCode.TooManyRequests, "too_many_sign_ins");
    }

    [Fact]
    public async Task More_sign_ins_than_may_wait_are_refused_without_a_digest()
    {
        await using var server = await TestServer.StartAsync(("Accounts:SignInsAtOnce", "1"), ("Accounts:SignInsWaiting", "2"), ("Accounts:FailuresByAddress", "1000"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => server.TrySignInAsync($"u{i}@example.org")));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.TooManyRequests);
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one_or_all_but_one()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var (first, second, third) = (await server.SignInAsync(), await server.SignInAsync(), await server.SignInAsync());
        var listed = (await server.CallApiAsync("GET", "sessions?limit=2", bearer: second)).Json;
        Assert.Equal([false, true], listed.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("is_current").GetBoolean()));
        var rest = (await server.CallApiAsync("GET", "sessions?cursor=" + listed.GetProperty("next").GetString(), bearer: second)).Json.GetProperty("items");
        Assert.Equal("127.0.0.0/24", rest[0].GetProperty("last_used").GetProperty("network").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("DELETE", $"sessions/{rest[0].GetProperty("id").GetInt64()}", bearer: second)).Status);
        (await server.CallApiAsync("GET", "keys", bearer: first)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        Assert.Equal(1, (await server.CallApiAsync("POST", "sessions/end-others", bearer: second)).Json.GetProperty("ended").GetInt32());
        (await server.CallApiAsync("GET", "keys", bearer: third)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("DELETE", "sessions/current", bearer: second)).Status);
        (await server.CallApiAsync("GET", "keys", bearer: second)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        Assert.Equal(["session.ended", "session.others_ended", "session.ended"], (await server.EventsAsync(account)).Take(3));
    }

    [Fact]
    public async Task Nobody_ends_or_sees_the_session_of_another()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddPersonAsync();
        await server.AddPersonAsync("bob@example.org");
        var (ann, bob) = (await server.SignInAsync(), await server.SignInAsync("bob@example.org"));
        var id = (await server.CallApiAsync("GET", "sessions/current", bearer: ann)).Json.GetProperty("id").GetInt64();
        (await server.CallApiAsync("DELETE", $"sessions/{id}", bearer: bob)).IsProblem(HttpStatusCode.NotFound, "not_found");
        Assert.Single((await server.CallApiAsync("GET", "sessions", bearer: bob)).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_session_ends_when_it_is_not_used_and_at_the_latest_at_its_end()
    {
        await using var server = await TestServer.StartAsync(("Sessions:IdleSeconds", "3600"), ("Sessions:MostSeconds", "7200"));
        await server.AddPersonAsync();
        var (idle, used) = (await server.SignInAsync(), await server.SignInAsync());
        for (var i = 0; i < 3; i++)
        {
            server.Clock.Advance(TimeSpan.FromMinutes(35));
            Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "sessions/current", bearer: used)).Status);
        }

        (await server.CallApiAsync("GET", "sessions/current", bearer: idle)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        server.Clock.Advance(TimeSpan.FromMinutes(16));
        (await server.CallApiAsync("GET", "sessions/current", bearer: used)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
    }

    [Fact]
    public async Task An_account_has_so_many_sessions_and_the_least_recent_goes_first()
    {
        await using var server = await TestServer.StartAsync(("Sessions:PerAccount", "2"));
        await server.AddPersonAsync();
        var tokens = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            tokens.Add(await server.SignInAsync());
            server.Clock.Advance(TimeSpan.FromMinutes(2));
        }

        (await server.CallApiAsync("GET", "keys", bearer: tokens[0])).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        Assert.All(tokens.Skip(1), token => Assert.Equal(HttpStatusCode.OK, server.CallApiAsync("GET", "keys", bearer: token).GetAwaiter().GetResult().Status));
    }

    [Fact]
    public async Task A_session_is_fresh_for_five_minutes_and_again_after_the_password()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var token = await server.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("POST", "account/two-step", bearer: token)).Status);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await server.CallApiAsync("POST", "account/two-step", bearer: token)).IsProblem(HttpStatusCode.Forbidden, "confirmation_needed");
        (await server.CallApiAsync("POST", "sessions/current/confirm", new { password = "wrong password" }, token)).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        (await server.CallApiAsync("POST", "account/two-step", bearer: token)).IsProblem(HttpStatusCode.Forbidden, "confirmation_needed");
        var confirmed = await server.CallApiAsync("POST", "sessions/current/confirm", new { password = Password }, token);
        Assert.Equal(TestServer.Start.AddMinutes(10), confirmed.Json.GetProperty("fresh_until").GetDateTimeOffset());
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("POST", "account/two-step", bearer: token)).Status);
        Assert.Contains("session.confirmed", await server.EventsAsync(account));
    }

    [Fact]
    public async Task A_key_is_no_session()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var path in new[] { "account/two-step", "sessions/current/confirm", "account/two-step/recovery-codes" })
        {
            (await server.CallApiAsync("POST", path, path.EndsWith("confirm", StringComparison.Ordinal) ? new { password = "x" } : null, server.Key)).IsProblem(HttpStatusCode.Forbidden, "session_needed");
        }

        var narrow = (await server.AddKeyAsync(new KeyWish("narrow") { Scopes = KeyScopes.Files })).Secret;
        (await server.CallApiAsync("GET", "sessions", bearer: narrow)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
    }

    [Fact]
    public async Task A_session_acts_with_the_role_that_its_account_has_now()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync(role: Role.Admin);
        var token = await server.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "audit/all", bearer: token)).Status);
        await SetAsync(server, session => server.Room<AccountTable>().SetRole(session, account, Role.Member));
        (await server.CallApiAsync("GET", "audit/all", bearer: token)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "keys", bearer: token)).Status);
    }

    [Fact]
    public async Task A_suspended_account_is_refused_with_a_session_and_at_sign_in()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var token = await server.SignInAsync();
        await SetAsync(server, session => server.Room<AccountTable>().Update(session, account, 1000, suspended: true));
        (await server.CallApiAsync("GET", "keys", bearer: token)).IsProblem(HttpStatusCode.Forbidden, "account_suspended");
        (await server.TrySignInAsync()).IsProblem(HttpStatusCode.Forbidden, "account_suspended");
        (await server.TrySignInAsync(password: "wrong password")).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
    }

    [Fact]
    public async Task A_cookie_is_worth_nothing_anywhere()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddPersonAsync();
        var token = await server.SignInAsync();
        foreach (var route in server.Operations.Where(route => route.Right != ApiRight.Anyone))
        {
            var request = RequestOf(route);
            request.Headers.Add("Cookie", $"session={token}; token={token}; Authorization=Bearer {token}; key={server.Key}");
            var answer = await server.SendAsync(request, "");
            answer.IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    private static Task<bool> SetAsync(TestServer server, Action<Coffre.Server.Catalog.CatalogSession> change) =>
        server.Catalog.WriteAsync(
            session =>
            {
                change(session);
                return true;
            },
            CancellationToken.None);
}
