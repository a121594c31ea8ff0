using System.CommandLine;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;
using Coffre.Protocol;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;

namespace Coffre.Tests.Cli;

/// <summary>What needs no service: help, flags, wrong input, exit codes.</summary>
public sealed class CommandLineTests : IDisposable
{
    private static readonly string[] Commands = ["auth", "ls", "tree", "put", "get", "sync", "copy", "plan", "apply", "check", "cat", "mkdir", "cp", "mv", "rm", "link", "info", "quota", "keys", "import", "scheduler", "doctor", "errors", "support", "schema", "completion", "version"];

    private readonly CliRunner _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Each_command_explains_itself_with_two_examples_that_are_right_and_without_a_key()
    {
        foreach (var (path, command) in CliRunner.Leaves(_cli.Root()).Concat(Branches(_cli.Root(), "")))
        {
            var described = Assert.IsType<DescribedCommand>(command);
            Assert.True(described.Examples.Count >= 2, $"coffre {path} has {described.Examples.Count} examples");
            var help = (await _cli.RunAsync([.. path.Split(' '), "--help"])).Ok().Out;
            Assert.Contains("Examples:", help, StringComparison.Ordinal);
            Assert.All(described.Examples, example => Assert.Contains("\n  " + example, help, StringComparison.Ordinal));
            foreach (var words in described.Examples.SelectMany(ShellLine.CommandsOf))
            {
                var parse = _cli.Root().Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
                Assert.True(parse.Errors.Count == 0, $"an example of coffre {path} does not parse: {string.Join(' ', words)}: {string.Join(' ', parse.Errors)}");
                Assert.NotNull(parse.CommandResult.Command.Action);
            }
        }
    }

    [Fact]
    public void Every_example_of_a_command_is_about_that_command()
    {
        foreach (var (path, command) in CliRunner.Leaves(_cli.Root()))
        {
            Assert.All(((DescribedCommand)command).Examples, example =>
                Assert.Contains(ShellLine.CommandsOf(example), words => words.Length >= path.Split(' ').Length && string.Join(' ', words).StartsWith(path, StringComparison.Ordinal)));
        }
    }

    private static IEnumerable<(string Path, Command Command)> Branches(Command command, string path) =>
        command.Subcommands.Where(below => below.Subcommands.Count > 0).SelectMany(below =>
        {
            var own = $"{path} {below.Name}".TrimStart();
            return Branches(below, own).Prepend((own, below));
        });

    [Fact]
    public async Task The_help_names_every_command_and_the_environment()
    {
        var outcome = (await _cli.RunAsync("--help")).Ok();

        Assert.All(Commands, command => Assert.Contains($"\n  {command} ", outcome.Out, StringComparison.Ordinal));
        Assert.Contains("COFFRE_API_KEY_FILE, COFFRE_API_KEY_COMMAND, COFFRE_API_KEY", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        Assert.Matches(@"^coffre \d+\.\d+\.\d+\n$", (await _cli.RunAsync("--version")).Ok().Out.Replace("\r", "", StringComparison.Ordinal));
        Assert.Equal("0.1.0", (await _cli.RunAsync("version", "--json")).Ok().Results[0].GetProperty("version").GetString());
    }

    [Theory]
    [InlineData("bogus")]
    [InlineData("ls --bogus")]
    [InlineData("put one")]
    [InlineData("put a :/b --transfers 0")]
    [InlineData("put a :/b --transfers 33")]
    [InlineData("put a :/b --transfers many")]
    [InlineData("put a :/b --if-exists maybe")]
    [InlineData("cat :/a --offset -1")]
    [InlineData("ls local")]
    [InlineData("get local .")]
    [InlineData("put :/a :/b")]
    [InlineData("put a b")]
    [InlineData("cat :/a --json")]
    [InlineData("get :/a - --json")]
    [InlineData("ls :/../x")]
    [InlineData("ls https://example.org/page.html")]
    [InlineData("cp https://1fichier.com/?abcdefghij https://1fichier.com/?abcdefghik")]
    [InlineData("auth login --profile x")]
    [InlineData("ls --url ftp://x")]
    [InlineData("ls --api-key 0123456789abcdefghijklmnopqrstuv")]
    [InlineData("keys scan")]
    [InlineData("keys revoke")]
    [InlineData("keys revoke 1 --stdin")]
    [InlineData("keys rotate --grace soon")]
    [InlineData("errors explain")]
    [InlineData("completion tcsh")]
    [InlineData("completion")]
    [InlineData("doctor --offline 5")]
    public async Task Wrong_use_is_one_line_and_exit_code_2(string line)
    {
        _cli.Variables["COFFRE_API_KEY"] = "0123456789abcdefghijklmnopqrstuv";

        var outcome = (await _cli.RunAsync(line.Split(' '))).Is(ExitCode.Usage);

        Assert.StartsWith("coffre: ", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_key_as_an_argument_is_refused_and_not_repeated()
    {
        foreach (var word in new[] { "--api-key", "--api-key=" + ApiKey.New(), "--key" })
        {
            var key = ApiKey.New();
            var outcome = (await _cli.RunAsync("ls", word, key)).Is(ExitCode.Usage);

            Assert.Contains("a key is never an argument", outcome.Error, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("cof_", outcome.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ls --bogus --json")]
    [InlineData("ls local --json")]
    [InlineData("cat :/a --json")]
    public async Task Wrong_use_is_json_where_json_was_asked_for(string line)
    {
        var json = (await _cli.RunAsync(line.Split(' '))).Is(ExitCode.Usage).Json;

        Assert.False(json.GetProperty("ok").GetBoolean());
        Assert.Equal("coffre/1", json.GetProperty("schema").GetString());
        Assert.Equal("usage", json.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal(2, json.GetProperty("error").GetProperty("exit_code").GetInt32());
    }

    [Theory]
    [InlineData("COFFRE_TRANSFERS", "99")]
    [InlineData("COFFRE_TRANSFERS", "x")]
    [InlineData("COFFRE_IF_EXISTS", "maybe")]
    [InlineData("COFFRE_JSON", "perhaps")]
    public async Task A_wrong_twin_in_the_environment_is_wrong_use(string variable, string value)
    {
        _cli.Variables[variable] = value;

        Assert.Contains(value, (await _cli.RunAsync("put", "a", ":/b")).Is(ExitCode.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_twin_in_the_environment_counts_where_the_flag_is_missing()
    {
        _cli.Variables["COFFRE_JSON"] = "1";

        Assert.True((await _cli.RunAsync("version")).Ok().Json.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public void Every_kind_of_error_has_an_exit_code_that_is_no_success()
    {
        foreach (var error in Enum.GetValues<CoffreError>())
        {
            Assert.NotEqual(ExitCode.Success, ExitCodes.Of(error));
        }
    }

    [Theory]
    [InlineData(CoffreError.NotAuthenticated, 3)]
    [InlineData(CoffreError.PasswordWrong, 4)]
    [InlineData(CoffreError.NotFound, 5)]
    [InlineData(CoffreError.Conflict, 6)]
    [InlineData(CoffreError.Flooded, 7)]
    [InlineData(CoffreError.Integrity, 11)]
    [InlineData(CoffreError.QuotaExceeded, 12)]
    [InlineData(CoffreError.Network, 13)]
    [InlineData(CoffreError.Refused, 1)]
    public void Exit_codes_are_those_of_the_manual(CoffreError error, int exitCode) => Assert.Equal(exitCode, (int)ExitCodes.Of(error));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(999_999, "1.0 MB")]
    [InlineData(123_456_789, "123 MB")]
    [InlineData(2_000_000_000_000, "2.0 TB")]
    public void Sizes_are_short(long bytes, string text) => Assert.Equal(text, TextStyle.Human(bytes));

    [Fact]
    public async Task A_service_that_is_gone_stops_the_run_with_its_own_exit_code()
    {
        for (var i = 0; i < 6; i++)
        {
            _cli.Write($"d/f{i}", "x");
        }

        var service = new FakeService()
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""")
            .On(V1Paths.FolderMkdir, """{"status":"OK","folder_id":9,"name":"D"}""")
            .On(V1Paths.UploadServer, _ => throw new HttpRequestException("connection refused"));
        _cli.Handler = service;
        _cli.Time = service.Clock;
        _cli.Variables["COFFRE_API_KEY"] = ApiKey.New();

        (await _cli.RunAsync("put", _cli.Local("d"), ":/D", "--url", "files.example.org", "--retries", "1")).Is(ExitCode.Network);

        Assert.Equal(2, service.All(V1Paths.UploadServer).Count);
    }

    [Fact]
    public void Names_cannot_drive_the_terminal() => Assert.Equal("a␛[2Jb\ufffd", TextStyle.Shown("a\u001b[2Jb\u009b"));
}
