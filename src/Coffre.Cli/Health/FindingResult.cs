using System.Text.Json;
using Coffre.Cli.Output;

namespace Coffre.Cli.Health;

/// <summary>One thing that <c>doctor</c> looked at.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="State"><c>ok</c>, <c>warning</c>, <c>problem</c>, or <c>skipped</c> where it could not be looked at.</param>
/// <param name="Message">What was found.</param>
internal sealed record FindingResult(string Check, string State, string Message) : Result
{
    public const string Problem = "problem";

    /// <summary>What to do about it; every warning and problem has one.</summary>
    public string? Cure { get; init; }

    /// <summary>What the run ends with if this is its first problem.</summary>
    public int? ExitCode { get; init; }

    public static FindingResult Ok(string check, string message) => new(check, "ok", message);

    public static FindingResult Skipped(string check, string message) => new(check, "skipped", message);

    public static FindingResult Warning(string check, string message, string cure) => new(check, "warning", message) { Cure = cure };

    public static FindingResult Bad(string check, Running.ExitCode exitCode, string message, string cure) =>
        new(check, Problem, message) { Cure = cure, ExitCode = (int)exitCode };

    public override string? Line(TextStyle style) =>
        $"{State,-8} {Check,-11} {TextStyle.Shown(Message)}" + (Cure is null ? "" : $"\n{"",-8} {"",-11} cure: {TextStyle.Shown(Cure)}");

    public override void Write(Utf8JsonWriter writer) => JsonSerializer.Serialize(writer, this, HabitJson.Default.FindingResult);
}
