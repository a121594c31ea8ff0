using System.Text.Json;
using Coffre.Cli.Commands;
using Coffre.Cli.Running;
using Coffre.Tests.Serving;

namespace Coffre.Tests.Cli;

/// <summary>The published schemas are those of the code, and what commands answer fits them. Each command of the tree is held against them in <see cref="CanaryTests"/>.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly CliRunner _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task The_schemas_in_the_docs_are_those_of_the_code()
    {
        var made = OutputSchemas.Generate();
        var folder = OutputSchemas.Folder;
        var kept = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText, StringComparer.Ordinal) : [];
        var differing = made.Keys.Union(kept.Keys, StringComparer.Ordinal).Where(name => made.GetValueOrDefault(name) != kept.GetValueOrDefault(name)).Order(StringComparer.Ordinal).ToArray();
        if (differing.Length > 0)
        {
            // What is to be looked at, and then to be put in its place.
            var target = Directory.CreateDirectory(Path.Combine(OutputSchemas.Repository(), "artifacts", "schema")).FullName;
            foreach (var (name, text) in made)
            {
                await File.WriteAllTextAsync(Path.Combine(target, name + ".json"), text);
            }
        }

        Assert.True(differing.Length == 0, $"docs/schema is out of date ({string.Join(", ", differing)}): compare with artifacts/schema, and put that in its place if it is meant so. Schemas of kinds that are gone are to be removed.");
    }

    [Fact]
    public async Task The_command_prints_them()
    {
        Assert.Equal(OutputSchemas.Generate().Keys, (await _cli.RunAsync("schema")).Ok().Lines);
        foreach (var name in SchemaCommand.Names)
        {
            Assert.Equal("urn:coffre:1:" + name, JsonDocument.Parse((await _cli.RunAsync("schema", name)).Ok().Out).RootElement.GetProperty("$id").GetString());
        }

        (await _cli.RunAsync("schema", "nonsense")).Is(ExitCode.NotFound);
    }

    [Fact]
    public async Task What_commands_answer_of_a_real_server_fits_as_one_object_and_as_lines()
    {
        await using var server = await TestServer.StartAsync();
        string[][] commands =
        [
            ["auth", "status"], ["put", _cli.Write("t/a.txt", "1"), ":/T/"], ["put", _cli.Local("t"), ":/T/"], ["ls", "-R", ":/"], ["tree"], ["find", "a"], ["du"], ["info", ":/T"], ["info", ":/T/a.txt"],
            ["link", ":/T/a.txt"], ["mkdir", ":/M"], ["cp", ":/T/a.txt", ":/M/b.txt"], ["mv", ":/M/b.txt", ":/M/c.txt"], ["dedupe"], ["get", ":/T/a.txt", _cli.Local("out/")], ["rm", "-y", ":/M/c.txt"],
            ["quota"], ["keys", "list"], ["keys", "new", "ci", "--scopes", "read"], ["job", "add", "n", "--every", "1h", "--", "ls"], ["job", "run", "n"], ["job", "history"], ["job", "list", "--all"], ["job", "show", "n"],
            ["job", "install", "n", "--print"], ["doctor"], ["errors", "list"], ["errors", "explain", "374", "7"], ["version"], ["complete", "--", "p"], ["completion", "zsh"], ["schema"], ["schema", "entry"],
            ["support", "bundle", "-y", "--out", _cli.Local("b.zip")], ["ls", ":/nowhere"], ["ls", "--nonsense"], ["put", _cli.Local("t"), ":/T/", "--if-exists", "fail"],
        ];
        (await _cli.PipeAsync(server.Key, "auth", "login", "--url", server.Address.ToString())).Ok();
        foreach (var command in commands)
        {
            if (command[0] is not ("put" or "keys" or "mkdir" or "cp" or "mv" or "rm" or "support") && command is not ["job", "add", ..])
            {
                OutputSchemas.CheckLines(await _cli.RunAsync(["--output", "jsonl", .. command]));
            }

            OutputSchemas.Check(await _cli.RunAsync(["--json", "--explain-requests", .. command]), string.Join(' ', command));
        }
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_seen()
    {
        foreach (var wrong in new[]
        {
            """{"ok":true,"schema":"coffre/1","results":[{"nonsense":1}],"warnings":[],"error":null}""",
            """{"ok":true,"schema":"coffre/2","results":[],"warnings":[],"error":null}""",
            """{"ok":true,"schema":"coffre/1","results":[],"warnings":[],"error":null,"more":1}""",
            """{"ok":true,"schema":"coffre/1","results":[{"path":"/a"}],"warnings":[],"error":null}""",
        })
        {
            Assert.ThrowsAny<Exception>(() => OutputSchemas.Check(new CliOutcome(ExitCode.Success, wrong, "", []), "wrong"));
        }
    }
}
