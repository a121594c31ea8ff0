using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json;
using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Commands;

/// <summary><c>coffre schema</c>: JSON Schemas of what <c>--json</c> and <c>--output jsonl</c> answer.</summary>
internal static class SchemaCommand
{
    private const string Prefix = "schema/";

    /// <summary>The names of all schemas.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(SchemaCommand).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..^".json".Length]).Order(StringComparer.Ordinal)];

    public static Command Make(CommandKit kit)
    {
        var name = new Argument<string?>("name") { Description = "envelope, line, or a kind of result; left out: the names of all", Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add(_ => Names.Select(known => new CompletionItem(known)));
        var command = new DescribedCommand("schema", "Print the JSON Schema of an answer", ["coffre schema", "coffre schema envelope"]) { name };
        command.Notes = """
            envelope is what --json answers, line is one line of --output jsonl; both name the kinds of results. New members may come with
            any release; those that are there stay as long as 'schema' says coffre/1.
            """;
        kit.Does(command, (run, parse, _) =>
        {
            if (parse.GetValue(name) is not { } asked)
            {
                foreach (var known in Names)
                {
                    run.Report.Add(new WordResult(known, ""));
                }

                return Task.FromResult(ExitCode.Success);
            }

            run.Report.Add(new SchemaResult(asked, Read(asked) ?? throw CliException.NotFound($"There is no schema '{asked}'.", "coffre schema shows their names")));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static string? Read(string name)
    {
        using var stream = typeof(SchemaCommand).Assembly.GetManifestResourceStream(Prefix + name + ".json");
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd();
    }
}

/// <summary><c>schema NAME</c>.</summary>
internal sealed record SchemaResult(string Name, string Text) : Result
{
    public override string? Line(TextStyle style) => Text;

    public override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("name", Name);
        writer.WritePropertyName("schema");

        // Without its line ends: it may stand in one line.
        using (var schema = JsonDocument.Parse(Text))
        {
            schema.RootElement.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
