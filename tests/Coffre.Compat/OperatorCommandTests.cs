using System.Net;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>What an operator types beside a running server.</summary>
public sealed class OperatorCommandTests
{
    [Fact]
    public async Task A_lock_is_listed_and_lifted()
    {
        await using var server = await ServerProcess.StartAsync(new ServerOptions { Settings = ["Limits:Profile=1fichier", "Limits:LockSeconds=3600", "Limits:KeyRate=0"] });
        using var client = V1Client.For(server);
        await Until.HoldsAsync(
            async () => (await client.PostAsync("folder/mkdir.cgi", $$"""{"name":"{{Guid.NewGuid()}}"}""")).Status != HttpStatusCode.OK, "the calls were too many", pause: TimeSpan.Zero);

        var listed = (await RunAsync(server, "locks", "list")).Ok();
        Assert.Matches("^address +127.0.0.1 +\\* +FloodIp +20..-..-.. ..:..:..", listed.Output);
        Assert.Contains("no lock on '192.0.2.1'", (await RunAsync(server, "locks", "clear", "192.0.2.1")).Failed().Errors, StringComparison.Ordinal);
        Assert.Contains("Lifted 1.", (await RunAsync(server, "locks", "clear", "127.0.0.1")).Ok().Output, StringComparison.Ordinal);

        await Until.HoldsAsync(
            async () => (await client.PostAsync("folder/mkdir.cgi", """{"name":"g"}""")).Status == HttpStatusCode.OK, "the server noticed");
        Assert.Equal("", (await RunAsync(server, "locks", "list")).Ok().Output);
    }

    [Fact]
    public async Task Vouchers_are_made_listed_without_their_codes_used_and_revoked()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = V1Client.For(server);
        (await RunAsync(server, "account", "add", "free@example.org", "--tier", "free")).Ok();
        var codes = (await RunAsync(server, "voucher", "new", "--tier", "gold", "--days", "7", "--count", "2", "--for", "free@example.org")).Ok().Lines;
        Assert.Equal(2, codes.Count);
        Assert.All(codes, code => Assert.Equal(32, code.Length));

        Assert.Contains("\"OK\"", (await client.PostAsync("vouchers/use.cgi", $$"""{"voucher":"{{codes[0]}}","user_email":"free@example.org"}""")).Body, StringComparison.Ordinal);
        Assert.Contains("gold", (await RunAsync(server, "account", "list")).Ok().Output, StringComparison.Ordinal);
        Assert.Contains("Revoked 1.", (await RunAsync(server, "voucher", "revoke", codes[1][..6])).Ok().Output, StringComparison.Ordinal);
        Assert.Contains("#9055", (await client.PostAsync("vouchers/check.cgi", $$"""{"voucher":"{{codes[1]}}"}""")).Body, StringComparison.Ordinal);

        var listed = (await RunAsync(server, "voucher", "list")).Ok().Output;
        Assert.Contains(codes[0][..6], listed, StringComparison.Ordinal);
        Assert.DoesNotContain(codes[0][..10], listed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tier is premium, access or gold", "voucher", "new", "--tier", "free")]
    [InlineData("--count is 1 to 10000", "voucher", "new", "--count", "0")]
    [InlineData("There is no account nobody@example.org", "voucher", "new", "--for", "nobody@example.org")]
    [InlineData("at least 6 characters", "voucher", "revoke", "ABC")]
    [InlineData("No open voucher begins so", "voucher", "revoke", "ABCDEF")]
    [InlineData("--until is a day such as", "account", "set", "owner@localhost", "--until", "soon")]
    [InlineData("--tier is one of free, premium, access, gold", "account", "set", "owner@localhost", "--tier", "silver")]
    public async Task A_wrong_word_is_answered_with_its_cure(string cure, params string[] words)
    {
        using var folder = new TempFolder();
        var refused = (await ServerProcess.CommandAsync([.. words, "--data", folder["data"]])).Failed();
        Assert.Contains(cure, refused.Errors, StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
    }

    private static Task<ToolResult> RunAsync(ServerProcess server, params string[] words) =>
        ServerProcess.CommandAsync([.. words, "--data", server.DataFolder]);
}
