using System.Net;
using Coffre.Server.Accounts;
using Coffre.Server.Audit;
using Coffre.Server.Commands;
using Coffre.Server.Sessions;
using static Coffre.Tests.Serving.AccountClient;

namespace Coffre.Tests.Serving;

/// <summary>What an operator does with accounts, beside a running server.</summary>
public sealed class AccountCommandTests
{
    [Fact]
    public async Task The_owner_gets_an_address_and_a_password_of_its_own()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(0, await RunAsync(server, "account", "rename", Account.OwnerEmail, "me@example.org"));
        var owner = await FindAsync(server, "me@example.org");
        Assert.False((await server.Room<PasswordDesk>().SetByOperatorAsync(owner.Id, Password, CancellationToken.None)).IsFault);
        var token = await server.SignInAsync("me@example.org");
        Assert.Equal("owner", (await server.CallApiAsync("GET", "account", bearer: token)).Json.GetProperty("role").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.CallApiAsync("GET", "accounts", bearer: token)).Status);

        // The command for keys still finds the owner by the address that it was made with.
        Assert.Equal(0, await RunAsync(server, "key", "list"));
        Assert.Equal(0, await RunAsync(server, "account", "password", "me@example.org", "--remove"));
        (await server.CallApiAsync("GET", "account", bearer: token)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        (await server.TrySignInAsync("me@example.org")).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
        var entries = await server.EntriesAsync(owner.Id);
        Assert.Equal(["password.removed", "session.started", "password.set", "email.changed"], entries.Take(4).Select(entry => entry.GetProperty("event").GetString()));
        Assert.All([entries[0], entries[2], entries[3]], entry => Assert.Equal("operator", entry.GetProperty("actor").GetString()));
    }

    [Fact]
    public async Task Accounts_are_added_changed_invited_and_deleted()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(0, await RunAsync(server, "account", "add", Email, "--tier", "free", "--role", "admin"));
        Assert.Equal(2, await RunAsync(server, "account", "add", Email));
        Assert.Equal(2, await RunAsync(server, "account", "add", "none"));
        Assert.Equal(0, await RunAsync(server, "account", "set", Email, "--quota", "5GB", "--role", "member", "--until", "2027-01-31"));
        var account = await FindAsync(server, Email);
        Assert.Equal((Tier.Free, Role.Member, new DateTimeOffset(2027, 2, 1, 0, 0, 0, TimeSpan.Zero)), (account.Subscription.Tier, account.Role, account.Subscription.Until));
        Assert.Equal(2, await RunAsync(server, "account", "set", Account.OwnerEmail, "--suspended", "true"));
        Assert.Equal(2, await RunAsync(server, "account", "rename", Email, Account.OwnerEmail));
        Assert.Equal(2, await RunAsync(server, "account", "totp-reset", Email));
        Assert.Equal(0, await RunAsync(server, "account", "invite", "new@example.org"));
        Assert.Equal(0, await RunAsync(server, "account", "list"));
        Assert.Equal(0, await RunAsync(server, "account", "delete", Email, "--dry-run"));
        Assert.False((await FindAsync(server, Email)).IsDeleted);
        Assert.Equal(0, await RunAsync(server, "account", "delete", Email, "--yes"));
        Assert.Equal(2, await RunAsync(server, "account", "delete", Email, "--yes"));
        Assert.Equal(2, await RunAsync(server, "account", "delete", Account.OwnerEmail, "--yes"));
        Assert.Equal(["account.deleted", "account.changed", "account.role_changed", "account.made"], await server.EventsAsync(account.Id));
        Assert.Contains("invitation.made", await server.EventsAsync());
        Assert.Null((await server.Catalog.ReadAsync(session => new Verdict(Check(server, session)), CancellationToken.None)).Trouble);
    }

    [Fact]
    public async Task Whoever_lost_the_app_signs_in_by_password_again()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddPersonAsync();
        var token = await server.SignInAsync();
        await server.EnableTwoStepAsync(token);
        Assert.Equal(10, await CodesAsync());
        Assert.Equal(0, await RunAsync(server, "account", "totp-reset", Email));
        (await server.CallApiAsync("GET", "account", bearer: token)).IsProblem(HttpStatusCode.Unauthorized, "not_authenticated");
        await server.SignInAsync();
        Assert.Equal(0, await CodesAsync());

        async Task<long> CodesAsync() => await server.Catalog.ReadAsync(session => server.Room<TwoStepTable>().CountRecoveryCodes(session, id), CancellationToken.None);
    }

    private static Task<int> RunAsync(TestServer server, params string[] words) =>
        CommandLine.Build(TimeProvider.System).Parse([.. words, "--data", server.Folder]).InvokeAsync();

    private static async Task<Account> FindAsync(TestServer server, string email) =>
        await server.Catalog.ReadAsync(session => server.Room<AccountTable>().FindByEmail(session, email)!, CancellationToken.None);

    /// <summary>The chain of the audit log, written by two processes' worth of rooms.</summary>
    private static string? Check(TestServer server, Coffre.Server.Catalog.CatalogSession session)
    {
        var chain = new AuditChain(server.Room<AuditSecret>());
        return server.Room<AuditTable>().ReadAll(session).Select(chain.Follow).FirstOrDefault(trouble => trouble is not null);
    }

    private sealed record Verdict(string? Trouble);
}
