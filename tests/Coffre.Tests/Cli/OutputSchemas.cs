using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Coffre.Cli.Commands;
using Coffre.Cli.Jobs;
using Coffre.Cli.Output;
using Json.Schema;

namespace Coffre.Tests.Cli;

/// <summary>The JSON Schemas of what the command answers, as its source-generated metadata has them; and answers held against them.</summary>
internal static class OutputSchemas
{
    private const string Urn = "urn:coffre:1:";

    // Results that are written as something else than themselves.
    private static readonly Dictionary<string, Type> WrittenAs = new(StringComparer.Ordinal) { ["JobResult"] = typeof(Job) };

    private static readonly Lazy<JsonSchema> Envelope = new(() => Strict("envelope"));
    private static readonly Lazy<JsonSchema> Line = new(() => Strict("line"));

    public static string Folder => Path.Combine(Repository(), "docs", "schema");

    public static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    /// <summary>Name and text of each.</summary>
    public static SortedDictionary<string, string> Generate()
    {
        SortedDictionary<string, JsonObject> all = new(StringComparer.Ordinal);
        var kinds = typeof(Result).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Result)) && !type.IsAbstract);
        foreach (var kind in kinds)
        {
            all.Add(NameOf(kind), kind == typeof(SchemaResult) ? OfSchema() : Of(InfoOf(WrittenAs.GetValueOrDefault(kind.Name) ?? kind)));
        }

        var results = new JsonArray([.. all.Keys.Select(name => (JsonNode)new JsonObject { ["$ref"] = Urn + name })]);
        all.Add("error-report", Of(InfoOf(typeof(ErrorReport))));
        all.Add("progress", Of(InfoOf(typeof(ProgressFigures))));
        all.Add("envelope", EnvelopeOf(results));
        all.Add("line", LineOf(results));
        return new(all.ToDictionary(pair => pair.Key, pair => Text(pair.Key, pair.Value)), StringComparer.Ordinal);
    }

    /// <summary>Fails unless the answer is one that the schemas allow, without members that they do not know.</summary>
    public static void Check(CliOutcome outcome, string line)
    {
        Assert.True(outcome.Out.Length > 0, $"nothing was answered to {line}: {outcome.Error}");
        Hold(Envelope.Value, outcome.Out, line);
        var answer = outcome.Json;
        Assert.Equal(outcome.ExitCode is Coffre.Cli.Running.ExitCode.Success, answer.GetProperty("ok").GetBoolean());

        // Keys that were found are results, no error.
        Assert.Equal(outcome.ExitCode is Coffre.Cli.Running.ExitCode.Success or Coffre.Cli.Running.ExitCode.KeysFound, answer.GetProperty("error").ValueKind == JsonValueKind.Null);
        if (answer.GetProperty("error").ValueKind != JsonValueKind.Null)
        {
            Assert.Equal((int)outcome.ExitCode, answer.GetProperty("error").GetProperty("exit_code").GetInt32());
        }
    }

    public static void CheckLines(CliOutcome outcome) => Assert.All(outcome.Lines, line => Hold(Line.Value, line, line));

    private static void Hold(JsonSchema schema, string json, string what)
    {
        var found = schema.Evaluate(JsonNode.Parse(json), new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(found.IsValid, $"{what}: {json}\n{string.Join('\n', found.Details.Where(detail => detail.Errors is not null).Select(detail => $"{detail.InstanceLocation} {string.Join(' ', detail.Errors!.Values)}"))}");
    }

    /// <summary>The published schema, closed: what it does not name is an error here.</summary>
    private static JsonSchema Strict(string name)
    {
        JsonSchema? asked = null;
        foreach (var file in Directory.EnumerateFiles(Folder, "*.json"))
        {
            var node = JsonNode.Parse(File.ReadAllText(file))!;
            Close(node);
            var schema = JsonSchema.FromText(node.ToJsonString().Replace(Urn, Urn + name + ":", StringComparison.Ordinal));
            SchemaRegistry.Global.Register(schema);
            asked = Path.GetFileNameWithoutExtension(file) == name ? schema : asked;
        }

        return asked ?? throw new InvalidOperationException($"docs/schema has no {name}.json");
    }

    private static void Close(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            if (members["properties"] is JsonObject && members["additionalProperties"] is null)
            {
                members["additionalProperties"] = false;
            }

            foreach (var member in members.ToArray())
            {
                Close(member.Value);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Close(item);
            }
        }
    }

    private static string NameOf(Type kind)
    {
        var name = kind.Name.EndsWith("Result", StringComparison.Ordinal) ? kind.Name[..^6] : kind.Name.EndsWith("Facts", StringComparison.Ordinal) ? kind.Name[..^5] : kind.Name;
        return JsonNamingPolicy.KebabCaseLower.ConvertName(name);
    }

    private static JsonTypeInfo InfoOf(Type type)
    {
        var contexts = typeof(Result).Assembly.GetTypes().Where(candidate => candidate.IsSubclassOf(typeof(JsonSerializerContext)))
            .Select(context => (JsonSerializerContext)context.GetProperty("Default", BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!);

        // The context beside the record itself, not one that meets it within another.
        var found = contexts.Where(context => context.GetType().GetCustomAttributesData().Any(attribute =>
            attribute.AttributeType == typeof(JsonSerializableAttribute) && (Type)attribute.ConstructorArguments[0].Value! == type)).Select(context => context.GetTypeInfo(type)).ToArray();
        return found is [{ } info, ..] ? info : throw new InvalidOperationException($"{type.Name} is in no JSON context; if it is written as something else, say so in {nameof(OutputSchemas)}.{nameof(WrittenAs)}.");
    }

    private static JsonObject Of(JsonTypeInfo info)
    {
        var schema = JsonSchemaExporter.GetJsonSchemaAsNode(info, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true }).AsObject();
        Loosen(schema);
        return schema;
    }

    /// <summary>What may be null is left out then, and so is not required.</summary>
    private static void Loosen(JsonNode? node)
    {
        if (node is not JsonObject members)
        {
            return;
        }

        if (members["required"] is JsonArray required && members["properties"] is JsonObject properties)
        {
            foreach (var name in required.Select(name => name!.GetValue<string>()).ToArray())
            {
                if (properties[name]?["type"] is JsonArray types && types.Any(type => type!.GetValue<string>() == "null"))
                {
                    required.Remove(required.First(entry => entry!.GetValue<string>() == name));
                }
            }
        }

        foreach (var member in members.ToArray())
        {
            Loosen(member.Value);
        }
    }

    private static JsonObject OfSchema() => Object(["name", "schema"], ("name", Type("string")), ("schema", new JsonObject { ["type"] = "object" }));

    private static JsonObject EnvelopeOf(JsonArray results) => Object(
        ["ok", "schema", "results", "warnings", "error"],
        [.. Head(), ("results", Array(new JsonObject { ["anyOf"] = results.DeepClone() })), ("warnings", Array(Type("string"))), .. Tail()]);

    private static JsonObject LineOf(JsonArray results) => new()
    {
        ["type"] = "object",
        ["oneOf"] = new JsonArray(
            Object(["type", "progress"], ("type", Const("status")), ("progress", Ref("progress"))),
            Object(["type", "result"], ("type", Const("item")), ("result", new JsonObject { ["anyOf"] = results.DeepClone() })),
            Object(["type", "message"], ("type", Const("warning")), ("message", Type("string"))),
            Object(
                ["type", "ok", "schema", "exit_code", "items", "warnings", "error"],
                [("type", Const("summary")), .. Head(), ("exit_code", Type("integer")), ("items", Type("integer")), ("warnings", Type("integer")), .. Tail()])),
    };

    private static (string, JsonObject)[] Head() => [("ok", Type("boolean")), ("schema", Const(Report.Schema))];

    private static (string, JsonObject)[] Tail() =>
    [
        ("error", new JsonObject { ["anyOf"] = new JsonArray(Ref("error-report"), Type("null")) }),
        ("as_of", new JsonObject { ["type"] = "string", ["format"] = "date-time" }),
        ("requests", Array(Object(
            ["endpoint", "calls", "refused", "waited_seconds"],
            ("endpoint", Type("string")), ("calls", Type("integer")), ("refused", Type("integer")), ("waited_seconds", Type("number"))))),
    ];

    private static JsonObject Object(string[] required, params (string Name, JsonObject Schema)[] members) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)member.Schema))),
        ["required"] = new JsonArray([.. required.Select(name => (JsonNode)name)]),
    };

    private static JsonObject Type(string name) => new() { ["type"] = name };

    private static JsonObject Const(string value) => new() { ["const"] = value };

    private static JsonObject Ref(string name) => new() { ["$ref"] = Urn + name };

    private static JsonObject Array(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static string Text(string name, JsonObject schema)
    {
        var whole = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["$id"] = Urn + name };
        foreach (var member in schema.ToArray())
        {
            whole[member.Key] = member.Value?.DeepClone();
        }

        return whole.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).ReplaceLineEndings("\n") + "\n";
    }
}
