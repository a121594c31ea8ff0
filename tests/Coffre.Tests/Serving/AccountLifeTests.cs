using System.Net;
using System.Text.RegularExpressions;
using Coffre.Protocol;
using Coffre.Server.Accounts;
using static Coffre.Tests.Serving.AccountClient;

namespace Coffre.Tests.Serving;

/// <summary>Passwords, e-mail addresses, sign-ups: how an account begins and changes.</summary>
public sealed partial class AccountLifeTests
{
    // Nobody listens there: mails stay in the outbox, where tests read them.
    private static readonly (string, string)[] Mail = [("Mail:Host", "127.0.0.1"), ("Mail:Port", "1"), ("Mail:From", "coffre@example.org")];

    [Fact]
    public async Task A_password_is_changed_by_the_old_one_and_other_sessions_end()
    {
        await using var server = await TestServer.StartAsync(Mail);
        var account = await server.AddPersonAsync();
        var key = (await server.CallApiAsync("POST", "keys", new { name = "k" }, await server.SignInAsync())).Json.GetProperty("secret").GetString()!;
        var (other, token) = (await server.SignInAsync(), await server.SignInAsync());
        (await ChangeAsync(server, token, "wrong password", "another horse")).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        (await ChangeAsync(server, token, Password, "short")).IsProblem(HttpStatusCode.BadRequest, "bad_parameter");
        (await ChangeAsync(server, key, Password, "another horse")).IsProblem(HttpStatusCode.Forbidden, "session_needed");
        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(server, token, Password, "another horse")).Status);
        (await server.CallApiAsync("GET", "keys", bearer: other)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "keys", bearer: token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "keys", bearer: key)).Status);
        (await server.TrySignInAsync()).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        await server.SignInAsync(password: "another horse");
        Assert.Contains(AccountEvents.PasswordChanged, await server.EventsAsync(account));
        Assert.Equal([(Email, "Your password was changed")], (await MailsAsync(server)).Select(mail => (mail.To, mail.Subject)));
    }

    [Fact]
    public async Task A_reset_works_once_for_half_an_hour_and_only_the_last_one()
    {
        await using var server = await TestServer.StartAsync(Mail);
        var account = await server.AddPersonAsync();
        var session = await server.SignInAsync();
        var first = await ResetAsync(server, Email);
        var second = await ResetAsync(server, Email);
        (await UseAsync(server, first!, "another horse")).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        Assert.Equal(HttpStatusCode.OK, (await UseAsync(server, second!, "another horse")).Status);
        (await UseAsync(server, second!, "a third horse")).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        (await server.CallApiAsync("GET", "keys", bearer: session)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        await server.SignInAsync(password: "another horse");
        var late = await ResetAsync(server, Email);
        server.Clock.Advance(LetterDesk.Life);
        (await UseAsync(server, late!, "a third horse")).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        (await UseAsync(server, "nonsense", "a third horse")).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        Assert.Contains(AccountEvents.PasswordReset, await server.EventsAsync(account));
        Assert.DoesNotContain(server.Log.All, line => line.Contains(second!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reset_leaves_the_second_step_on()
    {
        await using var server = await TestServer.StartAsync(Mail);
        await server.AddPersonAsync();
        await server.EnableTwoStepAsync(await server.SignInAsync());
        await UseAsync(server, (await ResetAsync(server, Email))!, "another horse");
        Assert.False((await server.TrySignInAsync(password: "another horse")).Json.TryGetProperty("token", out _));
    }

    [Fact]
    public async Task Whether_there_is_an_account_is_not_told_by_resets_and_sign_ups()
    {
        await using var server = await TestServer.StartAsync([.. Mail, ("Accounts:SignUp", "open")]);
        await server.AddPersonAsync();
        var resets = new[] { await AskAsync(server, Email), await AskAsync(server, "nobody@example.org"), await AskAsync(server, Account.GuestEmail) };
        Assert.Single(resets.Select(answer => (answer.Status, answer.Text)).Distinct());
        var signUps = new[] { await SignUpAsync(server, new { email = Email }), await SignUpAsync(server, new { email = "new@example.org" }) };
        Assert.Single(signUps.Select(answer => (answer.Status, answer.Text)).Distinct());
        Assert.Equal(HttpStatusCode.Accepted, signUps[0].Status);
        await server.Room<LetterDesk>().SettleAsync();
        Assert.Equal(
            [(Email, "Set another password"), (Email, "You have an account already"), ("new@example.org", "Confirm your e-mail address")],
            (await MailsAsync(server)).Select(mail => (mail.To, mail.Subject)));
    }

    [Fact]
    public async Task One_address_is_sent_few_mails_and_whoever_asks_for_many_waits()
    {
        await using var server = await TestServer.StartAsync([.. Mail, ("Accounts:LettersByAddress", "5")]);
        await server.AddPersonAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.Accepted, (await AskAsync(server, Email)).Status);
        }

        (await AskAsync(server, Email)).IsProblem(HttpStatusCode.TooManyRequests, "too_many_requests");
        await server.Room<LetterDesk>().SettleAsync();
        Assert.Equal(3, (await MailsAsync(server)).Count);
    }

    [Fact]
    public async Task Without_mail_there_is_no_reset_and_no_change_of_address()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddPersonAsync();
        (await AskAsync(server, Email)).IsProblem(HttpStatusCode.Conflict, "mail_off");
        (await server.CallApiAsync("POST", "account/email", new { email = "b@example.org", password = Password }, await server.SignInAsync())).IsProblem(HttpStatusCode.Conflict, "mail_off");
    }

    [Fact]
    public async Task A_new_address_is_confirmed_where_it_is_read_and_the_old_one_is_told()
    {
        await using var server = await TestServer.StartAsync(Mail);
        var account = await server.AddPersonAsync();
        await server.AddPersonAsync("bob@example.org");
        var token = await server.SignInAsync();
        var reset = await ResetAsync(server, Email);
        Assert.Equal(HttpStatusCode.Accepted, (await server.CallApiAsync("POST", "account/email", new { email = "bob@example.org", password = Password }, token)).Status);
        (await server.CallApiAsync("POST", "account/email", new { email = "new@example.org", password = "wrong password" }, token)).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        (await server.CallApiAsync("POST", "account/email", new { email = "no address", password = Password }, token)).IsProblem(HttpStatusCode.BadRequest, "bad_parameter");
        Assert.Equal(HttpStatusCode.Accepted, (await server.CallApiAsync("POST", "account/email", new { email = "new@example.org", password = Password }, token)).Status);
        await server.Room<LetterDesk>().SettleAsync();
        var mails = await MailsAsync(server);
        Assert.DoesNotContain(mails, mail => mail.To == "bob@example.org");
        var letter = TokenOf(mails.Single(mail => mail.To == "new@example.org"));
        Assert.Equal(Email, (await server.CallApiAsync("GET", "account", bearer: token)).Json.GetProperty("email").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("POST", "account/email/confirm", new { token = letter })).Status);
        (await server.CallApiAsync("POST", "account/email/confirm", new { token = letter })).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        Assert.Equal("new@example.org", (await server.CallApiAsync("GET", "account", bearer: token)).Json.GetProperty("email").GetString());
        Assert.Equal((Email, "Your account has another e-mail address"), (await MailsAsync(server)).Select(mail => (mail.To, mail.Subject)).Last());
        (await UseAsync(server, reset!, "another horse")).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        await server.SignInAsync("new@example.org");
        Assert.Contains(AccountEvents.EmailChanged, await server.EventsAsync(account));
        Assert.DoesNotContain(await server.EntriesAsync(), entry => entry.GetRawText().Contains("new@example.org", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_signs_up_unless_the_operator_allows_it()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal("off", (await server.CallApiAsync("GET", "sign-up")).Json.GetProperty("mode").GetString());
        (await SignUpAsync(server, new { email = Email, password = Password })).IsProblem(HttpStatusCode.Forbidden, "sign_up_off");
        (await server.TrySignInAsync()).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
    }

    [Fact]
    public async Task Who_signs_up_is_a_member_of_the_tier_and_quota_that_are_set_and_nothing_more()
    {
        await using var server = await TestServer.StartAsync(("Accounts:SignUp", "open"), ("Accounts:SignUpTier", "access"), ("Accounts:SignUpQuota", "1000"));
        Assert.Equal(HttpStatusCode.BadRequest, (await SignUpAsync(server, new { email = Email, password = Password, role = "owner" })).Status);
        Assert.Equal("sign_in", (await SignUpAsync(server, new { email = Email, password = Password })).Json.GetProperty("next").GetString());
        var token = await server.SignInAsync();
        var view = (await server.CallApiAsync("GET", "account", bearer: token)).Json;
        Assert.Equal(("member", "access", 1000L), (view.GetProperty("role").GetString(), view.GetProperty("tier").GetString(), view.GetProperty("quota_bytes").GetInt64()));
        (await server.CallApiAsync("GET", "accounts", bearer: token)).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
        var key = await server.CallApiAsync("POST", "keys", new { name = "k", scopes = new[] { "admin" } }, token);
        key.IsProblem(HttpStatusCode.Forbidden, "not_allowed");

        // Whoever is there already stays as it is, and the answer is the same.
        Assert.Equal(HttpStatusCode.Accepted, (await SignUpAsync(server, new { email = Email, password = "another horse" })).Status);
        (await server.TrySignInAsync(password: "another horse")).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
    }

    [Fact]
    public async Task Where_mail_is_on_the_password_comes_with_the_proof_of_the_address()
    {
        await using var server = await TestServer.StartAsync([.. Mail, ("Accounts:SignUp", "open")]);
        (await SignUpAsync(server, new { email = Email, password = Password })).IsProblem(HttpStatusCode.BadRequest, "bad_parameter");
        Assert.Equal("mail", (await SignUpAsync(server, new { email = Email })).Json.GetProperty("next").GetString());
        await server.Room<LetterDesk>().SettleAsync();
        var letter = TokenOf((await MailsAsync(server)).Single());
        (await server.TrySignInAsync()).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        (await UseAsync(server, letter, Password)).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        Assert.Equal(HttpStatusCode.Created, (await server.CallApiAsync("POST", "sign-up/confirm", new { token = letter, password = Password })).Status);
        (await server.CallApiAsync("POST", "sign-up/confirm", new { token = letter, password = Password })).IsProblem(HttpStatusCode.Forbidden, "letter_not_valid");
        await server.SignInAsync();
    }

    [Fact]
    public async Task An_invitation_is_good_once_for_whom_it_is_for_and_until_its_end()
    {
        await using var server = await TestServer.StartAsync(("Accounts:SignUp", "invitation"));
        var (bound, free, ended, revoked) = (await InviteAsync(server, new { email = Email }), await InviteAsync(server, new { }), await InviteAsync(server, new { days = 1 }), await InviteAsync(server, new { }));
        Assert.True(SecretText.IsWellFormed(bound, SecretText.Invitation));
        (await SignUpAsync(server, new { email = Email, password = Password })).IsProblem(HttpStatusCode.Forbidden, "invitation_not_valid");
        (await SignUpAsync(server, new { email = "bob@example.org", password = Password, invitation = bound })).IsProblem(HttpStatusCode.Forbidden, "invitation_not_valid");
        Assert.Equal(HttpStatusCode.Accepted, (await SignUpAsync(server, new { email = Email, password = Password, invitation = bound })).Status);
        (await SignUpAsync(server, new { email = Email, password = Password, invitation = bound })).IsProblem(HttpStatusCode.Forbidden, "invitation_not_valid");
        Assert.Equal(HttpStatusCode.Accepted, (await SignUpAsync(server, new { email = "bob@example.org", password = Password, invitation = free })).Status);
        (await SignUpAsync(server, new { email = "eve@example.org", password = Password, invitation = free })).IsProblem(HttpStatusCode.Forbidden, "invitation_not_valid");
        var newest = (await server.CallApiAsync("GET", "invitations?limit=1", bearer: server.Key)).Json.GetProperty("items")[0];
        Assert.Equal("revoked", (await server.CallApiAsync("DELETE", $"invitations/{newest.GetProperty("id").GetInt64()}", bearer: server.Key)).Json.GetProperty("state").GetString());
        (await SignUpAsync(server, new { email = "eve@example.org", password = Password, invitation = revoked })).IsProblem(HttpStatusCode.Forbidden, "invitation_not_valid");
        server.Clock.Advance(TimeSpan.FromDays(1));
        (await SignUpAsync(server, new { email = "eve@example.org", password = Password, invitation = ended })).IsProblem(HttpStatusCode.Forbidden, "invitation_not_valid");
        await server.SignInAsync();
        await server.SignInAsync("bob@example.org");
        (await server.CallApiAsync("POST", "invitations", new { }, await server.SignInAsync())).IsProblem(HttpStatusCode.Forbidden, "not_allowed");
    }

    [Fact]
    public async Task An_invitation_goes_by_mail_and_proves_the_address()
    {
        await using var server = await TestServer.StartAsync([.. Mail, ("Accounts:SignUp", "invitation")]);
        var secret = await InviteAsync(server, new { email = Email });
        var mail = (await MailsAsync(server)).Single();
        Assert.Equal((Email, true), (mail.To, mail.Body.Contains(secret, StringComparison.Ordinal)));
        Assert.Equal("sign_in", (await SignUpAsync(server, new { email = Email, password = Password, invitation = secret })).Json.GetProperty("next").GetString());
        await server.SignInAsync();
    }

    private static Task<Answer> ChangeAsync(TestServer server, string bearer, string old, string wanted) =>
        server.CallApiAsync("POST", "account/password", new { old_password = old, new_password = wanted }, bearer);

    private static Task<Answer> AskAsync(TestServer server, string email) => server.CallApiAsync("POST", "password/reset", new { email });

    private static Task<Answer> UseAsync(TestServer server, string token, string password) => server.CallApiAsync("POST", "password", new { token, password });

    private static Task<Answer> SignUpAsync(TestServer server, object body) => server.CallApiAsync("POST", "sign-up", body);

    private static async Task<string> InviteAsync(TestServer server, object body)
    {
        var made = await server.CallApiAsync("POST", "invitations", body, server.Key);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        return made.Json.GetProperty("secret").GetString()!;
    }

    /// <summary>Asks for a reset and reads the code in the mail.</summary>
    private static async Task<string?> ResetAsync(TestServer server, string email)
    {
        Assert.Equal(HttpStatusCode.Accepted, (await AskAsync(server, email)).Status);
        await server.Room<LetterDesk>().SettleAsync();
        return TokenOf((await MailsAsync(server)).Last(mail => mail.Subject == "Set another password"));
    }

    private static string TokenOf(Written mail) => Token().Match(mail.Body).Value;

    /// <summary>Mails that were written, the oldest first.</summary>
    private static async Task<IReadOnlyList<Written>> MailsAsync(TestServer server) =>
        await server.Catalog.ReadAsync(
            session => session.List("select recipient, subject, body from mail order by id", row => new Written(row.GetString(0), row.GetString(1), row.GetString(2))).ToList(),
            CancellationToken.None);

    [GeneratedRegex("com_[0-9A-Za-z]+")]
    private static partial Regex Token();

    private sealed record Written(string To, string Subject, string Body);
}
