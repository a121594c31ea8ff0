namespace Coffre.Cli.Running;

/// <summary>The command cannot go on, for a reason that lies on this side.</summary>
internal sealed class CliException(ExitCode exitCode, string code, string message, string? advice = null) : Exception(message)
{
    public ExitCode ExitCode { get; } = exitCode;

    /// <summary>Stable name in snake case.</summary>
    public string Code { get; } = code;

    public string? Advice { get; } = advice;

    public static CliException Usage(string message, string? advice = null) => new(ExitCode.Usage, "usage", message, advice);

    public static CliException NotFound(string message, string advice = "check the path (coffre ls)") => new(ExitCode.NotFound, "not_found", message, advice);

    public static CliException Conflict(string message, string? advice = null) => new(ExitCode.Conflict, "conflict", message, advice);
}
