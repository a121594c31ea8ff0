using System.Runtime.CompilerServices;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Client;

/// <summary>What docs/client.md shows is what is compiled and run here.</summary>
public sealed class DocumentedExampleTests
{
    [Theory]
    [InlineData("DocumentedExample.cs")]
    [InlineData("DocumentedKeysExample.cs")]
    public void The_manual_shows_the_example_that_is_compiled(string name) =>
        Assert.Contains(File.ReadAllText(Beside(name)).TrimEnd(), Manual(), StringComparison.Ordinal);

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
    public async Task The_example_does_what_it_says()
    {
        await using var server = await TestServer.StartAsync();
        var file = Path.Combine(server.Folder, "notes.txt");
        await File.WriteAllTextAsync(file, "hello");

        var link = await Backups.Example.BackUpAsync(server.Address, server.Key, file, CancellationToken.None);

        Assert.Equal("hello"u8.ToArray(), await server.DownloadAsync(link));
        Assert.Equal("hello", await File.ReadAllTextAsync(file + ".copy"));
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
