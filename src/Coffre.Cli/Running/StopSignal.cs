using System.Runtime.InteropServices;

namespace Coffre.Cli.Running;

/// <summary>The first signal asks everything to stop; the second does not ask.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private int _exitCode;

    public CancellationToken Token => _source.Token;

    /// <summary>128 + the number of the signal that came first.</summary>
    public ExitCode ExitCode => _exitCode == 0 ? ExitCode.Interrupted : (ExitCode)_exitCode;

    public void Receive(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
        {
            Environment.Exit(exitCode);
        }

        _source.Cancel();
    }

    public void Dispose() => _source.Dispose();
}
