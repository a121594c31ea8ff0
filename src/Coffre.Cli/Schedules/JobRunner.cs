using System.Security.Cryptography;
using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>Runs a job once, if no other run is at it; writes down what became of it, and tells those who want to know.</summary>
internal sealed class JobRunner(Run run, ScheduleBook book)
{
    private const int MostError = 500;

    /// <summary>Runs a job that is due, or what its rule for missed runs puts in the place of that.</summary>
    /// <returns>Null: nothing is due, or somebody else has dealt with it.</returns>
    public async Task<RunRecord?> RunDueAsync(ScheduledJob job, CancellationToken cancellationToken)
    {
        var now = run.World.Time.GetUtcNow();
        var (last, count) = Scheduler.Open(job, book.HistoryOf(job).List(), now);
        if (last is not { } due || !job.Enabled)
        {
            return null;
        }

        var isFlagged = job.Missed is "flag";
        if (now - due > Recurrence.Grace && job.Missed is not "catch-up")
        {
            return await NoteAsync(job, due, count, isFlagged ? RunRecord.Missed : RunRecord.Passed);
        }

        if (count > 1 && isFlagged)
        {
            await NoteAsync(job, due, count - 1, RunRecord.Missed);
        }

        return await RunAsync(job, due, job.Missed is "catch-up" ? Math.Max(0, count - 1) : 0, cancellationToken);
    }

    /// <param name="job">The job.</param>
    /// <param name="due">When it was due; null: somebody wants it now.</param>
    /// <param name="missed">Due times before that one which passed without a run.</param>
    /// <param name="cancellationToken">Stops the command, which saves what it has done.</param>
    /// <returns>Null: somebody else has dealt with that due time.</returns>
    public async Task<RunRecord?> RunAsync(ScheduledJob job, DateTimeOffset? due, int missed, CancellationToken cancellationToken)
    {
        var history = book.HistoryOf(job);
        var isLate = missed > 0 || run.World.Time.GetUtcNow() - due > Recurrence.Grace;
        var record = NewRecord(job, due) with { Trigger = due is null ? "manual" : isLate ? "catch-up" : "schedule", MissedRuns = missed };
        using var held = await history.TryHoldAsync();
        if (due is not null && history.List().Any(earlier => earlier.Due == due))
        {
            // The timer of systemd and the scheduler may both be at work.
            return null;
        }

        if (held is null)
        {
            record = record with { Outcome = RunRecord.Skipped, Ended = record.Started, Error = "another run of this job was under way" };
            history.Put(record);
            return await TellAsync(job, history, record);
        }

        history.Put(record);
        var notifier = new Notifier(run, job);
        List<string> troubles = [.. await notifier.StartAsync(record)];
        var errors = new ErrorTail();
        var exitCode = await StartAsync(job, errors, cancellationToken);
        var ended = run.World.Time.GetUtcNow();
        record = record with
        {
            Outcome = cancellationToken.IsCancellationRequested ? RunRecord.Interrupted : exitCode == 0 ? RunRecord.Succeeded : RunRecord.Failed,
            Ended = ended,
            DurationSeconds = Math.Round((ended - record.Started).TotalSeconds, 3),
            ExitCode = exitCode,
            Error = exitCode == 0 ? null : errors.Last is { } text ? text[..Math.Min(text.Length, MostError)] : $"it ended with exit code {exitCode}",
        };
        history.Put(record);
        return await TellAsync(job, history, record, troubles);
    }

    /// <summary>Writes down due times that nobody ran.</summary>
    private async Task<RunRecord> NoteAsync(ScheduledJob job, DateTimeOffset due, int missed, string outcome)
    {
        var record = NewRecord(job, due) with { Outcome = outcome, MissedRuns = missed, Ended = run.World.Time.GetUtcNow(), Error = outcome is RunRecord.Missed ? "nobody ran it in time: the machine or the scheduler was off" : null };
        var history = book.HistoryOf(job);
        history.Put(record);
        return outcome is RunRecord.Missed ? await TellAsync(job, history, record) : record;
    }

    private async Task<int> StartAsync(ScheduledJob job, ErrorTail errors, CancellationToken cancellationToken)
    {
        try
        {
            run.World.EnterFolder(job.Folder);
            var command = new CommandRun(job.Words, job.Environment, line => run.PassOn(line, isError: false), line =>
            {
                errors.Add(run.CleanMessage(line));
                run.PassOn(line, isError: true);
            });
            return await (run.World.StartCommand?.Invoke(command, cancellationToken) ?? command.RunAsync(run.World, cancellationToken));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add($"coffre: {exception.Message}");
            return (int)ExitCode.Failure;
        }
    }

    private RunRecord NewRecord(ScheduledJob job, DateTimeOffset? due)
    {
        var now = run.World.Time.GetUtcNow();
        return new RunRecord
        {
            Id = $"{now:yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}",
            Job = job.Name,
            Trigger = "schedule",
            Outcome = RunRecord.Running,
            Due = due,
            Started = now,
        };
    }

    /// <summary>Notices fail softly: what could not be told is written down, and changes nothing else.</summary>
    private async Task<RunRecord> TellAsync(ScheduledJob job, RunHistory history, RunRecord record, List<string>? earlier = null)
    {
        List<string> troubles = [.. earlier ?? [], .. await new Notifier(run, job).EndAsync(record)];
        if (troubles.Count == 0)
        {
            return record;
        }

        troubles.ForEach(trouble => run.Report.Warn($"job {job.Name}: {trouble}"));
        record = record with { NoticeTroubles = troubles };
        history.Put(record);
        return record;
    }

    /// <summary>The last complaint of a command. Its lines are free of secrets already.</summary>
    private sealed class ErrorTail
    {
        private const string Mark = "coffre: ";
        private readonly Lock _gate = new();
        private string? _any;
        private string? _said;

        public string? Last => _said ?? _any;

        public void Add(string line)
        {
            lock (_gate)
            {
                _any = line.Length > 0 ? line : _any;
                _said = line.StartsWith(Mark, StringComparison.Ordinal) && !line.EndsWith("goes on with it.", StringComparison.Ordinal) ? line[Mark.Length..] : _said;
            }
        }
    }
}
