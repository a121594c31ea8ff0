using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Coffre.Compat.Fixture;

namespace Coffre.Compat;

/// <summary>Starting the server as the README says, and as people do it wrong: one sentence that names the cure, and an exit code that is not 0.</summary>
[Collection(nameof(Alone))]
public sealed partial class StartTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_script_run_starts_a_server_whose_printed_curl_line_works_and_shows_the_key_only_once()
    {
        var port = Ports.Take().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var first = await RunAsync(port, async output =>
        {
            var line = CurlLine().Match(output).Value;
            Assert.NotEqual("", line);
            return await Tool.RunAsync("bash", ["-euo", "pipefail", "-c", line]);
        });

        Assert.Contains("\"status\":\"OK\"", first.Said.Ok().Output, StringComparison.Ordinal);
        Assert.Matches("cof_[A-Za-z0-9]{28}", first.Output);
        Assert.Contains($"http://127.0.0.1:{port}", first.Output, StringComparison.Ordinal);
        var again = await RunAsync(port, _ => Tool.RunAsync("curl", ["-sS", $"http://127.0.0.1:{port}/"]));
        Assert.DoesNotContain("cof_", again.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task The_script_run_tells_its_options(string option)
    {
        var said = (await Tool.RunAsync(Path.Combine(Repository.Root, "run"), [option])).Ok();

        Assert.All((string[])["--data", "--listen", "--port", "--public"], word => Assert.Contains(word, said.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_in_use()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var said = await ServeAsync("--port", $"{port}");

        AssertOneSentence(said, $"{port}", "--port");
    }

    [Fact]
    public async Task A_first_start_that_fails_does_not_swallow_the_key()
    {
        using (var other = new TcpListener(IPAddress.Loopback, 0))
        {
            other.Start();
            (await ServeAsync("--port", $"{((IPEndPoint)other.LocalEndpoint).Port}")).Failed();
        }

        await using var server = await ServerProcess.StartAsync(new ServerOptions { DataFolder = _folder["data"] });

        await Until.HoldsAsync(() => server.Output.Contains("API key (shown once): cof_", StringComparison.Ordinal), "the key is shown");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written() =>
        AssertOneSentence(await ServerProcess.CommandAsync("serve", "--data", _folder.Write("a file", "x"), "--port", $"{Ports.Take()}"), "a file", "--data");

    [Fact]
    public async Task A_data_folder_that_another_server_uses()
    {
        await using var server = await ServerProcess.StartAsync();

        AssertOneSentence(await ServerProcess.CommandAsync("serve", "--data", server.DataFolder, "--port", $"{Ports.Take()}"), server.DataFolder, "--data");
    }

    [Theory]
    [InlineData("Downloads:TokenSeconds=0", "Downloads:TokenSeconds")]
    [InlineData("Downloads:TokenSeconds=soon", "Downloads:TokenSeconds")]
    [InlineData("Limits:JsonBytes=1XB", "Limits:JsonBytes")]
    [InlineData("Storage:Durability=maybe", "Storage:Durability")]
    [InlineData("Downloads:TokenSecond=5", "Downloads:TokenSecond")]
    [InlineData("Public:Address=files.example.org", "Public:Address")]
    [InlineData("nonsense", "nonsense")]
    public async Task A_setting_that_is_wrong(string setting, string named) =>
        AssertOneSentence(await ServeAsync("--port", $"{Ports.Take()}", "--set", setting), named);

    [Fact]
    public async Task A_certificate_that_is_not_there() =>
        AssertOneSentence(
            await ServeAsync("--port", $"{Ports.Take()}", "--https-port", $"{Ports.Take()}", "--certificate", _folder["none.pem"], "--certificate-key", _folder["none.key"]),
            "none.pem",
            "coffre-server certificate");

    [Fact]
    public async Task An_address_that_is_none() => AssertOneSentence(await ServeAsync("--listen", "999.1.2.3"), "999.1.2.3");

    private static void AssertOneSentence(ToolResult said, params string[] named)
    {
        said.Failed();
        Assert.All(named, name => Assert.Contains(name, said.Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", said.Errors, StringComparison.Ordinal);
        Assert.InRange(said.Errors.Trim().Split('\n').Length, 1, 2);
    }

    private Task<ToolResult> ServeAsync(params string[] arguments) => ServerProcess.CommandAsync(["serve", "--data", _folder["data"], .. arguments]);

    /// <summary>Starts <c>./run</c>, does something once it takes connections, and ends it as Ctrl-C does.</summary>
    private async Task<(string Output, ToolResult Said)> RunAsync(string port, Func<string, Task<ToolResult>> use)
    {
        using var process = Tool.Start(Path.Combine(Repository.Root, "run"), ["--data", _folder["data"], "--port", port]);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = new System.Text.StringBuilder();
        try
        {
            // Its last line: then it takes connections.
            using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            while (!output.ToString().Contains("Ctrl-C", StringComparison.Ordinal))
            {
                var line = await process.StandardOutput.ReadLineAsync(deadline.Token);
                Assert.True(line is not null, $"./run ended: {output}\n{(line is null ? await errors : "")}");
                output.Append(line).Append('\n');
            }

            var said = await use(output.ToString());
            Signals.Send(process.Id, Signals.Interrupt);
            using var ending = new CancellationTokenSource(Limit);
            await process.WaitForExitAsync(ending.Token);
            Assert.Equal(0, process.ExitCode);
            return (output.ToString(), said);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [GeneratedRegex("^ *curl .*$", RegexOptions.Multiline)]
    private static partial Regex CurlLine();
}
