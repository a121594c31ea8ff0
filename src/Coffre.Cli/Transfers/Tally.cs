using System.Globalization;
using Coffre.Cli.Jobs;
using Coffre.Cli.Output;
using Coffre.Cli.Running;
using Coffre.Client;

namespace Coffre.Cli.Transfers;

/// <summary>Counts how the items of a run ended, and stops it where going on is pointless.</summary>
internal sealed class Tally(Run run, JobRun? job = null) : IDisposable
{
    // A service that so many items in a row could not reach is gone; the next run goes on where this one stopped.
    private const int MostUnreachableInARow = 5;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _hopeless = new();
    private int _moved;
    private int _skipped;
    private int _failed;
    private long _bytes;
    private ErrorReport? _first;
    private ErrorReport? _stopper;
    private int _unreachableInARow;

    /// <summary>Cancelled when one failure says that all others would fail too.</summary>
    public CancellationToken Hopeless => _hopeless.Token;

    public void Moved(long bytes)
    {
        job?.Moved(bytes);
        lock (_gate)
        {
            _moved++;
            _unreachableInARow = 0;
            _bytes += bytes;
        }
    }

    public void Skipped()
    {
        job?.Skipped();
        lock (_gate)
        {
            _skipped++;
        }
    }

    public ErrorReport Failed(string item, Exception exception)
    {
        var described = run.Report.ItemFailed(item, exception);
        job?.Failed(item, described);
        var error = (exception as CoffreException)?.Error;
        lock (_gate)
        {
            _failed++;
            _first ??= described;
            _unreachableInARow = error is CoffreError.Network or CoffreError.Timeout or CoffreError.Unavailable ? _unreachableInARow + 1 : 0;
            if ((error is { } known && ExitCodes.StopsRun(known)) || _unreachableInARow >= MostUnreachableInARow)
            {
                _stopper ??= described;
            }
        }

        if (_stopper is not null)
        {
            _hopeless.Cancel();
        }

        return described;
    }

    /// <summary>The summary on standard error, and the exit code: the failure's own if it stood alone, else "partial".</summary>
    public ExitCode Finish(string verb)
    {
        var exitCode = Conclude(verb);
        job?.End(exitCode);
        if (job is not null && exitCode != ExitCode.Success)
        {
            run.Report.Note($"coffre job resume {job.Id} goes on with it.");
        }

        return exitCode;
    }

    private ExitCode Conclude(string verb)
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

        if ((_stopper ?? (_moved == 0 && _skipped == 0 && _failed == 1 ? _first : null)) is { } decisive)
        {
            run.Report.SetError(decisive);
            return (ExitCode)decisive.ExitCode;
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
