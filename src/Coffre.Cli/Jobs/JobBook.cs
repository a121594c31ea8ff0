using System.Security.Cryptography;
using System.Text.Json;
using Coffre.Cli.Running;

namespace Coffre.Cli.Jobs;

/// <summary>The jobs on this machine: one file each, and a lock file that its run holds as long as it lives.</summary>
internal sealed class JobBook(string? stateFolder, TimeProvider time)
{
    private const int MostFinished = 100;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly string? _folder = stateFolder is null ? null : Path.Combine(stateFolder, "jobs");

    /// <summary>Begins a job, or goes on with one; null where there is no place to keep it.</summary>
    /// <exception cref="CliException">Another run is at it.</exception>
    public JobRun? Begin(IReadOnlyList<string> words, string? resumed)
    {
        if (_folder is null)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var job = resumed is not null && Find(resumed) is { } earlier
            ? earlier with { State = Job.Running, Runs = earlier.Runs + 1, ExitCode = null, Failures = [] }
            : new Job { Id = $"{now:yyyyMMdd-HHmmss}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}", Words = words, Started = now, State = Job.Running };
        try
        {
            OwnFile.MakeFolder(_folder);
            Prune(now);
            return new JobRun(this, job, TryLock(job.Id) ?? throw new CliException(ExitCode.Conflict, "busy", $"Another run is at job {job.Id}.", "wait for its end"), time);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A job that cannot be kept can still be done.
            return null;
        }
    }

    /// <summary>All jobs, the newest last. What no living run is at is not running, whatever its file says.</summary>
    public IReadOnlyList<Job> List() => _folder is null || !Directory.Exists(_folder)
        ? []
        : [.. Directory.EnumerateFiles(_folder, "*.json").Select(Read).OfType<Job>().OrderBy(job => job.Started).ThenBy(job => job.Id, StringComparer.Ordinal)];

    /// <summary>The job of that id, or the one whose id begins so; null if there is none.</summary>
    /// <exception cref="CliException">More than one begins so.</exception>
    public Job? Find(string id)
    {
        var found = List().Where(job => job.Id.StartsWith(id, StringComparison.Ordinal)).ToArray();
        return found.Length <= 1 || Array.Find(found, job => job.Id == id) is not null
            ? Array.Find(found, job => job.Id == id) ?? (found is [var only] ? only : null)
            : throw CliException.Usage($"More than one job begins with '{id}'.", "write more of its id");
    }

    public void Write(Job job)
    {
        var updated = job with { Updated = time.GetUtcNow() };
        OwnFile.Write(PathOf(job.Id, ".json"), file => JsonSerializer.Serialize(file, updated, JobJson.Default.Job));
    }

    public void Remove(Job job)
    {
        File.Delete(PathOf(job.Id, ".json"));
        File.Delete(PathOf(job.Id, ".lock"));
    }

    private Job? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (JsonSerializer.Deserialize(file, JobJson.Default.Job) is not { } job)
            {
                return null;
            }

            if (job.State is not Job.Running)
            {
                return job;
            }

            using var held = TryLock(job.Id);
            return held is null ? job : job with { State = Job.Interrupted };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private FileStream? TryLock(string id) => OwnFile.TryLock(PathOf(id, ".lock"));

    private void Prune(DateTimeOffset now)
    {
        var finished = List().Where(job => job.State is Job.Done).ToArray();
        foreach (var job in finished.Where((job, index) => job.Updated < now - Kept || index < finished.Length - MostFinished))
        {
            Remove(job);
        }
    }

    private string PathOf(string id, string ending) => Path.Combine(_folder!, id + ending);
}
