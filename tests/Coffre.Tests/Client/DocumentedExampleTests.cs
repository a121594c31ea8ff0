using System.Runtime.CompilerServices;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Client;

/// <summary>Examples that need a real server, and what the manual of the command must name.</summary>
public sealed class DocumentedExampleTests
{
    [Fact]
    public async Task The_example_of_keys_does_what_it_says()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new CoffreClient(new CoffreClientOptions { BaseAddress = server.Address, ApiKey = server.Key });

        var first = await Backups.KeysExample.RenewAsync(client, "nas", CancellationToken.None);
        var second = await Backups.KeysExample.RenewAsync(client, "nas", CancellationToken.None);

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await server.CallAsync("folder/ls.cgi", "{}", first)).Status);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await server.CallAsync("folder/ls.cgi", "{}", second)).Status);
    }

    [Fact]
    public async Task The_example_of_a_backup_does_what_it_says()
    {
        await using var server = await TestServer.StartAsync();
        var file = Path.Combine(server.Folder, "notes.txt");
        await File.WriteAllTextAsync(file, "hello");

        var link = await Backups.BackupExample.BackUpAsync(server.Address, server.Key, file, CancellationToken.None);

        Assert.Equal("hello"u8.ToArray(), await server.DownloadAsync(link));
        Assert.Equal("hello", await File.ReadAllTextAsync(file + ".copy"));
    }

    [Fact]
    public async Task The_examples_of_keys_at_work_do_what_they_say()
    {
        await using var server = await TestServer.StartAsync();
        using var client = new CoffreClient(new CoffreClientOptions { BaseAddress = server.Address, ApiKey = server.Key });

        var secret = await Backups.KeysAtWorkExample.RotateAsync(client, CancellationToken.None);
        Assert.Equal(System.Net.HttpStatusCode.OK, (await server.CallAsync("folder/ls.cgi", "{}", secret)).Status);

        Assert.Equal(1, await Backups.KeysAtWorkExample.EndAsync(client, [secret], null, CancellationToken.None));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await server.CallAsync("folder/ls.cgi", "{}", secret)).Status);
    }

    [Fact]
    public void The_manual_lists_every_exit_code()
    {
        foreach (var code in Enum.GetValues<ExitCode>())
        {
            Assert.Matches($@"(?m)^\|[ 0-9,]*\b{(int)code}\b[ 0-9,]*\|", Manual());
        }
    }

    private static string Manual() => File.ReadAllText(Beside("../../../docs/client.md")).ReplaceLineEndings("\n");

    private static string Beside(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
