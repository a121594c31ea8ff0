using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Coffre.Cli.Output;

namespace Coffre.Cli.Catalogue;

/// <summary><c>errors explain</c>, <c>errors list</c>.</summary>
internal sealed record ErrorFacts : FactsResult
{
    /// <summary><c>error</c>, <c>number</c> (of the service), <c>exit_code</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Stable name; absent of exit codes.</summary>
    public string? Code { get; init; }

    public required int ExitCode { get; init; }

    /// <summary>Whether the same may well succeed later without any change.</summary>
    public required bool Transient { get; init; }

    public required string Meaning { get; init; }

    public required string Advice { get; init; }

    /// <summary>Numbers behind <c>#</c> that mean it.</summary>
    public IReadOnlyList<int>? Numbers { get; init; }

    /// <summary>Texts of refusals that mean it.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Codes that end with it, of an exit code.</summary>
    public IReadOnlyList<string>? Codes { get; init; }

    /// <summary>How long nothing is asked after it, where the service does not say.</summary>
    public long? PauseSeconds { get; init; }

    /// <summary>Whether it is one line of many.</summary>
    [JsonIgnore]
    public bool IsShort { get; init; }

    public override string? Line(TextStyle style) => IsShort
        ? string.Create(CultureInfo.InvariantCulture, $"{Code,-18} {ExitCode,3}  {(Transient ? "passes" : "stays"),-6}  {Meaning}")
        : base.Line(style) + "\n";

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, ErrorJson.Default.ErrorFacts);

    protected override IEnumerable<(string Name, string? Value)> Facts(TextStyle style) =>
    [
        (Kind switch { "exit_code" => "exit code", "number" => "number", _ => "code" }, Kind switch { "exit_code" => Number(ExitCode), "number" => "#" + Number(Numbers![0]), _ => Code }),
        ("kind", Kind is "number" ? Code : null),
        ("says", Texts is { Count: > 0 } texts ? string.Join("; ", texts) : null),
        ("means", Meaning),
        ("exit code", Kind is "exit_code" ? null : Number(ExitCode)),
        ("numbers", Kind is "error" && Numbers is { Count: > 0 } numbers ? string.Join(", ", numbers.Select(number => "#" + Number(number))) : null),
        ("codes", Codes is { Count: > 0 } codes ? string.Join(", ", codes) : null),
        ("later", Kind is "exit_code" ? null : Transient ? "the same may well succeed without any change" : "the same will fail again"),
        ("pause", PauseSeconds is { } pause ? Number(pause) + " s" : null),
        ("cure", Advice),
    ];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorFacts))]
internal sealed partial class ErrorJson : JsonSerializerContext;
