using System.Text.RegularExpressions;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>What <c>coffre complete</c> proposes. The shells themselves are asked in Coffre.Compat.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly CliRunner _cli = new();

    public void Dispose() => _cli.Dispose();

    private async Task<string[]> ProposeAsync(params string[] words) =>
        [.. (await _cli.RunAsync(["complete", "--", .. words])).Ok().Lines.Select(line => line.Split('\t')[0])];

    [Fact]
    public async Task Commands_flags_and_their_values_are_proposed()
    {
        Assert.Contains("put", await ProposeAsync(""));
        Assert.DoesNotContain("complete", await ProposeAsync(""));
        Assert.Equal(["import", "info"], await ProposeAsync("i"));
        Assert.Equal(["rename", "revoke", "rotate"], (await ProposeAsync("keys", "r")).Where(word => word != "regenerate"));
        Assert.Equal(["--transfers"], await ProposeAsync("put", "--tr"));
        Assert.Contains("--profile", await ProposeAsync("put", "a", "--"));
        Assert.Equal(["fail", "overwrite", "rename", "skip", "update"], await ProposeAsync("put", "--if-exists", ""));
        Assert.Equal(["bash"], await ProposeAsync("completion", "b"));
        Assert.Equal(["quota_exceeded"], await ProposeAsync("errors", "explain", "quo"));
        Assert.Empty(await ProposeAsync("version", ""));
        Assert.Empty(await ProposeAsync("nonsense", "--nonsense", "x"));
    }

    [Fact]
    public async Task Profiles_and_remote_paths_come_from_this_machine_alone()
    {
        await using var server = await TestServer.StartAsync();
        (await _cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString(), "--profile", "home")).Ok();
        _cli.Write("t/a b.txt", "1");
        _cli.Write("t/album/c", "2");
        (await _cli.RunAsync("put", _cli.Local("t"), ":/Top")).Ok();
        _cli.Handler = new Client.FakeService();

        Assert.Equal(["home"], await ProposeAsync("ls", "--profile", ""));
        Assert.Equal(["home:/"], await ProposeAsync("ls", "ho"));
        Assert.Equal([":/Top/"], await ProposeAsync("ls", ":/"));
        Assert.Equal(["home:/Top/a b.txt", "home:/Top/album/"], await ProposeAsync("ls", "home:/Top/a"));
        Assert.Empty(await ProposeAsync("ls", "home:/Nowhere/"));
        Assert.Empty(await ProposeAsync("ls", "other:/"));
        Assert.Empty(await ProposeAsync("put", "./lo"));

        // Words of the service reach a shell: none may end a line.
        Assert.Empty(((Client.FakeService)_cli.Handler).Asked);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _coffre coffre")]
    [InlineData("zsh", "#compdef coffre")]
    [InlineData("fish", "complete -c coffre")]
    [InlineData("powershell", "Register-ArgumentCompleter")]
    public async Task Each_shell_has_a_script(string shell, string text) =>
        Assert.Contains(text, (await _cli.RunAsync("completion", shell)).Ok().Out, StringComparison.Ordinal);

    [Theory]
    [InlineData(":/Top/a-b_1.txt", true)]
    [InlineData("home:/Ärger/", true)]
    [InlineData("a b", false)]
    [InlineData("a;calc", false)]
    [InlineData("$(calc)", false)]
    [InlineData("a(b)", false)]
    [InlineData("it\u2019s", false)]
    [InlineData("a,b", false)]
    public async Task PowerShell_gets_all_names_in_quotes_but_the_plainest(string name, bool isPlain)
    {
        var script = (await _cli.RunAsync("completion", "powershell")).Ok().Out;

        Assert.Equal(isPlain, Regex.IsMatch(name, Regex.Match(script, "-match '(?<plain>[^']+)'").Groups["plain"].Value));

        // All characters that end a quoted text there are doubled.
        Assert.Contains("""-replace "['\u2018\u2019\u201A\u201B]", '$0$0')""", script, StringComparison.Ordinal);
    }
}
