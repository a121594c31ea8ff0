using Coffre.Cli.Output;
using Coffre.Cli.Running;

namespace Coffre.Cli.Jobs;

/// <summary>A job under way: its counts go to disk now and then, its end when it ends.</summary>
internal sealed class JobRun : IDisposable
{
    private const int MostFailures = 200;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly JobBook _book;
    private readonly FileStream _held;
    private readonly List<JobFailure> _failures = [];
    private readonly TimeProvider _time;
    private Job _job;
    private long _written;
    private bool _isEnded;

    public JobRun(JobBook book, Job job, FileStream held, TimeProvider time)
    {
        (_book, _job, _held, _time) = (book, job with { MovedFiles = 0, SkippedFiles = 0, FailedFiles = 0, Bytes = 0 }, held, time);
        _book.Write(_job);
        _written = time.GetTimestamp();
    }

    public string Id => _job.Id;

    public void Moved(long bytes) => Change(job => job with { MovedFiles = job.MovedFiles + 1, Bytes = job.Bytes + bytes });

    public void Skipped() => Change(job => job with { SkippedFiles = job.SkippedFiles + 1 });

    public void Failed(string item, ErrorReport error) => Change(job =>
    {
        if (_failures.Count < MostFailures)
        {
            _failures.Add(new JobFailure(item, error.Code, error.Message));
        }

        return job with { FailedFiles = job.FailedFiles + 1, Failures = [.. _failures] };
    });

    public void End(ExitCode exitCode)
    {
        lock (_gate)
        {
            _isEnded = true;
            _job = _job with { State = exitCode == ExitCode.Success ? Job.Done : Job.Failed, ExitCode = (int)exitCode };
        }
    }

    /// <summary>Without an <see cref="End"/> before, it was interrupted.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _job = _isEnded ? _job : _job with { State = Job.Interrupted };
            try
            {
                _book.Write(_job);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The next look finds it interrupted.
            }

            _held.Dispose();
        }
    }

    private void Change(Func<Job, Job> change)
    {
        lock (_gate)
        {
            _job = change(_job);
            if (_time.GetElapsedTime(_written) < Interval)
            {
                return;
            }

            _written = _time.GetTimestamp();
            try
            {
                _book.Write(_job);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A full disk must not end a run that needs none of it.
            }
        }
    }
}
