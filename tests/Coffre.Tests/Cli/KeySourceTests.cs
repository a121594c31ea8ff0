using System.Net;
using Coffre.Cli.Keyrings;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;

namespace Coffre.Tests.Cli;

/// <summary>Where the key comes from, where it is kept, and whom it is shown to.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class KeySourceTests : IDisposable
{
    private const string Foreign = "0123456789abcdefghijklmnopqrstuv";

    private readonly CliRunner _cli = new();
    private readonly FakeService _service = new FakeService().OnCurrentKey().On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");
    private readonly string _ours = ApiKey.New();

    public KeySourceTests()
    {
        _cli.Handler = _service;
        _cli.Time = _service.Clock;
    }

    public void Dispose() => _cli.Dispose();

    private string SentKey => _service.Asked[^1].Authorization!["Bearer ".Length..];

    private string SentTo => _service.Asked[^1].Uri.Host;

    [Fact]
    public async Task Login_reads_the_key_from_standard_input_checks_it_and_keeps_it_in_the_keyring()
    {
        var outcome = (await _cli.PipeAsync(_ours + "\n", "auth", "login", "--url", "https://files.example.org")).Ok();

        Assert.Equal((_ours, "files.example.org"), (SentKey, SentTo));
        Assert.Contains("stored", outcome.Out, StringComparison.Ordinal);
        Assert.Equal([(new KeyringItem("https://files.example.org/", "default"), _ours)], _cli.Keyring.Items.Select(pair => (pair.Key, pair.Value)));
        Assert.DoesNotContain(_ours[4..], await File.ReadAllTextAsync(_cli.ConfigFile), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_cli.ConfigFile));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(_cli.ConfigFile)!));
        Assert.Empty((await _cli.RunAsync("ls")).Ok().Error);
        Assert.Equal(_ours, SentKey);
    }

    [Fact]
    public async Task Login_asks_on_a_terminal_without_showing()
    {
        _cli.Typed = new Queue<string>([_ours]);

        var outcome = (await _cli.RunAsync("auth", "login", "--url", "files.example.org", "--profile", "work")).Ok();

        Assert.Contains("API key (it is not shown): ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_ours, outcome.Out + outcome.Error, StringComparison.Ordinal);
        Assert.Equal("https", _service.Asked[^1].Uri.Scheme);
    }

    [Fact]
    public async Task A_key_that_the_service_refuses_is_not_kept()
    {
        var service = new FakeService().On(ApiPaths.CurrentKey, _ => FakeService.Problem("not_authenticated", HttpStatusCode.Unauthorized));
        _cli.Handler = service;

        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "files.example.org")).Is(ExitCode.NotLoggedIn);

        Assert.False(File.Exists(_cli.ConfigFile));
        Assert.Empty(_cli.Keyring.Items);
    }

    [Fact]
    public async Task What_is_wrong_with_a_key_is_said_without_asking_the_service()
    {
        var mistyped = _ours[..^1] + (_ours[^1] == 'a' ? 'b' : 'a');
        foreach (var (key, word) in new[] { ("", "empty"), (_ours[..30], "30 characters"), (_ours[..10] + " " + _ours[11..], "blanks"), (mistyped, "typing error"), (new string('é', 32), "characters that no key has") })
        {
            var outcome = (await _cli.PipeAsync(key + "\n", "auth", "login", "--url", "files.example.org")).Is(ExitCode.NotLoggedIn);

            Assert.Contains(word, outcome.Error, StringComparison.Ordinal);
            Assert.Empty(_service.Asked);
            Assert.True(key.Length < 8 || !(outcome.Out + outcome.Error).Contains(key, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Blanks_around_a_key_are_left_out_and_told()
    {
        var outcome = (await _cli.PipeAsync($"  {_ours} \r\n", "auth", "login", "--url", "files.example.org")).Ok();

        Assert.Contains("blanks around it", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(_ours, SentKey);
    }

    [Fact]
    public async Task The_environment_comes_before_the_profile_and_file_before_command_before_variable()
    {
        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "files.example.org")).Ok();
        var (inFile, byCommand, inVariable) = (ApiKey.New(), ApiKey.New(), ApiKey.New());

        _cli.Variables["COFFRE_API_KEY"] = inVariable;
        (await _cli.RunAsync("ls")).Ok();
        Assert.Equal(inVariable, SentKey);

        _cli.Variables["COFFRE_API_KEY_COMMAND"] = $"echo {byCommand}";
        (await _cli.RunAsync("ls")).Ok();
        Assert.Equal(byCommand, SentKey);

        _cli.Variables["COFFRE_API_KEY_FILE"] = _cli.Write("key", inFile + "\n");
        (await _cli.RunAsync("ls")).Ok();
        Assert.Equal((inFile, "files.example.org"), (SentKey, SentTo));
    }

    [Theory]
    [InlineData("COFFRE_API_KEY_COMMAND", "exit 3", 2)]
    [InlineData("COFFRE_API_KEY_COMMAND", "true", 2)]
    [InlineData("COFFRE_API_KEY_FILE", "/no/such/file", 2)]
    [InlineData("COFFRE_API_KEY", "short", 3)]
    public async Task A_key_that_cannot_be_had_is_said_so(string variable, string value, int exitCode)
    {
        _cli.Variables[variable] = value;

        Assert.Contains(variable, (await _cli.RunAsync("ls", "--url", "files.example.org")).Is((ExitCode)exitCode).Error, StringComparison.Ordinal);
        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task A_stored_key_is_shown_to_its_own_address_only()
    {
        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "files.example.org")).Ok();
        var asked = _service.Asked.Count;

        _cli.Variables["COFFRE_URL"] = "https://evil.example";
        var outcome = (await _cli.RunAsync("ls")).Is(ExitCode.Usage);

        Assert.Contains("belongs to files.example.org", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(asked, _service.Asked.Count);
    }

    [Fact]
    public async Task A_key_of_ours_does_not_travel_to_1fichier()
    {
        (await _cli.PipeAsync(_ours, "auth", "login")).Is(ExitCode.Usage);
        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "1fichier.com")).Is(ExitCode.Usage);
        _cli.Variables["COFFRE_API_KEY"] = _ours;
        (await _cli.RunAsync("ls")).Is(ExitCode.Usage);

        Assert.Empty(_service.Asked);
    }

    [Theory]
    [InlineData("auth", "login")]
    [InlineData("ls")]
    public async Task A_key_of_1fichier_is_not_shown_to_a_server(params string[] command)
    {
        _cli.Variables["COFFRE_API_KEY"] = Foreign;
        _cli.Variables["COFFRE_URL"] = "https://files.example.org";

        var outcome = (await _cli.PipeAsync(Foreign, command)).Is(ExitCode.Usage);

        Assert.Contains("not shown to files.example.org", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task An_address_where_something_else_answers_does_not_get_to_see_the_key()
    {
        var page = new FakeService().On(ApiPaths.CurrentKey, _ => FakeService.Html("<h1>Welcome to my blog</h1>")).On(V1Paths.FolderLs, _ => FakeService.Html("<h1>Not here</h1>", HttpStatusCode.NotFound));
        _cli.Handler = page;

        var outcome = (await _cli.PipeAsync(_ours, "auth", "login", "--url", "blog.example")).Is(ExitCode.Failure);

        Assert.Contains("What answers at blog.example is no coffre-server", outcome.Error, StringComparison.Ordinal);
        Assert.All(page.Asked, asked => Assert.Null(asked.Authorization));
        Assert.Empty(_cli.Keyring.Items);
    }

    [Fact]
    public async Task A_service_that_speaks_the_v1_protocol_alone_is_logged_in_to_by_a_listing()
    {
        var old = new FakeService().On(ApiPaths.CurrentKey, """{"status":"KO","message":"No such call #9017"}""", HttpStatusCode.NotFound).On(
            V1Paths.FolderLs,
            asked => asked.Authorization is null ? FakeService.Json("""{"status":"KO","message":"Not authenticated #247"}""", HttpStatusCode.Unauthorized)
                : FakeService.Json("""{"status":"OK","sub_folders":[],"items":[]}"""));
        _cli.Handler = old;

        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "files.example.org")).Ok();

        Assert.Equal("Bearer " + _ours, old.Last(V1Paths.FolderLs).Authorization);
    }

    [Fact]
    public async Task A_key_that_was_stored_for_one_address_is_not_found_under_another()
    {
        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "files.example.org")).Ok();
        var asked = _service.Asked.Count;
        await File.WriteAllTextAsync(_cli.ConfigFile, (await File.ReadAllTextAsync(_cli.ConfigFile)).Replace("files.example.org", "evil.example", StringComparison.Ordinal));

        Assert.Contains("no key of profile 'default' for evil.example", (await _cli.RunAsync("ls")).Is(ExitCode.NotLoggedIn).Error, StringComparison.Ordinal);
        Assert.Equal(asked, _service.Asked.Count);
    }

    [Fact]
    public async Task A_key_of_another_form_goes_to_1fichier_where_no_address_is_given()
    {
        _cli.Variables["COFFRE_API_KEY"] = Foreign;

        (await _cli.RunAsync("ls")).Ok();

        Assert.Equal((Foreign, "api.1fichier.com"), (SentKey, SentTo));
    }

    [Fact]
    public async Task A_link_chooses_the_profile_of_its_host_and_never_the_address()
    {
        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "files.example.org")).Ok();
        (await _cli.PipeAsync(Foreign, "auth", "login", "--profile", "vendor")).Ok();
        _service.On(V1Paths.FileInfo, """{"filename":"a","size":1,"url":"https://x.example/?abcdefghij"}""");

        (await _cli.RunAsync("info", "https://alterupload.1fichier.com/?abcdefghij")).Ok();
        Assert.Equal((Foreign, "api.1fichier.com"), (SentKey, SentTo));

        (await _cli.RunAsync("info", "https://evil.example/?abcdefghij")).Ok();
        Assert.Equal((_ours, "files.example.org"), (SentKey, SentTo));
    }

    [Fact]
    public async Task Nobody_logged_in_and_an_unknown_profile_are_told_with_the_cure()
    {
        Assert.Contains("auth login", (await _cli.RunAsync("ls")).Is(ExitCode.NotLoggedIn).Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("--profile work", (await _cli.RunAsync("ls", "work:/")).Is(ExitCode.NotLoggedIn).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_masks_the_key_and_logout_forgets_it()
    {
        (await _cli.PipeAsync(_ours, "auth", "login", "--url", "files.example.org")).Ok();

        var status = (await _cli.RunAsync("auth", "status", "--json")).Ok();
        Assert.Equal(ApiKey.Mask(_ours), status.Results[0].GetProperty("key").GetString());
        (await _cli.RunAsync("auth", "logout")).Ok();
        (await _cli.RunAsync("auth", "logout")).Is(ExitCode.NotFound);

        Assert.Empty(_cli.Keyring.Items);
    }

    [Fact]
    public async Task A_broken_profile_file_is_no_crash()
    {
        _cli.Write("config/coffre/profiles.json", "{ nonsense");

        Assert.Contains("profiles.json", (await _cli.RunAsync("ls")).Is(ExitCode.Usage).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_over_http_to_another_machine_is_warned_of()
    {
        Assert.Contains("in clear", (await _cli.PipeAsync(_ours, "auth", "login", "--url", "http://nas.example")).Ok().Error, StringComparison.Ordinal);
        Assert.DoesNotContain("in clear", (await _cli.PipeAsync(_ours, "auth", "login", "--url", "127.0.0.1:8710")).Ok().Error, StringComparison.Ordinal);
    }
}
