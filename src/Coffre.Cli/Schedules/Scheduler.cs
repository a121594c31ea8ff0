using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>Starts jobs when they are due, where no other service of the system does. One of them runs at a time.</summary>
internal sealed class Scheduler(Run run, ScheduleBook book)
{
    // Definitions may change at any time, and machines sleep without telling: nothing is planned further ahead.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(20);

    private readonly List<Task> _under = [];
    private readonly Dictionary<string, DateTimeOffset> _begun = new(StringComparer.Ordinal);
    private int _failed;

    /// <summary>Runs until it is stopped; then the jobs that are under way are stopped too, and waited for.</summary>
    /// <param name="isOnce">Whether to end after one look.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many runs failed or could not start.</returns>
    public async Task<int> RunAsync(bool isOnce, CancellationToken cancellationToken)
    {
        OwnFile.MakeFolder(book.StateFolder);
        using var alone = OwnFile.TryLock(Path.Combine(book.StateFolder, ".scheduler.lock")) ?? throw new CliException(ExitCode.Busy, "busy", "Another scheduler runs on this machine for this user.", "stop it first, or leave it to that one");
        try
        {
            Tick(cancellationToken);
            while (!isOnce)
            {
                await Task.Delay(Sleep(), run.World.Time, cancellationToken);
                Tick(cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(_under);
        }

        return _failed;
    }

    /// <summary>Starts what is due now.</summary>
    private void Tick(CancellationToken cancellationToken)
    {
        foreach (var job in book.List().Where(job => job.Enabled))
        {
            Start(job, cancellationToken);
        }
    }

    /// <summary>The due times of a job that nobody has dealt with: the last, and how many there are.</summary>
    public static (DateTimeOffset? Last, int Count) Open(ScheduledJob job, IReadOnlyList<RunRecord> records, DateTimeOffset now) =>
        job.Recurrence.Between(DealtWith(job, records), now);

    /// <summary>Up to which moment all due times were dealt with.</summary>
    public static DateTimeOffset DealtWith(ScheduledJob job, IReadOnlyList<RunRecord> records) =>
        records.Max(record => record.Due) is { } due && due > job.Since ? due : job.Since;

    private void Start(ScheduledJob job, CancellationToken cancellationToken)
    {
        DateTimeOffset? last;
        try
        {
            last = Open(job, book.HistoryOf(job).List(), run.World.Time.GetUtcNow()).Last;
        }
        catch (Exception trouble) when (ScheduleBook.IsTroubleOfOne(trouble))
        {
            // The others shall run.
            Fail(job, trouble);
            return;
        }

        // What was just started may not have written its record yet.
        if (last is not { } due || (_begun.TryGetValue(job.Name, out var begun) && due <= begun))
        {
            return;
        }

        _begun[job.Name] = due;
        _under.RemoveAll(earlier => earlier.IsCompleted);
        _under.Add(RunOneAsync(job, due, cancellationToken));
    }

    private async Task RunOneAsync(ScheduledJob job, DateTimeOffset due, CancellationToken cancellationToken)
    {
        try
        {
            run.Report.Note($"job {job.Name} is due");
            var exitCode = await run.World.StartProcess(["job", "run", job.Name, "--scheduled"], run.PassOn, cancellationToken);
            var record = book.HistoryOf(job).List().LastOrDefault(record => record.Due == due);
            if (record is not null)
            {
                run.Report.Add(new HistoryResult(record));
            }

            // A run that another one kept from starting is no failure.
            if (exitCode != 0 && record?.Outcome is not RunRecord.Skipped)
            {
                Interlocked.Increment(ref _failed);
            }
        }
        catch (Exception trouble) when (ScheduleBook.IsTroubleOfOne(trouble) || trouble is System.ComponentModel.Win32Exception)
        {
            Fail(job, trouble);
        }
    }

    private void Fail(ScheduledJob job, Exception trouble)
    {
        Interlocked.Increment(ref _failed);
        run.Report.Warn($"job {job.Name}: {trouble.Message}");
    }

    private TimeSpan Sleep()
    {
        var now = run.World.Time.GetUtcNow();
        var next = book.List().Where(job => job.Enabled).Select(job => Next(job, now)).Min();
        return next - now is { } left && left < LongestSleep ? left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1) : LongestSleep;
    }

    private static DateTimeOffset? Next(ScheduledJob job, DateTimeOffset now)
    {
        try
        {
            return job.Recurrence.NextAfter(now);
        }
        catch (Exception trouble) when (ScheduleBook.IsTroubleOfOne(trouble))
        {
            return null;
        }
    }
}
