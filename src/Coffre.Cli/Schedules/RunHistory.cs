using System.Text;
using System.Text.Json;
using Coffre.Cli.Running;

namespace Coffre.Cli.Schedules;

/// <summary>What became of the runs of one job: a line each, the oldest first.</summary>
/// <remarks>The open file <c>.lock</c> says that a run is under way; the system lets go of it when that run dies, however that happens.</remarks>
internal sealed class RunHistory(string folder, string name, TimeProvider time)
{
    private const int Most = 300;
    private const int LockTries = 20;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(5);

    private string LockPath => Path.Combine(folder, name + ".lock");

    private string FilePath => Path.Combine(folder, name + ".jsonl");

    /// <summary>Holds the job for one run; null if another run has it.</summary>
    public async Task<FileStream?> TryHoldAsync()
    {
        for (var left = LockTries; left > 1; left--)
        {
            if (TryLock() is { } file)
            {
                return file;
            }

            // Somebody who only looks has it for a moment: of real time, whatever the clock of this run says.
            await Task.Delay(LongestLook, TimeProvider.System);
        }

        return TryLock();
    }

    /// <summary>All records, the oldest first. What no living run is at is not running, whatever its record says.</summary>
    public IReadOnlyList<RunRecord> List()
    {
        var records = File.Exists(FilePath) ? Change(found => found, isWritten: false) : [];
        if (records.Count == 0 || !records.Any(record => record.Outcome is RunRecord.Running))
        {
            return records;
        }

        using var held = TryLock();
        if (held is not null)
        {
            // Written down, so that later looks need no lock.
            return Change(found => [.. found.Select(Ended)], isWritten: true);
        }

        var last = records.Last(record => record.Outcome is RunRecord.Running);
        return [.. records.Select(record => ReferenceEquals(record, last) ? record : Ended(record))];
    }

    /// <summary>Adds a record, or puts it in the place of the one with its id.</summary>
    public void Put(RunRecord record) => Change(found =>
    {
        var at = found.FindIndex(earlier => earlier.Id == record.Id);
        if (at < 0)
        {
            found.Add(record);
        }
        else
        {
            found[at] = record;
        }

        return found.Count > Most ? found[^Most..] : found;
    }, isWritten: true);

    public void Remove()
    {
        File.Delete(FilePath);
        File.Delete(LockPath);
    }

    /// <summary>Whether no run is at the job.</summary>
    public bool IsFree
    {
        get
        {
            using var held = TryLock();
            return held is not null;
        }
    }

    private static RunRecord Ended(RunRecord record) => record.Outcome is RunRecord.Running ? record with { Outcome = RunRecord.Interrupted } : record;

    private FileStream? TryLock() => OwnFile.TryLock(LockPath);

    private List<RunRecord> Change(Func<List<RunRecord>, List<RunRecord>> change, bool isWritten)
    {
        using var file = OpenAlone();
        List<RunRecord> records = [];
        using (var reader = new StreamReader(file, Encoding.UTF8, leaveOpen: true))
        {
            while (reader.ReadLine() is { } line)
            {
                if (Read(line) is { } record)
                {
                    records.Add(record);
                }
            }
        }

        records = change(records);
        if (isWritten)
        {
            var text = Encoding.UTF8.GetBytes(string.Concat(records.Select(record => JsonSerializer.Serialize(record, ScheduleJson.Default.RunRecord) + "\n")));
            file.Position = 0;
            file.Write(text);
            file.SetLength(text.Length);
        }

        return records;
    }

    private static RunRecord? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ScheduleJson.Default.RunRecord);
        }
        catch (JsonException)
        {
            // The rest of a write that a kill cut short.
            return null;
        }
    }

    private FileStream OpenAlone()
    {
        var started = time.GetTimestamp();
        while (time.GetElapsedTime(started) < LongestWait)
        {
            if (OwnFile.TryLock(FilePath) is { } file)
            {
                return file;
            }

            // Another process has it, for the time of one write.
            Thread.Yield();
        }

        throw new IOException($"{FilePath} is held by another process.");
    }
}
