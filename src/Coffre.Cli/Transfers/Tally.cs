using System.Globalization;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Counts how the items of a run ended, and stops it where going on is pointless.</summary>
internal sealed class Tally(Run run) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _hopeless = new();
    private int _moved;
    private int _skipped;
    private int _failed;
    private long _bytes;
    private ErrorReport? _first;

    /// <summary>Cancelled when one failure says that all others would fail too.</summary>
    public CancellationToken Hopeless => _hopeless.Token;

    public void Moved(long bytes)
    {
        lock (_gate)
        {
            _moved++;
            _bytes += bytes;
        }
    }

    public void Skipped()
    {
        lock (_gate)
        {
            _skipped++;
        }
    }

    public ErrorReport Failed(string item, Exception exception)
    {
        var described = run.Report.ItemFailed(item, exception);
        lock (_gate)
        {
            _failed++;
            _first ??= described;
        }

        if (exception is CoffreException trouble && ExitCodes.StopsRun(trouble.Error))
        {
            _hopeless.Cancel();
        }

        return described;
    }

    /// <summary>The summary on standard error, and the exit code: the failure's own if it stood alone, else "partial".</summary>
    public ExitCode Finish(string verb)
    {
        if (_moved + _skipped + _failed != 1 || run.IsVerbose)
        {
            run.Report.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{_moved} files {verb} ({TextStyle.Human(_bytes)}), {_skipped} were there already, {_failed} failed."));
        }

        if (_first is null)
        {
            return ExitCode.Success;
        }

        if (_hopeless.IsCancellationRequested || (_moved == 0 && _skipped == 0 && _failed == 1))
        {
            run.Report.SetError(_first);
            return (ExitCode)_first.ExitCode;
        }

        run.Report.SetError(new ErrorReport(
            "partial",
            string.Create(CultureInfo.InvariantCulture, $"{_failed} of {_moved + _skipped + _failed} items failed."),
            "run the same command again: what is done is skipped",
            (int)ExitCode.Partial));
        return ExitCode.Partial;
    }

    public void Dispose() => _hopeless.Dispose();
}
