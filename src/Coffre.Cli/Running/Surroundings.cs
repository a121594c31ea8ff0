using System.Text;
using Coffre.Cli.Keyrings;
using Coffre.Cli.Syncing;

namespace Coffre.Cli.Running;

/// <summary>What the command sees of the world: streams, terminal, environment, clock. Tests put their own here.</summary>
internal sealed record Surroundings
{
    /// <summary>Results as text.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Results as bytes (<c>cat</c>).</summary>
    public required Stream OutBytes { get; init; }

    /// <summary>Everything that is not a result.</summary>
    public required TextWriter Error { get; init; }

    public required Func<Stream> OpenInput { get; init; }

    public required bool IsInputTerminal { get; init; }

    public required bool IsErrorTerminal { get; init; }

    /// <summary>A variable of the environment; null if it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Reads a line from the terminal without showing it; null at the end of input.</summary>
    public required Func<string?> ReadSecret { get; init; }

    /// <summary>Reads a line from the terminal; null at the end of input.</summary>
    public required Func<string?> ReadLine { get; init; }

    /// <summary>Where keys are kept.</summary>
    public required IKeyring Keyring { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Exit code of a run that a signal ended.</summary>
    public Func<ExitCode> StopCode { get; init; } = () => ExitCode.Interrupted;

    /// <summary>The job that this run goes on with; null: it begins one, if it moves files.</summary>
    public string? ResumedJob { get; init; }

    /// <summary>The plan that a sync must come to, to be done; null: any.</summary>
    public PlanFile? ExpectedPlan { get; init; }

    public HttpMessageHandler? Handler { get; init; }

    public static Surroundings OfProcess(StopSignal stop)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = Console.OpenStandardOutput();
        return new Surroundings
        {
            Out = new StreamWriter(output, utf8, bufferSize: 16 * 1024),
            OutBytes = PipeOutput.Open() ?? output,
            Error = new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            OpenInput = Console.OpenStandardInput,
            IsInputTerminal = !Console.IsInputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
            Variable = Environment.GetEnvironmentVariable,
            ReadSecret = SecretPrompt.Read,
            ReadLine = Console.ReadLine,
            Keyring = SystemKeyring.Open(),
            StopCode = () => stop.ExitCode,
        };
    }
}
