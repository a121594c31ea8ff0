using System.Net;
using Coffre.Cli.Keyrings;
using Coffre.Cli.Running;
using Coffre.Protocol;
using Coffre.Protocol.Api;
using Coffre.Protocol.V1;
using Coffre.Tests.Client;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary><c>coffre keys</c> against a whole server.</summary>
public sealed class KeysCommandTests : IAsyncLifetime
{
    private readonly CliRunner _cli = new();
    private TestServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync();
        (await _cli.PipeAsync(_server.Key, "auth", "login", "--url", _server.Address.ToString())).Ok();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _cli.Dispose();
    }

    private string Stored => _cli.Keyring.Items[new KeyringItem(_server.Address.AbsoluteUri, "default")];

    private Task<CliOutcome> RunAsync(params string[] args) => _cli.RunAsync(args);

    private async Task<string> NewAsync(string name, params string[] more) => (await RunAsync(["keys", "new", name, .. more])).Ok().Out.Trim();

    private async Task<HttpStatusCode> TryAsync(string key) => (await _server.CallAsync("folder/ls.cgi", "{}", key)).Status;

    [Fact]
    public async Task A_key_is_made_printed_alone_listed_renamed_and_revoked()
    {
        var made = (await RunAsync("keys", "new", "ci", "--scopes", "read,write", "--networks", "127.0.0.0/8,10.0.0.0/8", "--calls-per-second", "50", "--expires", "90d")).Ok();
        var key = made.Out.Trim();

        Assert.True(ApiKey.IsWellFormed(key));
        Assert.DoesNotContain(key, made.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await TryAsync(key));
        var listed = (await RunAsync("keys", "list")).Ok();
        Assert.Contains(listed.Lines, line => line.Contains(ApiKey.Mask(key), StringComparison.Ordinal) && line.Contains("ci", StringComparison.Ordinal) && line.Contains("read,write", StringComparison.Ordinal));
        Assert.Single(listed.Lines, line => line.StartsWith('*') && line.Contains(ApiKey.Mask(_server.Key), StringComparison.Ordinal));
        (await RunAsync("keys", "rename", "ci", "builds")).Ok();
        (await RunAsync("keys", "revoke", "builds")).Is(ExitCode.Usage);
        Assert.Contains("revoked", (await RunAsync("keys", "revoke", "builds", "-y")).Ok().Out, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(key));
        Assert.DoesNotContain("builds", (await RunAsync("keys", "list")).Ok().Out, StringComparison.Ordinal);
        var all = (await RunAsync("keys", "list", "--all", "--json")).Ok().Results;
        Assert.Contains(all, one => one.GetProperty("key").GetProperty("state").GetString() == "revoked" && !one.GetProperty("current").GetBoolean());
    }

    [Fact]
    public async Task A_key_of_a_folder_sees_that_folder_alone()
    {
        (await RunAsync("mkdir", ":/Photos/2031")).Ok();

        var key = await NewAsync("phone", "--folder", ":/Photos", "--scopes", "read");

        (await _cli.PipeAsync(key, "auth", "login", "--url", _server.Address.ToString(), "--profile", "phone")).Ok();
        Assert.Equal(["2031/"], (await RunAsync("ls", "phone:/")).Ok().Lines);
        (await RunAsync("keys", "list", "--profile", "phone")).Is(ExitCode.Forbidden);
        Assert.Contains("read", (await RunAsync("auth", "status", "--profile", "phone")).Ok().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_fit_none_or_several_keys_are_refused()
    {
        await NewAsync("twin");
        await NewAsync("twin");

        Assert.Contains("Several keys", (await RunAsync("keys", "revoke", "twin", "-y")).Is(ExitCode.Conflict).Error, StringComparison.Ordinal);
        (await RunAsync("keys", "rename", "nobody", "x")).Is(ExitCode.NotFound);
        (await RunAsync("keys", "rename", "999999", "x")).Is(ExitCode.NotFound);
        (await RunAsync("keys", "new", "x", "--scopes", "fly")).Is(ExitCode.Failure);
    }

    [Fact]
    public async Task Rotation_keeps_the_new_key_uses_it_and_leaves_the_old_one_its_grace()
    {
        var outcome = (await RunAsync("keys", "rotate", "--grace", "2h")).Ok();

        var rotated = Stored;
        Assert.NotEqual(_server.Key, rotated);
        Assert.DoesNotContain(rotated, outcome.Out + outcome.Error, StringComparison.Ordinal);
        Assert.Single(_cli.Keyring.Items);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await TryAsync(rotated), await TryAsync(_server.Key)));
        _server.Clock.Advance(TimeSpan.FromHours(2) + TimeSpan.FromSeconds(1));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await TryAsync(rotated), await TryAsync(_server.Key)));
        (await RunAsync("ls")).Ok();
    }

    [Fact]
    public async Task The_key_of_another_device_is_printed_and_waits_for_its_first_use()
    {
        var old = await NewAsync("nas");

        var key = (await RunAsync("keys", "rotate", "nas", "--grace", "0")).Ok().Out.Trim();

        Assert.Equal(HttpStatusCode.OK, await TryAsync(old));
        Assert.Contains("takes over from", (await RunAsync("keys", "list")).Ok().Out, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await TryAsync(key), await TryAsync(old)));
        Assert.Equal(_server.Key, Stored);
    }

    [Fact]
    public async Task Regeneration_ends_the_old_key_at_once_and_keeps_the_new_one()
    {
        (await RunAsync("keys", "regenerate")).Is(ExitCode.Usage);
        (await RunAsync("keys", "regenerate", "-y")).Ok();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await TryAsync(Stored), await TryAsync(_server.Key)));
        Assert.Single(_cli.Keyring.Items);
        (await RunAsync("ls")).Ok();
    }

    [Fact]
    public async Task A_key_of_the_environment_is_not_replaced_where_nobody_would_put_the_new_one()
    {
        _cli.Variables["COFFRE_API_KEY"] = _server.Key;
        _cli.Variables["COFFRE_URL"] = _server.Address.ToString();

        Assert.Contains("--print", (await RunAsync("keys", "rotate")).Is(ExitCode.Usage).Error, StringComparison.Ordinal);
        Assert.True(ApiKey.IsWellFormed((await RunAsync("keys", "rotate", "--print")).Ok().Out.Trim()));
    }

    [Fact]
    public async Task Whoever_holds_keys_can_end_them_without_a_login()
    {
        var (one, two) = (await NewAsync("one"), await NewAsync("two"));
        (await RunAsync("auth", "logout")).Ok();

        var outcome = (await _cli.PipeAsync($"log: {one}\n{{\"k\":\"{two}\",\"again\":\"{one}\"}} {ApiKey.New()}", "keys", "revoke", "--stdin", "--url", _server.Address.ToString(), "--json")).Ok();

        Assert.Equal((3, 2), (outcome.Results[0].GetProperty("found").GetInt32(), outcome.Results[0].GetProperty("revoked").GetInt32()));
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (await TryAsync(one), await TryAsync(two)));
        (await _cli.PipeAsync("nothing here", "keys", "revoke", "--stdin", "--url", _server.Address.ToString())).Is(ExitCode.NotFound);
        (await _cli.PipeAsync(one, "keys", "revoke", "--stdin")).Is(ExitCode.Usage);
    }

    [Fact]
    public async Task The_service_1fichier_is_said_to_have_no_such_calls()
    {
        (await RunAsync("auth", "logout")).Ok();
        _cli.Variables["COFFRE_API_KEY"] = "0123456789abcdefghijklmnopqrstuv";

        Assert.Contains("1fichier.com has one key", (await RunAsync("keys", "list")).Is(ExitCode.Usage).Error, StringComparison.Ordinal);
    }
}

/// <summary>A rotation that breaks somewhere leaves a key that works.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private static readonly KeyringItem Item = new("https://files.example.org/", "default");
    private static readonly KeyringItem Next = Item with { Account = "default+next" };

    private readonly CliRunner _cli = new();
    private readonly string _old = ApiKey.New();
    private readonly string _new = ApiKey.New();

    // Answers for the new key, in order; the last repeats.
    private readonly Queue<Func<HttpResponseMessage>> _newKeyAnswers = new();
    private readonly FakeService _service = new();

    public KeyRotationTests()
    {
        _cli.Handler = _service;
        _cli.Time = _service.Clock;
        _service
            .On(ApiPaths.CurrentKey, asked => asked.Authorization == "Bearer " + _new
                ? (_newKeyAnswers.Count > 1 ? _newKeyAnswers.Dequeue() : _newKeyAnswers.Peek())()
                : FakeService.Json("""{"id":7,"name":"old","state":"active"}"""))
            .On(ApiPaths.Keys + "/current/rotate", _ => FakeService.Json($$"""{"key":{"id":9,"name":"old","state":"pending"},"secret":"{{_new}}"}""", HttpStatusCode.Created))
            .On(ApiPaths.Keys + "/current/regenerate", _ => FakeService.Json($$"""{"key":{"id":9,"name":"old","state":"active"},"secret":"{{_new}}"}""", HttpStatusCode.Created))
            .On(ApiPaths.Keys + "/9", """{"id":9,"name":"old","state":"revoked"}""")
            .On(V1Paths.FolderLs, """{"status":"OK","sub_folders":[],"items":[]}""");
    }

    public void Dispose() => _cli.Dispose();

    private void LogIn()
    {
        _cli.Keyring.Items[Item] = _old;
        _cli.Write("config/coffre/profiles.json", """{"version":1,"default":"default","profiles":{"default":{"url":"https://files.example.org/"}}}""");
    }

    private static HttpResponseMessage Works() => FakeService.Json("""{"id":9,"name":"old","state":"active"}""");

    [Fact]
    public async Task If_the_first_use_fails_the_old_key_stays_and_the_next_run_goes_on()
    {
        LogIn();
        _newKeyAnswers.Enqueue(() => throw new HttpRequestException("connection refused"));
        _newKeyAnswers.Enqueue(Works);

        var outcome = (await _cli.RunAsync("keys", "rotate", "--retries", "0")).Is(ExitCode.Network);

        Assert.Contains("the old one stays", outcome.Error, StringComparison.Ordinal);
        Assert.Equal((_old, _new), (_cli.Keyring.Items[Item], _cli.Keyring.Items[Next]));
        (await _cli.RunAsync("ls")).Ok();
        Assert.Equal("Bearer " + _old, _service.Asked[^1].Authorization);

        (await _cli.RunAsync("keys", "rotate")).Ok();
        Assert.Equal([(Item, _new)], _cli.Keyring.Items.Select(pair => (pair.Key, pair.Value)));
        Assert.Single(_service.All(ApiPaths.Keys + "/current/rotate"));
    }

    [Fact]
    public async Task If_the_server_refuses_its_own_new_key_the_old_one_stays()
    {
        LogIn();
        _newKeyAnswers.Enqueue(() => FakeService.Problem("not_authenticated", HttpStatusCode.Unauthorized));

        (await _cli.RunAsync("keys", "rotate")).Is(ExitCode.NotLoggedIn);

        Assert.Equal(_old, _cli.Keyring.Items[Item]);
        Assert.Equal(_new, _cli.Keyring.Items[Next]);
    }

    [Fact]
    public async Task If_the_keyring_does_not_take_the_new_key_it_is_revoked_unused()
    {
        LogIn();
        _cli.Keyring.Storing = (_, _) => throw new KeyringException("The keyring is full.", "empty it");

        Assert.Contains("The keyring is full", (await _cli.RunAsync("keys", "rotate")).Is(ExitCode.NotLoggedIn).Error, StringComparison.Ordinal);

        Assert.Equal([(Item, _old)], _cli.Keyring.Items.Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(HttpMethod.Delete, _service.Last(ApiPaths.Keys + "/9").Method);
        Assert.DoesNotContain(_service.Asked, asked => asked.Authorization == "Bearer " + _new);
    }

    [Fact]
    public async Task If_the_keyring_breaks_after_the_first_use_both_keys_are_kept_and_the_next_run_ends_it()
    {
        LogIn();
        _newKeyAnswers.Enqueue(Works);
        _cli.Keyring.Storing = (item, _) =>
        {
            if (item == Item)
            {
                throw new KeyringException("The keyring is locked.", "unlock it");
            }
        };

        (await _cli.RunAsync("keys", "rotate")).Is(ExitCode.NotLoggedIn);
        Assert.Equal((_old, _new), (_cli.Keyring.Items[Item], _cli.Keyring.Items[Next]));
        _cli.Keyring.Storing = null;
        (await _cli.RunAsync("keys", "rotate")).Ok();

        Assert.Equal([(Item, _new)], _cli.Keyring.Items.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public async Task A_key_in_a_file_stays_there_only_if_that_is_said_again()
    {
        _cli.Keyring.IsMissing = true;
        _newKeyAnswers.Enqueue(Works);
        _cli.Write("config/coffre/profiles.json", $$"""{"version":1,"default":"default","profiles":{"default":{"url":"https://files.example.org/","key":"{{_old}}"} } }""");

        (await _cli.RunAsync("keys", "rotate")).Is(ExitCode.NotLoggedIn);
        Assert.Empty(_service.All(ApiPaths.Keys + "/current/rotate"));
        (await _cli.RunAsync("keys", "rotate", "--insecure-storage")).Ok();

        var file = await File.ReadAllTextAsync(_cli.ConfigFile);
        Assert.Contains(_new, file, StringComparison.Ordinal);
        Assert.DoesNotContain("next_key", file, StringComparison.Ordinal);
        Assert.DoesNotContain(_old, file, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_regenerated_key_that_cannot_be_kept_is_shown_rather_than_lost()
    {
        LogIn();
        _newKeyAnswers.Enqueue(Works);
        _cli.Keyring.Storing = (_, secret) =>
        {
            if (secret == _new)
            {
                throw new KeyringException("The keyring is locked.", "unlock it");
            }
        };

        var outcome = (await _cli.RunAsync("keys", "regenerate", "-y")).Is(ExitCode.NotLoggedIn);

        Assert.Equal(_new, outcome.Out.Trim());
        Assert.DoesNotContain(_new, outcome.Error, StringComparison.Ordinal);
    }
}
