using System.Net;
using System.Text;
using Coffre.Server.Accounts;
using Coffre.Server.Api;
using Coffre.Server.Catalog;
using Coffre.Server.Sessions;
using static Coffre.Tests.Serving.AccountClient;

namespace Coffre.Tests.Serving;

/// <summary>A code beside the password.</summary>
public sealed class TwoStepTests
{
    /// <summary>RFC 6238, appendix B, SHA-1: the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_rfc(long seconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        var now = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.Equal(code, Totp.Code(secret, Totp.StepAt(now)));
        Assert.Equal(Totp.StepAt(now), Totp.FindStep(secret, code, now, lastTaken: 0));
        Assert.NotNull(Totp.FindStep(secret, code, now.AddSeconds(30), lastTaken: 0));
        Assert.NotNull(Totp.FindStep(secret, code, now.AddSeconds(-30), lastTaken: 0));
        Assert.Null(Totp.FindStep(secret, code, now.AddSeconds(60), lastTaken: 0));
        Assert.Null(Totp.FindStep(secret, code, now, lastTaken: Totp.StepAt(now)));
        Assert.Null(Totp.FindStep(secret, "", now, lastTaken: 0));
    }

    [Fact]
    public void A_secret_is_written_as_apps_read_it()
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        Assert.Equal("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", Totp.ToText(secret));
        Assert.Equal("MZXW6YQ", Totp.ToText("foob"u8));
        Assert.Equal(
            "otpauth://totp/Coffre%20h:a%40b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Coffre%20h&algorithm=SHA1&digits=6&period=30",
            Totp.ToUri(secret, "a@b", "Coffre h"));
    }

    [Fact]
    public void A_box_opens_for_the_account_and_purpose_that_it_was_sealed_for_and_only_unchanged()
    {
        var box = new SecretBox(new byte[32]);
        var made = box.Seal([1, 2, 3], 7, "totp");
        Assert.Equal([1, 2, 3], box.Open(made, 7, "totp"));
        Assert.NotEqual(made, box.Seal([1, 2, 3], 7, "totp"));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => box.Open(made, 8, "totp"));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => box.Open(made, 7, "key"));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => new SecretBox([.. Enumerable.Repeat((byte)1, 32)]).Open(made, 7, "totp"));
        made[^1] ^= 1;
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => box.Open(made, 7, "totp"));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => box.Open([], 7, "totp"));
    }

    [Fact]
    public async Task The_password_alone_gives_a_challenge_that_is_taken_nowhere_as_a_session()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddPersonAsync();
        var (secret, _) = await server.EnableTwoStepAsync(await server.SignInAsync());
        var answer = await server.TrySignInAsync();
        Assert.False(answer.Json.TryGetProperty("token", out _));
        var challenge = answer.Json.GetProperty("challenge").GetProperty("challenge").GetString()!;
        foreach (var route in server.Operations.Where(route => route.Right != ApiRight.Anyone))
        {
            (await server.SendAsync(RequestOf(route), challenge)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        }

        (await server.CallAsync("folder/ls.cgi", "{}", challenge)).IsKo(HttpStatusCode.Unauthorized, 247);
        var basic = new HttpRequestMessage(HttpMethod.Post, $"/upload.cgi?id={await server.OpenUploadAsync()}") { Content = TestServer.Form(0, ("f", [1])) };
        basic.Headers.TryAddWithoutValidation("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Email}:{Password}")));
        (await server.SendAsync(basic, "")).IsKo(HttpStatusCode.Forbidden, 9102);

        // The code that turned it on is used up; the next one signs in, once.
        var code = server.Code(secret, 1);
        (await AnswerAsync(server, challenge, server.Code(secret))).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
        var signedIn = await AnswerAsync(server, challenge, code);
        Assert.Equal(HttpStatusCode.Created, signedIn.Status);
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "keys", bearer: signedIn.Json.GetProperty("token").GetString())).Status);
        (await AnswerAsync(server, challenge, server.Code(secret, 2))).IsProblem(HttpStatusCode.Unauthorized, "sign_in_ended");
        (await AnswerAsync(server, await ChallengeAsync(server), code)).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
    }

    [Fact]
    public async Task Guessing_codes_ends_the_challenge_and_then_has_to_wait()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var (secret, _) = await server.EnableTwoStepAsync(await server.SignInAsync());
        var challenge = await ChallengeAsync(server);
        for (var i = 0; i < ChallengeTable.MaxTries - 1; i++)
        {
            (await AnswerAsync(server, challenge, "000000")).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
        }

        (await AnswerAsync(server, challenge, "000000")).IsProblem(HttpStatusCode.Unauthorized, "sign_in_ended");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        (await AnswerAsync(server, challenge, server.Code(secret))).IsProblem(HttpStatusCode.Unauthorized, "sign_in_ended");
        var next = await ChallengeAsync(server);
        (await AnswerAsync(server, next, "000000")).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
        (await AnswerAsync(server, next, server.Code(secret))).IsProblem(HttpStatusCode.TooManyRequests, "too_many_sign_ins");
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Created, (await AnswerAsync(server, next, server.Code(secret))).Status);
        Assert.Equal(ChallengeTable.MaxTries + 1, (await server.EventsAsync(account)).Count(name => name == AccountEvents.WrongCode));
    }

    [Fact]
    public async Task A_challenge_lives_five_minutes()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddPersonAsync();
        var (secret, _) = await server.EnableTwoStepAsync(await server.SignInAsync());
        var challenge = await ChallengeAsync(server);
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        (await AnswerAsync(server, challenge, server.Code(secret))).IsProblem(HttpStatusCode.Unauthorized, "sign_in_ended");
        (await AnswerAsync(server, "nonsense", server.Code(secret))).IsProblem(HttpStatusCode.Unauthorized, "sign_in_ended");
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once_and_new_ones_end_the_old()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var (_, codes) = await server.EnableTwoStepAsync(await server.SignInAsync());
        Assert.Equal(10, codes.Distinct().Count());
        var signedIn = await AnswerAsync(server, await ChallengeAsync(server), codes[0].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Created, signedIn.Status);
        (await AnswerAsync(server, await ChallengeAsync(server), codes[0])).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
        Assert.Contains(AccountEvents.RecoveryCodeUsed, await server.EventsAsync(account));
        var renewed = await server.CallApiAsync("POST", "account/two-step/recovery-codes", bearer: signedIn.Json.GetProperty("token").GetString());
        Assert.Equal(10, renewed.Json.GetProperty("recovery_codes").GetArrayLength());
        (await AnswerAsync(server, await ChallengeAsync(server), codes[1])).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
        Assert.Equal(HttpStatusCode.Created, (await AnswerAsync(server, await ChallengeAsync(server), renewed.Json.GetProperty("recovery_codes")[0].GetString()!)).Status);
    }

    [Fact]
    public async Task Enabling_needs_a_code_and_on_and_off_end_the_other_sessions()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var (other, token) = (await server.SignInAsync(), await server.SignInAsync());
        (await server.CallApiAsync("POST", "account/two-step/enable", new { code = "000000" }, token)).IsProblem(HttpStatusCode.Conflict, "two_step_off");
        await server.CallApiAsync("POST", "account/two-step", bearer: token);
        (await server.CallApiAsync("POST", "account/two-step/enable", new { code = "000000" }, token)).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "keys", bearer: other)).Status);
        var (secret, _) = await server.EnableTwoStepAsync(token);
        (await server.CallApiAsync("GET", "keys", bearer: other)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        (await server.CallApiAsync("POST", "account/two-step", bearer: token)).IsProblem(HttpStatusCode.Conflict, "two_step_on");

        // Turning it off wants a session that is fresh, and freshness now wants a code.
        server.Clock.Advance(TimeSpan.FromMinutes(6));
        (await server.CallApiAsync("DELETE", "account/two-step", bearer: token)).IsProblem(HttpStatusCode.Forbidden, "confirmation_needed");
        (await server.CallApiAsync("POST", "sessions/current/confirm", new { password = Password }, token)).IsProblem(HttpStatusCode.Unauthorized, "code_wrong");
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("POST", "sessions/current/confirm", new { password = Password, code = server.Code(secret) }, token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("DELETE", "account/two-step", bearer: token)).Status);
        Assert.NotNull(await server.SignInAsync());
        Assert.Equal([AccountEvents.SignedIn, AccountEvents.TwoStepOff], (await server.EventsAsync(account)).Take(2));
    }

    [Fact]
    public async Task The_secret_of_an_app_is_not_readable_in_the_catalog()
    {
        await using var server = await TestServer.StartAsync();
        var account = await server.AddPersonAsync();
        var (secret, _) = await server.EnableTwoStepAsync(await server.SignInAsync());
        var kept = await server.Catalog.ReadAsync(session => server.Room<TwoStepTable>().FindSecret(session, account)!, CancellationToken.None);
        Assert.Equal(-1, kept.AsSpan().IndexOf(secret));
        Assert.Equal(secret, server.Room<SecretBox>().Open(kept, account, TwoStepCheck.Purpose));
    }

    private static async Task<string> ChallengeAsync(TestServer server) =>
        (await server.TrySignInAsync()).Json.GetProperty("challenge").GetProperty("challenge").GetString()!;

    private static Task<Answer> AnswerAsync(TestServer server, string challenge, string code) =>
        server.CallApiAsync("POST", "sessions/code", new { challenge, code });
}
