using System.Net;
using System.Text;
using Coffre.Cli.Health;
using Coffre.Cli.Keyrings;
using Coffre.Cli.Schedules;
using Coffre.Cli.Syncing;
using Coffre.Client;

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

    /// <summary>Size of the terminal behind standard error, asked anew each time: people resize it.</summary>
    public Func<(int Columns, int Rows)> TerminalSize { get; init; } = () => (80, 24);

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

    /// <summary>What every client shall have otherwise than usual.</summary>
    public Func<CoffreClientOptions, CoffreClientOptions> ShapeClient { get; init; } = options => options;

    /// <summary>Addresses of a name.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Tries a TLS handshake.</summary>
    public Func<Uri, CancellationToken, Task<TlsFacts>> Shake { get; init; } = TlsHandshake.TryAsync;

    /// <summary>The proxy on the way to an address; null if there is none.</summary>
    public Func<Uri, Uri?> FindProxy { get; init; } = url => HttpClient.DefaultProxy.IsBypassed(url) ? null : HttpClient.DefaultProxy.GetProxy(url) is { } proxy && proxy != url ? proxy : null;

    /// <summary>How this program is called.</summary>
    public IReadOnlyList<string> Program { get; init; } = ChildProcess.Program;

    /// <summary>Runs the command of a job; null: in this process.</summary>
    public Func<CommandRun, CancellationToken, Task<int>>? StartCommand { get; init; }

    /// <summary>Starts this program anew, with other words.</summary>
    public Func<IReadOnlyList<string>, Action<string, bool>, CancellationToken, Task<int>> StartProcess { get; init; } = ChildProcess.RunAsync;

    /// <summary>Goes to the folder that relative paths start from.</summary>
    public Action<string> EnterFolder { get; init; } = Directory.SetCurrentDirectory;

    /// <summary>Hands a mail to its server.</summary>
    public Func<Mail, CancellationToken, Task> SendMail { get; init; } = Mail.SendAsync;

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
            TerminalSize = Running.TerminalSize.Read,
            Variable = Environment.GetEnvironmentVariable,
            ReadSecret = SecretPrompt.Read,
            ReadLine = Console.ReadLine,
            Keyring = SystemKeyring.Open(),
            StopCode = () => stop.ExitCode,
        };
    }
}
