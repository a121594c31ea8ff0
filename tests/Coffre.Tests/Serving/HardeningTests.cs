using System.Net;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Coffre.Protocol;
using Coffre.Server;
using Coffre.Server.Accounts;
using Coffre.Server.Door;
using static Coffre.Tests.Serving.AccountClient;

namespace Coffre.Tests.Serving;

/// <summary>Promises that hold for the whole server: no shell, no default password, private files, addresses that nobody can forge.</summary>
public sealed class HardeningTests
{
    [Fact]
    public void The_server_starts_no_process()
    {
        using var file = File.OpenRead(typeof(ServerHost).Assembly.Location);
        using var portable = new PEReader(file);
        var reader = portable.GetMetadataReader();
        var types = reader.TypeReferences.Select(reader.GetTypeReference).Select(type => $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}").ToList();
        Assert.Contains("System.Diagnostics.Stopwatch", types);
        Assert.DoesNotContain("System.Diagnostics.Process", types);
        Assert.DoesNotContain("System.Diagnostics.ProcessStartInfo", types);
    }

    [Fact]
    public async Task Nobody_but_the_servers_user_reads_its_folder_and_its_secrets()
    {
        await using var server = await TestServer.StartAsync();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var secrets = Path.Combine(server.Folder, "secrets");
        Assert.Equal(OwnFile | UnixFileMode.UserExecute, File.GetUnixFileMode(secrets));
        Assert.Equal(OwnFile | UnixFileMode.UserExecute, File.GetUnixFileMode(server.Folder));
        Assert.NotEmpty(Directory.GetFiles(secrets));
        foreach (var path in Directory.GetFiles(secrets))
        {
            Assert.Equal(OwnFile, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public async Task A_new_server_has_no_password_that_anybody_could_know()
    {
        await using var server = await TestServer.StartAsync();
        Assert.All(await server.Catalog.ReadAsync(server.Room<AccountTable>().List, CancellationToken.None), account => Assert.False(account.HasPassword));
        foreach (var password in new[] { "", "admin", "password", "coffre", server.Key })
        {
            (await server.TrySignInAsync(Account.OwnerEmail, password)).IsProblem(HttpStatusCode.Unauthorized, "wrong_password");
            server.Clock.Advance(TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public async Task Without_a_trusted_proxy_a_forwarded_address_counts_for_nothing_and_the_log_says_so_once()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddPersonAsync();
        await server.TrySignInAsync(from: "203.0.113.5");
        await server.TrySignInAsync(from: "203.0.113.5");
        Assert.All(await server.EntriesAsync(id), entry => Assert.Equal("127.0.0.1", entry.GetProperty("address").GetString()));
        Assert.Contains("Limits:TrustedProxies", Assert.Single(server.Log.All, line => line.Contains("X-Forwarded-For", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Behind_a_trusted_proxy_the_right_most_address_that_is_none_counts()
    {
        await using var server = await TestServer.StartAsync(("Limits:TrustedProxies", "127.0.0.1,192.0.2.0/24"));
        var id = await server.AddPersonAsync();
        await server.TrySignInAsync(from: "198.51.100.1, 203.0.113.5, 192.0.2.7");
        Assert.Equal("203.0.113.5", (await server.EntriesAsync(id))[0].GetProperty("address").GetString());
        Assert.DoesNotContain(server.Log.All, line => line.Contains("X-Forwarded-For", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SecretText.Session)]
    [InlineData(SecretText.Challenge)]
    [InlineData(SecretText.Invitation)]
    [InlineData(SecretText.Letter)]
    public void Secrets_have_a_form_of_their_own_and_are_taken_out_of_what_is_logged(string prefix)
    {
        var secret = SecretText.New(prefix);
        Assert.True(SecretText.IsWellFormed(secret, prefix));
        Assert.NotEqual(KeyForm.Coffre, ApiKey.Judge(secret));
        Assert.False(SecretText.IsWellFormed(secret[..^1] + (secret[^1] == 'a' ? 'b' : 'a'), prefix));
        Assert.False(SecretText.IsWellFormed(secret + "a", prefix));
        Assert.False(SecretText.IsWellFormed(null, prefix));
        Assert.DoesNotContain(secret[4..], Redactor.Clean($"GET /x?token={secret} and {{\"t\":\"{secret}\"}}"), StringComparison.Ordinal);
    }
}
