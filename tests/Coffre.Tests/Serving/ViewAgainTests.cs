using System.Net;
using System.Text;
using Coffre.Server.Keys;

namespace Coffre.Tests.Serving;

/// <summary>The one key that an account may see again: only where the operator allows it, only after the password, never unnoticed.</summary>
public sealed class ViewAgainTests
{
    [Fact]
    public async Task The_key_is_made_seen_again_and_replaced_and_each_view_is_kept()
    {
        await using var server = await TestServer.StartAsync(("Keys:ViewAgain", "true"));
        var account = await server.AddPersonAsync();
        var session = await server.SignInAsync();
        (await server.CallApiAsync("GET", "account/key", bearer: session)).IsProblem(HttpStatusCode.NotFound, "not_found");

        var made = await server.CallApiAsync("POST", "account/key", bearer: session);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var secret = made.Json.GetProperty("secret").GetString()!;
        (await server.CallAsync("folder/ls.cgi", "{}", secret)).IsOk();
        var viewed = await server.CallApiAsync("GET", "account/key", bearer: session);
        Assert.Equal((HttpStatusCode.OK, secret, "no-store"), (viewed.Status, viewed.Json.GetProperty("secret").GetString(), viewed.Headers.CacheControl?.ToString()));

        var next = (await server.CallApiAsync("POST", "account/key", bearer: session)).Json.GetProperty("secret").GetString()!;
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.CallAsync("folder/ls.cgi", "{}", secret)).Status);
        Assert.Equal(next, (await server.CallApiAsync("GET", "account/key", bearer: session)).Json.GetProperty("secret").GetString());
        Assert.Equal(2, (await server.EventsAsync(account)).Count(name => name == "key.viewed"));
        Assert.DoesNotContain(next[4..26], string.Concat((await server.EntriesAsync()).Select(entry => entry.GetRawText())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_a_key_nor_a_session_that_is_not_fresh_sees_it()
    {
        await using var server = await TestServer.StartAsync(("Keys:ViewAgain", "true"));
        await server.AddPersonAsync();
        var session = await server.SignInAsync();
        var secret = (await server.CallApiAsync("POST", "account/key", bearer: session)).Json.GetProperty("secret").GetString()!;
        foreach (var method in new[] { "GET", "POST" })
        {
            (await server.CallApiAsync(method, "account/key", bearer: secret)).IsProblem(HttpStatusCode.Forbidden, "session_needed");
            (await server.CallApiAsync(method, "account/key")).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        }

        server.Clock.Advance(TimeSpan.FromMinutes(6));
        (await server.CallApiAsync("GET", "account/key", bearer: session)).IsProblem(HttpStatusCode.Forbidden, "confirmation_needed");
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("POST", "sessions/current/confirm", new { password = AccountClient.Password }, session)).Status);
        Assert.Equal(secret, (await server.CallApiAsync("GET", "account/key", bearer: session)).Json.GetProperty("secret").GetString());
    }

    [Fact]
    public async Task Where_it_is_off_there_is_none_and_what_was_sealed_before_is_forgotten()
    {
        using var folder = new Storage.TestFolder();
        string secret;
        await using (var open = await TestServer.StartAsync(folder.Path, ("Keys:ViewAgain", "true")))
        {
            await open.AddPersonAsync();
            secret = (await open.CallApiAsync("POST", "account/key", bearer: await open.SignInAsync())).Json.GetProperty("secret").GetString()!;
        }

        await using (var closed = await TestServer.StartAsync(folder.Path))
        {
            var session = await closed.SignInAsync();
            (await closed.CallApiAsync("GET", "account/key", bearer: session)).IsProblem(HttpStatusCode.Forbidden, "view_again_off");
            (await closed.CallApiAsync("POST", "account/key", bearer: session)).IsProblem(HttpStatusCode.Forbidden, "view_again_off");
            (await closed.CallAsync("folder/ls.cgi", "{}", secret)).IsOk();
        }

        await using var again = await TestServer.StartAsync(folder.Path, ("Keys:ViewAgain", "true"));
        (await again.CallApiAsync("GET", "account/key", bearer: await again.SignInAsync())).IsProblem(HttpStatusCode.NotFound, "not_found");
    }

    [Fact]
    public async Task Database_and_pepper_together_do_not_tell_the_key()
    {
        await using var server = await TestServer.StartAsync(("Keys:ViewAgain", "true"));
        var account = await server.AddPersonAsync();
        var secret = (await server.CallApiAsync("POST", "account/key", bearer: await server.SignInAsync())).Json.GetProperty("secret").GetString()!;
        var kept = (await server.Catalog.ReadAsync(session => server.Room<KeyTable>().FindSealed(session, account), CancellationToken.None))!;
        Assert.DoesNotContain(secret, Encoding.Latin1.GetString(kept.Box), StringComparison.Ordinal);

        var pepper = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "secrets", "pepper"));
        var own = await File.ReadAllBytesAsync(Path.Combine(server.Folder, "secrets", "view-again"));
        var purpose = $"view key {kept.Row.Id}";
        Assert.Equal(secret, Encoding.ASCII.GetString(new Coffre.Server.Sessions.SecretBox(own).Open(kept.Box, account, purpose)));
        foreach (var (key, who, what) in new[] { (pepper, account, purpose), (own, account + 1, purpose), (own, account, "view key 1") })
        {
            Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => new Coffre.Server.Sessions.SecretBox(key).Open(kept.Box, who, what));
        }
    }
}
