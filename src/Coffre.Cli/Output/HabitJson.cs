using System.Text.Json.Serialization;
using Coffre.Cli.Commands;
using Coffre.Cli.Health;

namespace Coffre.Cli.Output;

/// <summary>Results of the commands that look after the command itself.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ScriptResult))]
[JsonSerializable(typeof(WordResult))]
[JsonSerializable(typeof(FindingResult))]
[JsonSerializable(typeof(BundleResult))]
internal sealed partial class HabitJson : JsonSerializerContext;
