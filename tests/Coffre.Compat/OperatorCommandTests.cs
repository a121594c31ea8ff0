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

    [Fact]
    public async Task The_audit_log_is_verified_exported_and_found_out_if_it_was_cut()
    {
        await using var server = await ServerProcess.StartAsync();
        (await RunAsync(server, "key", "new", "--name", "one")).Ok();
        var first = (await RunAsync(server, "audit", "verify")).Ok().Output;
        Assert.Matches("^3 entries are good. Head: 3:[0-9a-f]{64}\\s*$", first);
        var head = first[(first.IndexOf("3:", StringComparison.Ordinal))..].Trim();
        (await RunAsync(server, "key", "new", "--name", "two")).Ok();
        (await RunAsync(server, "audit", "verify", "--head", head)).Ok();

        using var folder = new TempFolder();
        var lines = (await RunAsync(server, "audit", "export")).Ok().Lines;
        Assert.Equal(4, lines.Count);
        await File.WriteAllLinesAsync(folder["audit.jsonl"], lines);
        Assert.StartsWith("4 entries are good", (await RunAsync(server, "audit", "verify", "--file", folder["audit.jsonl"], "--head", head)).Ok().Output, StringComparison.Ordinal);
        await File.WriteAllLinesAsync(folder["audit.jsonl"], lines.Skip(1));
        var cut = (await RunAsync(server, "audit", "verify", "--file", folder["audit.jsonl"])).Failed();
        Assert.Contains("entry 1 is missing", cut.Errors, StringComparison.Ordinal);
        Assert.Equal(3, cut.ExitCode);
        await File.WriteAllLinesAsync(folder["audit.jsonl"], lines.Select(line => line.Replace("\"one\"", "\"two\"", StringComparison.Ordinal)));
        Assert.Contains("entry 3 was changed", (await RunAsync(server, "audit", "verify", "--file", folder["audit.jsonl"])).Failed().Errors, StringComparison.Ordinal);
        Assert.Contains("cut off", (await RunAsync(server, "audit", "verify", "--head", "9:" + new string('0', 64))).Failed().Errors, StringComparison.Ordinal);
        Assert.Contains("--file", (await RunAsync(server, "audit", "verify", "--file", folder["nothing"])).Failed().Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_rotated_regenerated_and_revoked_beside_the_server()
    {
        await using var server = await ServerProcess.StartAsync();
        var made = (await RunAsync(server, "key", "new", "--name", "ci", "--scopes", "read", "--expires-days", "9")).Ok().Output.Trim();
        using var client = V1Client.For(server, made);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("folder/ls.cgi", "{}")).Status);
        var line = (await RunAsync(server, "key", "list")).Ok().Lines.First(text => text.Contains(" ci ", StringComparison.Ordinal));
        Assert.Contains(made[^4..], line, StringComparison.Ordinal);
        Assert.DoesNotContain(made, line, StringComparison.Ordinal);

        var next = (await RunAsync(server, "key", "rotate", line.Split(' ')[0], "--overlap-hours", "1")).Ok().Output.Trim();
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("folder/ls.cgi", "{}")).Status);
        (await RunAsync(server, "key", "revoke", line.Split(' ')[0])).Ok();
        await Until.HoldsAsync(async () => (await client.PostAsync("folder/ls.cgi", "{}")).Status == HttpStatusCode.Unauthorized, "the server noticed");
        using var rotated = V1Client.For(server, next);
        Assert.Equal(HttpStatusCode.Unauthorized, (await rotated.PostAsync("folder/ls.cgi", "{}")).Status);

        Assert.Contains("--scopes are some of", (await RunAsync(server, "key", "new", "--scopes", "everything")).Failed().Errors, StringComparison.Ordinal);
        Assert.Contains("--from takes networks such as", (await RunAsync(server, "key", "new", "--from", "here")).Failed().Errors, StringComparison.Ordinal);
        Assert.Contains("There is no such key", (await RunAsync(server, "key", "revoke", "77")).Failed().Errors, StringComparison.Ordinal);
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
